"""The bonds that a member should have, and where the addresses of changed interfaces belong then."""

from dataclasses import replace

from pools.diagnosis.mismatch import Kind
from pools.diagnosis.restart import leading_first
from pools.repair.aim import Aim, carries
from pools.repair.state import bond_key, nic_key, with_defaults
from pools.snapshots.data import Address, Bond, Interface
from pools.snapshots.data import Kind as What

OURS_TO_MAKE = (
    Kind.BOND_MISSING,
    Kind.BOND_PARTIAL,
    Kind.BOND_NIC_TAKEN,
    Kind.BONDS_CROSSED,
    Kind.BOND_PRIMARY,
)


def aim_at_bonds(aim: Aim) -> None:
    """Take out the wrong ones, put in the right ones, and resettle every address that lay on either."""
    make, drop = concerned(aim)
    if not make and not drop:
        return
    gone = {bond_key(aim.uuid(ref)) for ref in make | drop}
    bonded = {nic_key(pif.MAC) for ref in make for pif in aim.view.wanted[ref]}
    freed = {nic_key(mac) for bond in aim.now.bonds if bond.key in gone for mac in bond.members}
    before = [each for each in aim.now.interfaces if each.key in gone | bonded]
    for key in sorted(gone | bonded):
        aim.clear(key)
    remove(aim, gone)
    for key in sorted(freed - bonded):
        aim.state.set(key, attached=True)
    for ref in sorted(make, key=aim.uuid):
        make_bond(aim, ref)
    aim.moved |= gone
    for each in before:
        if carries(each):
            aim.resettle(each)


def concerned(aim: Aim) -> tuple[set[str], set[str]]:
    """References of the networks whose bonds are made as the coordinator has them, and of those whose bonds go."""
    view = aim.view
    make = {aim.ref(each) for each in aim.of_kind(*OURS_TO_MAKE)}
    drop = {aim.ref(each) for each in aim.of_kind(Kind.BOND_ELSEWHERE, Kind.BOND_EXTRA)}
    for ref in drop & view.theirs.bonds.keys():
        make |= {network for network in view.ours.bonds if view.wants(network) & view.theirs.bonds[ref].refs}
    todo = list(make)
    while todo:
        for nic in view.wants(todo.pop()):
            holder = view.theirs.holder.get(nic)
            if holder is None or holder.pif.network in make | drop:
                continue
            if holder.pif.network in view.ours.bonds:
                make.add(holder.pif.network)
                todo.append(holder.pif.network)
            else:
                drop.add(holder.pif.network)
    return {ref for ref in make if view.wanted.get(ref)}, drop


def remove(aim: Aim, keys: set[str]) -> None:
    aim.state.bonds = [each for each in aim.state.bonds if each.key not in keys]
    aim.state.interfaces = [each for each in aim.state.interfaces if each.key not in keys]


def make_bond(aim: Aim, ref: str) -> None:
    """Of the NICs at the coordinator's places, with its mode; what is set on the interface stays with the network."""
    view, network, key = aim.view, aim.uuid(ref), bond_key(aim.uuid(ref))
    ours = view.ours.bonds[ref]
    nics = [aim.state.interface(nic_key(pif.MAC)) for pif in leading_first(view, ours, view.wanted[ref])]
    was = aim.now.interface(key)
    source = was or aim.ours.interface(key)
    settings = source.settings if source else {}
    aim.state.interfaces.append(
        Interface(
            key=key,
            kind=What.BOND,
            uuid="",
            mac=nics[0].mac,
            mtu=aim.state.start.network(network).mtu,
            network=network,
            address=replace(Address(), primary=nics[0].address.primary),
            attached=True,
            disallow_unplug=was.disallow_unplug if was else False,
            properties=nics[0].properties,
            settings={name: value for name, value in settings.items() if was or name != "mtu"},
        )
    )
    for nic in nics:
        aim.state.set(nic.key, attached=False)
    aim.state.bonds.append(
        Bond(
            key=key,
            uuid="",
            network=network,
            members=tuple(nic.mac for nic in nics),
            primary=nics[0].mac,
            mode=ours.bond.mode,
            properties=with_defaults(ours.bond.mode, ours.bond.properties),
            mac=nics[0].mac,
        )
    )
