"""What is mended without other bonds or VLANs: modes, sizes, management, addresses, plugs, settings, VIFs."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from pools.diagnosis.mismatch import Kind, Mismatch
from pools.diagnosis.nics import NUMBERED
from pools.repair.aim import Aim
from pools.repair.state import bond_key, nic_key, with_defaults
from pools.snapshots.data import NO_MODE, Interface


def aim_at_rest(aim: Aim) -> None:
    """One problem after the other; what a changed bond has mended already is as it should be."""
    for problem in aim.problems:
        if problem.kind in MENDING:
            MENDING[problem.kind](aim, problem)


def subject(aim: Aim, problem: Mismatch) -> Interface | None:
    """The interface that a problem is about, as it is to be; none when a changed bond took it away."""
    return next((each for each in aim.state.interfaces if each.uuid and each.uuid == problem.subject), None)


def mode(aim: Aim, problem: Mismatch) -> None:
    ours, key = aim.view.ours.bonds.get(aim.ref(problem)), bond_key(problem.network)
    if ours:
        given = {"mode": ours.bond.mode, "properties": with_defaults(ours.bond.mode, ours.bond.properties)}
        aim.state.bonds = [replace(each, **given) if each.key == key else each for each in aim.state.bonds]  # type: ignore[arg-type]


def size(aim: Aim, problem: Mismatch) -> None:
    """The network's is the pool's; an interface that has its own loses it."""
    here = subject(aim, problem)
    if here:
        settings = {key: value for key, value in here.settings.items() if key != "mtu"}
        aim.state.set(here.key, settings=settings, mtu=aim.state.start.network(here.network).mtu)


def management(aim: Aim, problem: Mismatch) -> None:
    """Onto the coordinator's network; an address that the interface there has already is used."""
    there, here = aim.on(problem.network), next((each for each in aim.state.interfaces if each.management), None)
    if there is None or here is None or there.key == here.key:
        return
    address = there.address if there.address.mode != NO_MODE else here.address
    aim.clear(here.key)
    aim.state.set(there.key, address=address, management=True)


def address(aim: Aim, _problem: Mismatch) -> None:
    """The live address is in the host's own record; what goes with it is the coordinator's."""
    here, ours = next((each for each in aim.state.interfaces if each.management), None), aim.ours.management
    if here and ours and here.address.mode == NO_MODE and aim.now.place.address:
        given = replace(ours.address, ip=aim.now.place.address, primary=here.address.primary)
        aim.state.set(here.key, address=replace(given, mode="DHCP", ip="") if ours.address.mode == "DHCP" else given)


def plugged(aim: Aim, problem: Mismatch) -> None:
    """With its members down: they are the bond's."""
    bond = next((each for each in aim.state.bonds if each.network == problem.network), None)
    if bond:
        aim.state.set(bond.key, attached=True)
        for mac in bond.members:
            aim.state.set(nic_key(mac), attached=False)


def member(aim: Aim, problem: Mismatch) -> None:
    """Management goes up to the bond; an address too, if the bond has none."""
    here, bond = subject(aim, problem), bond_key(problem.network)
    if here is None or not aim.state.holder(here.key):
        return
    over = aim.state.interface(bond)
    if over.address.mode == NO_MODE:
        aim.state.set(bond, address=here.address)
    if here.management:
        aim.state.set(bond, management=True)
    aim.clear(here.key)
    plugged(aim, problem)


def position(aim: Aim, problem: Mismatch) -> None:
    """A NIC named ethN belongs on the network of the bridge xenbrN, where no other of its server is."""
    here = subject(aim, problem)
    number = NUMBERED.fullmatch(here.device) if here else None
    networks = [each for each in aim.view.pool.networks.values() if number and each.bridge == f"xenbr{number.group(1)}"]
    if here and len(networks) == 1 and not aim.state.on(networks[0].uuid):
        aim.state.set(here.key, network=networks[0].uuid, position=int(number.group(1)) if number else -1)


def settings(aim: Aim, problem: Mismatch) -> None:
    """As the coordinator's interface has them; a static IPv6 address is each server's own."""
    here = aim.on(problem.network)
    twin = aim.twin(here) if here else None
    if here is None or twin is None:
        return
    missing = {key: value for key, value in twin.settings.items() if key not in here.settings and key != "mtu"}
    leased = here.address.ipv6_mode == NO_MODE and twin.address.ipv6_mode in {"DHCP", "Autoconf"}
    six = {"ipv6_mode": twin.address.ipv6_mode} if leased else {}
    aim.state.set(
        here.key,
        settings={**here.settings, **missing},
        disallow_unplug=here.disallow_unplug or twin.disallow_unplug,
        address=replace(here.address, **six),  # type: ignore[arg-type]
    )


def vif(aim: Aim, problem: Mismatch) -> None:
    """To the bond that has the NIC: on its own server, or on the coordinator."""
    for side in (aim.view.theirs, aim.view.ours):
        bonded = next(
            (side.holder[pif.ref] for pif in side.on.get(aim.ref(problem), ()) if pif.ref in side.holder), None
        )
        if bonded:
            moved = {problem.subject: aim.uuid(bonded.pif.network)}
            aim.state.start = replace(aim.state.start, vifs={**aim.state.start.vifs, **moved})
            return


MENDING: Final[Mapping[Kind, Callable[[Aim, Mismatch], None]]] = {
    Kind.BOND_MODE: mode,
    Kind.MTU: size,
    Kind.MANAGEMENT_ELSEWHERE: management,
    Kind.MANAGEMENT_ADDRESS: address,
    Kind.NOT_PLUGGED: plugged,
    Kind.MEMBER_IN_USE: member,
    Kind.POSITION: position,
    Kind.SETTINGS_LOST: settings,
    Kind.VIF_ON_MEMBER: vif,
}
