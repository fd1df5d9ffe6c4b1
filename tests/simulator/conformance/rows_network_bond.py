"""Bond.create, destroy, set_mode and set_property: every refusal of network.md 2.2, 2.3 and 2.5."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from simulator.running import Simulation
from simulator.world.host import HostMachine
from simulator.xapi.machines import host_row
from simulator.xapi.network.rows import BondPlan, create_bond, create_tunnel, create_vlan
from simulator.xapi.rows import Row as Record
from simulator.xapi.rows import add, rows
from simulator.xapi.storage.rows import NewSr, add_sr
from tests.simulator.conformance.runner import Asked, Row
from tests.simulator.network.rows import card, network
from tests.simulator.pool.joining import joined

GONE = "OpaqueRef:0"
UP, DOWN, OTHER = "eth2", "eth3", "balance-slb"


@dataclass(frozen=True)
class Wanted:
    """The arguments of the call that is asked; a test changes one thing of them, or around them."""

    host: HostMachine
    network: Record
    pifs: tuple[Record, ...]
    mac: str = ""
    mode: str = OTHER
    properties: tuple[tuple[str, str], ...] = ()

    def asked(self, *error: str) -> Asked:
        refs = [pif.ref for pif in self.pifs]
        args = (self.network.ref, refs, self.mac, self.mode, dict(self.properties))
        return Asked(host=self.host, args=args, error=list(error))


def _fine(sim: Simulation) -> Wanted:
    host = sim.hosts[0]
    return Wanted(host, network(host, "Bonded"), (card(host, UP), card(host, DOWN)))


def _row(id_: str, check: str, ask: Callable[[Wanted], Asked]) -> Row:
    return Row(
        id=f"bond-create-{id_}",
        source=f"network.md 2.2, check {check}",
        method="Bond.create",
        arrange=lambda sim: ask(_fine(sim)),
    )


def _no_members(want: Wanted) -> Asked:
    return replace(want, pifs=()).asked("PIF_BOND_NEEDS_MORE_MEMBERS")


def _bad_ref(want: Wanted) -> Asked:
    return replace(want, pifs=(Record(want.host.database, "PIF", GONE),)).asked("HANDLE_INVALID", "PIF", GONE)


def _unmanaged_network(want: Wanted) -> Asked:
    want.network.set(managed=False)
    return want.asked("NETWORK_UNMANAGED", want.network.ref)


def _connected(want: Wanted) -> Asked:
    """Before check 7: the card is a member already."""
    _bonded(want)
    taken = card(want.host, "eth1")
    want = replace(want, network=taken.to("network", "network"))
    return want.asked("NETWORK_ALREADY_CONNECTED", want.host.ref, taken.ref)


def _sriov_network(want: Wanted) -> Asked:
    """The first PIF on the network, whichever host it is of."""
    other = add(want.host.database, "host", name_label="far")
    pif = add(want.host.database, "PIF", host=other.ref, network=want.network.ref, device="eth9")
    add(want.host.database, "network_sriov", logical_PIF=pif.ref, physical_PIF=pif.ref)
    return want.asked("NETWORK_INCOMPATIBLE_WITH_BOND", want.network.ref)


def _bad_mac(want: Wanted) -> Asked:
    return replace(want, mac="3c:fd:fe").asked("MAC_INVALID", "3c:fd:fe")


def _bad_property(want: Wanted, mode: str, key: str, value: str) -> Asked:
    want = replace(want, mode=mode, properties=((key, value),))
    return want.asked("INVALID_VALUE", "properties", f"{key} = {value}")


def _address_type(want: Wanted) -> Asked:
    want.pifs[1].set(primary_address_type="IPv6")
    return want.asked("PIF_INCOMPATIBLE_PRIMARY_ADDRESS_TYPE", want.pifs[1].ref)


def _unmanaged_member(want: Wanted) -> Asked:
    want.pifs[1].set(managed=False)
    return want.asked("PIF_UNMANAGED", want.pifs[1].ref)


def _bonded(want: Wanted) -> Asked:
    create_bond(host_row(want.host), BondPlan(network=network(want.host, "Other"), pifs=[want.pifs[1]]))
    return want.asked("PIF_ALREADY_BONDED", want.pifs[1].ref)


def _vlan_member(want: Wanted) -> Asked:
    """The device, not the reference."""
    vlan = create_vlan(want.pifs[0], 7, network(want.host)).to("untagged_PIF", "PIF")
    return replace(want, pifs=(vlan,)).asked("PIF_VLAN_EXISTS", UP)


def _tunnel_member(want: Wanted) -> Asked:
    access = create_tunnel(want.pifs[0], network(want.host)).to("access_PIF", "PIF")
    access.set(properties={"gro": "on"})
    return replace(want, pifs=(access,)).asked("IS_TUNNEL_ACCESS_PIF", access.ref)


def _sriov_member(want: Wanted) -> Asked:
    add(want.host.database, "network_sriov", logical_PIF=want.pifs[0].ref)
    return want.asked("PIF_IS_SRIOV_LOGICAL", want.pifs[0].ref)


def _under_ha(want: Wanted) -> Asked:
    next(rows(want.host.database, "pool")).set(ha_enabled=True)
    want = replace(want, pifs=(card(want.host), *want.pifs))
    return want.asked("HA_CANNOT_CHANGE_BOND_STATUS_OF_MGMT_IFACE")


def _fcoe(want: Wanted) -> Asked:
    want.pifs[0].set(capabilities=["fcoe"])
    sr = add_sr(host_row(want.host), NewSr(name="FCoE", type="lvmofcoe", shared=True))
    return want.asked("PIF_HAS_FCOE_SR_IN_USE", want.pifs[0].ref, sr.ref)


def _two_hosts(want: Wanted) -> Asked:
    other = add(want.host.database, "host", name_label="far")
    want.pifs[1].set(host=other.ref)
    return want.asked("PIF_CANNOT_BOND_CROSS_HOST")


def _other_properties(want: Wanted) -> Asked:
    want.pifs[1].set(properties={"gro": "off"})
    return want.asked("INCOMPATIBLE_PIF_PROPERTIES")


def _two_addresses(want: Wanted) -> Asked:
    for pif in want.pifs:
        pif.set(ip_configuration_mode="DHCP")
    return want.asked("PIF_BOND_MORE_THAN_ONE_IP")


def _one_member(want: Wanted) -> Asked:
    return replace(want, pifs=want.pifs[:1]).asked()


def _offline(sim: Simulation, code: str) -> Asked:
    joiner, master = sim.hosts
    joined(sim, joiner, master)
    pif = card(joiner, UP)
    sim.world.hush(joiner)
    if code == "HOST_OFFLINE":
        host_row(joiner).to("metrics", "host_metrics").set(live=False)
    return Wanted(master, network(master), (pif,)).asked(code, joiner.ref)


def _bond_offline(sim: Simulation, *more: str) -> Asked:
    joiner, master = sim.hosts
    joined(sim, joiner, master)
    made = create_bond(host_row(joiner), BondPlan(network=network(master), pifs=[card(joiner, UP)]))
    sim.world.hush(joiner)
    host_row(joiner).to("metrics", "host_metrics").set(live=False)
    return Asked(host=master, args=(made.ref, *more), error=["HOST_OFFLINE", joiner.ref])


CREATE = (
    _row("none", "0", _no_members),
    _row("handle", "0", _bad_ref),
    _row("unmanaged-network", "1", _unmanaged_network),
    _row("connected", "2", _connected),
    _row("sriov-network", "3", _sriov_network),
    _row("mac", "4", _bad_mac),
    _row("property-of-lacp", "5", partial(_bad_property, mode="lacp", key="lacp-time", value="never")),
    _row("property-unknown", "5", partial(_bad_property, mode="lacp", key="speed", value="1")),
    _row("property-no-lacp", "5", partial(_bad_property, mode=OTHER, key="lacp-time", value="fast")),
    _row("key", "5", partial(_bad_property, mode="lacp", key="lacp-aggregation-key", value="x")),
    _row("address-type", "6", _address_type),
    _row("unmanaged", "7", _unmanaged_member),
    _row("bonded", "7", _bonded),
    _row("vlan", "7", _vlan_member),
    _row("tunnel", "7", _tunnel_member),
    _row("sriov", "7", _sriov_member),
    _row("ha", "7", _under_ha),
    _row("fcoe", "7", _fcoe),
    _row("hosts", "8", _two_hosts),
    _row("properties", "9", _other_properties),
    _row("addresses", "10", _two_addresses),
    _row("one-member", "0: one is enough", _one_member),
)


def _bond(sim: Simulation, *more: str, error: tuple[str, ...], mode: str = OTHER) -> Asked:
    host = sim.hosts[0]
    plan = BondPlan(network=network(host), pifs=[card(host, UP), card(host, DOWN)], mode=mode)
    return Asked(host=host, args=(create_bond(host_row(host), plan).ref, *more), error=list(error))


def _destroy_under_ha(sim: Simulation) -> Asked:
    host = sim.hosts[0]
    next(rows(host.database, "pool")).set(ha_enabled=True)
    bond = create_bond(host_row(host), BondPlan(network=network(host), pifs=[card(host)]))
    return Asked(host=host, args=(bond.ref,), error=["HA_CANNOT_CHANGE_BOND_STATUS_OF_MGMT_IFACE"])


def _destroy_twice(sim: Simulation) -> Asked:
    return Asked(host=sim.hosts[0], args=(GONE,), error=["HANDLE_INVALID", "Bond", GONE])


def _wrong(key: str, value: str, mode: str = OTHER) -> Callable[[Simulation], Asked]:
    error = ("INVALID_VALUE", "properties", f"{key} = {value}")
    return lambda sim: _bond(sim, key, value, error=error, mode=mode)


ROWS = (
    *CREATE,
    Row(
        id="bond-create-offline",
        source="network.md 2.2, check 0",
        method="Bond.create",
        arrange=partial(_offline, code="HOST_OFFLINE"),
    ),
    Row(
        id="bond-create-silent",
        source="network.md 2.1",
        method="Bond.create",
        arrange=partial(_offline, code="CANNOT_CONTACT_HOST"),
    ),
    Row(id="bond-destroy-ha", source="network.md 2.3", method="Bond.destroy", arrange=_destroy_under_ha),
    Row(id="bond-destroy-offline", source="network.md 2.3", method="Bond.destroy", arrange=_bond_offline),
    Row(
        id="bond-mode-offline",
        source="network.md 2.1",
        method="Bond.set_mode",
        arrange=lambda sim: _bond_offline(sim, "lacp"),
    ),
    Row(id="bond-destroy-gone", source="network.md 4.3", method="Bond.destroy", arrange=_destroy_twice),
    Row(
        id="bond-property-value",
        source="network.md 2.5",
        method="Bond.set_property",
        arrange=_wrong("lacp-fallback-ab", "yes", "lacp"),
    ),
    Row(
        id="bond-property-mode",
        source="network.md 2.5",
        method="Bond.set_property",
        arrange=_wrong("lacp-time", "slow"),
    ),
)
