"""VLAN calls and what they refuse, in the order of their checks (network.md 2.8)."""

from collections.abc import Callable

from simulator.running import Simulation
from simulator.world.host import HostMachine
from simulator.xapi.rows import Row as Record
from tests.simulator.conformance.runner import Asked, Row
from tests.simulator.conformance.tables import Arrange, Arranged, Table, protected, rows_of
from tests.simulator.network.rows import bonded, guest_vif, network, spare, sriov, tunnel, vlan

TAG = 40
Make = Callable[[HostMachine], Record]


def _on(code: str, make: Make) -> Arrange:
    """VLAN.create on this PIF is refused by its reference."""

    def arrange(host: HostMachine) -> Arranged:
        pif = make(host)
        return (pif.ref, TAG, network(host).ref), [code, pif.ref]

    return arrange


def _for(code: str, make: Make, *, over_sriov: bool = False) -> Arrange:
    """VLAN.create for this network is refused by its reference."""

    def arrange(host: HostMachine) -> Arranged:
        found = make(host)
        below = sriov(host)[0] if over_sriov else spare(host)
        return (below.ref, TAG, found.ref), [code, found.ref]

    return arrange


def _tagged(tag: int) -> Arrange:
    return lambda host: ((spare(host).ref, tag, network(host).ref), ["VLAN_TAG_INVALID", str(tag)])


def _connected(host: HostMachine) -> Arranged:
    other = spare(host, "eth3")
    return (spare(host).ref, TAG, other.text("network")), ["NETWORK_ALREADY_CONNECTED", host.ref, other.ref]


def _same_tag(host: HostMachine) -> Arranged:
    _pif, lower = vlan(host, TAG)
    return (lower.ref, TAG, network(host).ref), ["PIF_VLAN_EXISTS", "eth2"]


def _with_trunks(host: HostMachine) -> Record:
    found = network(host)
    guest_vif(host, found, "Halted", trunks=[5])
    return found


def _of_other_kind(host: HostMachine) -> Record:
    """A network whose first PIF, of whatever host, is no VLAN over SR-IOV."""
    found = network(host)
    spare(host).set(network=found.ref, host=host.database.create("host"))
    return found


def _of_sriov(host: HostMachine) -> Record:
    """A network whose first PIF is an SR-IOV logical one of another host."""
    logical, _card = sriov(host)
    logical.set(host=host.database.create("host"))
    return logical.to("network", "network")


def _vlan_of(make: Make) -> Make:
    """The VLAN of the PIF that is made."""
    return lambda host: make(host).to("VLAN_master_of", "VLAN")


def _made(host: HostMachine) -> Record:
    return vlan(host)[0]


def _changed(**fields: object) -> Make:
    def make(host: HostMachine) -> Record:
        pif = _made(host)
        pif.set(**fields)
        return pif

    return make


def _destroy(code: str, make: Make) -> Arrange:
    """VLAN.destroy is refused by the reference of the VLAN's PIF."""

    def arrange(host: HostMachine) -> Arranged:
        pif = make(host)
        return (pif.text("VLAN_master_of"),), [code, pif.ref]

    return arrange


def _in_use(host: HostMachine) -> Arranged:
    pif = _made(host)
    found = pif.to("network", "network")
    return (pif.text("VLAN_master_of"),), ["VIF_IN_USE", found.ref, guest_vif(host, found).ref]


def _member_of_bond(host: HostMachine) -> Record:
    pif = _made(host)
    pif.set(bond_slave_of=bonded(host)[1].text("bond_slave_of"))
    return pif


def _in_kernel(sim: Simulation) -> Asked:
    host = sim.hosts[0]
    sim.fault("kernel_vlan", host=host.name, data={"device": "eth1"})
    return Asked(host=host, args=(spare(host).ref, TAG, network(host).ref), error=["VLAN_IN_USE", "eth1", str(TAG)])


def _from_pif_of_member(host: HostMachine) -> Arranged:
    member = bonded(host)[1]
    return (member.ref, network(host).ref, TAG), ["CANNOT_ADD_VLAN_TO_BOND_SLAVE", member.ref]


def _of_no_network(host: HostMachine) -> Arranged:
    return (spare(host).ref, TAG, "OpaqueRef:x"), ["HANDLE_INVALID", "network", "OpaqueRef:x"]


def _unknown_device(host: HostMachine) -> Arranged:
    return ("eth9", network(host).ref, TAG), ["INVALID_VALUE", "device", "eth9"]


TABLE: Table = {
    "VLAN.create": {
        "unknown-network": _of_no_network,
        "unmanaged-network": _for("NETWORK_UNMANAGED", lambda host: network(host, managed=False)),
        "connected": _connected,
        "unmanaged": _on("PIF_UNMANAGED", lambda host: spare(host, managed=False)),
        "member": _on("CANNOT_ADD_VLAN_TO_BOND_SLAVE", lambda host: bonded(host)[1]),
        "on-vlan": _on("PIF_IS_VLAN", _made),
        "on-tunnel": _on("IS_TUNNEL_ACCESS_PIF", lambda host: tunnel(host)[0]),
        "on-sriov": _for("NETWORK_INCOMPATIBLE_WITH_VLAN_ON_SRIOV", _of_other_kind, over_sriov=True),
        "on-bridge": _for("NETWORK_INCOMPATIBLE_WITH_VLAN_ON_BRIDGE", _of_sriov),
        "tag-too-high": _tagged(4095),
        "tag-too-low": _tagged(-1),
        "same-tag": _same_tag,
        "trunks": _for("NETWORK_INCOMPATIBLE_WITH_TRUNKS", _with_trunks),
    },
    "VLAN.destroy": {
        "bonded": _destroy("PIF_ALREADY_BONDED", _member_of_bond),
        "management": _destroy("PIF_IS_MANAGEMENT_INTERFACE", _changed(management=True)),
        "ha": protected("ha_enabled", "HA_IS_ENABLED", _vlan_of(_made)),
        "redo-log": protected("redo_log_enabled", "REDO_LOG_IS_ENABLED", _vlan_of(_made)),
        "vif": _in_use,
        "disallowed": _destroy("PIF_DOES_NOT_ALLOW_UNPLUG", _changed(disallow_unplug=True)),
    },
    "pool.create_VLAN_from_PIF": {"member": _from_pif_of_member},
    "pool.create_VLAN": {
        "device": lambda host: (("eth9", network(host).ref, TAG), ["INVALID_VALUE", "device", "eth9"])
    },
    "PIF.destroy": {"physical": lambda host: ((spare(host).ref,), ["PIF_IS_PHYSICAL"])},
}


ROWS = (
    *rows_of(TABLE, "network.md 2.8"),
    Row(id="vlan-create-kernel", source="network.md 2.8", method="VLAN.create", arrange=_in_kernel, calm=True),
)
