"""VLAN.create and destroy, and the calls that make VLANs by the dozen (xapi_vlan.ml, xapi_pool.ml)."""

import logging
from collections.abc import Callable
from functools import partial

from simulator.world.faults import FaultInCall, latent
from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.forwarding import is_live
from simulator.xapi.network import pif_checks as check
from simulator.xapi.network.on_host import on_host
from simulator.xapi.network.pif import plug, unplug
from simulator.xapi.network.plugs import bond_above, kind_of, lower
from simulator.xapi.network.rows import create_vlan
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import Row, rows

HIGHEST_TAG = 4094  # 802.1Q keeps 4095
KERNEL_VLAN = latent("kernel_vlan", "the tag is taken in the control domain: VLAN_IN_USE")
log = logging.getLogger(__name__)


@message("VLAN", "create")
def vlan_create(call: Call, tagged_ref: str, tag: int, network_ref: str) -> str | None:
    """Plugged at once; should that fail, the rows stay."""
    database = call.host.database
    tagged, network = Row(database, "PIF", tagged_ref), Row(database, "network", network_ref)

    def work(machine: HostMachine) -> str:
        assert_vlan_may_stand(machine, tagged, tag, network)
        vlan = create_vlan(tagged, tag, network)
        plug(machine, vlan.to("untagged_PIF", "PIF"))
        return vlan.ref

    return on_host(call, tagged.text("host"), work)


def assert_vlan_may_stand(machine: HostMachine, tagged: Row, tag: int, network: Row) -> None:
    """The checks of VLAN.create in their order."""
    check.refuse(not network.flag("managed"), "NETWORK_UNMANAGED", network.ref)
    check.assert_alone_on_network(tagged.text("host"), network)
    check.assert_managed(tagged)
    check.refuse(bond_above(tagged), "CANNOT_ADD_VLAN_TO_BOND_SLAVE", tagged.ref)
    check.refuse(kind_of(tagged) == "vlan", "PIF_IS_VLAN", tagged.ref)
    check.refuse(kind_of(tagged) == "tunnel", "IS_TUNNEL_ACCESS_PIF", tagged.ref)
    _assert_same_kind(tagged, network)
    check.refuse(not 0 <= tag <= HIGHEST_TAG, "VLAN_TAG_INVALID", str(tag))
    device = tagged.text("device")
    taken = {vlan.number("tag") for vlan in tagged.all("VLAN_slave_of", "VLAN")}
    check.refuse(tag in taken, "PIF_VLAN_EXISTS", device)
    if machine.world.faults.strikes(KERNEL_VLAN, machine.name, device=device, vlan=str(tag)):
        raise XapiError("VLAN_IN_USE", device, str(tag))
    trunks = any(vif.items("trunks") for vif in network.all("VIFs", "VIF"))
    check.refuse(trunks, "NETWORK_INCOMPATIBLE_WITH_TRUNKS", network.ref)


@message("VLAN", "destroy")
def vlan_destroy(call: Call, ref: str) -> None:
    """A VLAN whose PIF is gone is only a row."""
    vlan = Row(call.host.database, "VLAN", ref)
    untagged = vlan.to("untagged_PIF", "PIF")
    if not vlan.database.has("PIF", untagged.ref):
        vlan.database.delete("VLAN", ref)
        return
    on_host(call, untagged.text("host"), lambda machine: destroy(machine, vlan, untagged))


def destroy(machine: HostMachine, vlan: Row, untagged: Row) -> None:
    check.assert_not_in_bond(untagged)
    check.assert_not_slave_management(machine, untagged)
    check.assert_no_protection(untagged)
    unplug(machine, untagged)
    vlan.database.delete("VLAN", vlan.ref)
    vlan.database.delete("PIF", untagged.ref)


@message("pool", "create_VLAN_from_PIF")
def pool_create_vlan_from_pif(call: Call, pif_ref: str, network: str, tag: int) -> list[str]:
    """On every PIF of the same network; hosts that are dead, or have none there, are passed over in silence."""
    pif = Row(call.host.database, "PIF", pif_ref)
    lowers = rows(call.host.database, "PIF", network=pif.text("network"))
    live = [each for each in lowers if is_live(each.to("host", "host"))]
    return _all_or_none(call, [_maker(call, each.ref, tag, network) for each in live])


@message("pool", "create_VLAN")
def pool_create_vlan(call: Call, device: str, network: str, tag: int) -> list[str]:
    """The old call by device name, which bonds make a mess of."""
    hosts = [host.ref for host in rows(call.host.database, "host")]
    return _all_or_none(call, [partial(pif_create_vlan, call, device, network, host, tag) for host in hosts])


@message("PIF", "create_VLAN")
def pif_create_vlan(call: Call, device: str, *rest: object) -> str:
    """Deprecated: VLAN.create on the host's untagged PIF of this name. Network, host, tag."""
    network, host, tag = rest
    pifs = [pif for pif in rows(call.host.database, "PIF", host=host, device=device) if pif.number("VLAN") < 0]
    check.refuse(not pifs, "INVALID_VALUE", "device", device)
    return _maker(call, pifs[0].ref, int(str(tag)), str(network))()


@message("PIF", "destroy")
def pif_destroy(call: Call, ref: str) -> None:
    """Deprecated: VLAN.destroy of the VLAN that this PIF is."""
    pif = Row(call.host.database, "PIF", ref)
    check.refuse(pif.number("VLAN") < 0, "PIF_IS_PHYSICAL")
    vlan_destroy(call, pif.text("VLAN_master_of"))


def _maker(call: Call, lower_ref: str, tag: int, network: str) -> Callable[[], str]:
    def make() -> str:
        made = vlan_create(call, lower_ref, tag, network)
        return Row(call.host.database, "VLAN", made or "").text("untagged_PIF")

    return make


def _all_or_none(call: Call, makers: list[Callable[[], str]]) -> list[str]:
    """One after the other; after an error those made are taken away again, as far as that goes."""
    made: list[str] = []
    for make in makers:
        try:
            made.append(make())
        except XapiError:
            for pif in made:
                _take_away(call, pif)
            raise
    return made


def _take_away(call: Call, pif: str) -> None:
    try:
        pif_destroy(call, pif)
    except (XapiError, FaultInCall) as error:
        log.warning("VLAN PIF %s stays: %r", pif, error)


def _assert_same_kind(tagged: Row, network: Row) -> None:
    """VLANs over SR-IOV and over bridges do not share a network; its first PIF tells which it has."""
    first = next(iter(network.all("PIFs", "PIF")), None)
    if first is None:
        return
    over_sriov = kind_of(tagged) == "sriov"
    below = lower(first) if kind_of(first) == "vlan" else None
    if over_sriov:
        fits = below is not None and kind_of(below) == "sriov"
        check.refuse(not fits, "NETWORK_INCOMPATIBLE_WITH_VLAN_ON_SRIOV", network.ref)
    else:
        clashes = kind_of(first) == "sriov" or (below is not None and kind_of(below) == "sriov")
        check.refuse(clashes, "NETWORK_INCOMPATIBLE_WITH_VLAN_ON_BRIDGE", network.ref)
