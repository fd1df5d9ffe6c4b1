"""PIF calls and what they refuse, in the order of their checks (network.md 2.6)."""

from collections.abc import Callable
from functools import partial

from simulator.running import Simulation
from simulator.world.host import HostMachine
from simulator.xapi.host_sync import host_row
from simulator.xapi.network import BondPlan, add_network, create_bond, create_tunnel, create_vlan, next_bridge
from simulator.xapi.rows import Row as Record
from simulator.xapi.rows import add, first
from simulator.xapi.vm import NewVm, add_vm
from tests.simulator.conformance.runner import Asked, Row

STATIC = ("Static", "10.0.0.9", "255.255.255.0", "10.0.0.1", "10.0.0.2")
NO_ADDRESS = ("None", "", "", "", "")
NO_CARD = "COULD_NOT_FIND_NETWORK_INTERFACE_WITH_SPECIFIED_DEVICE_NAME_AND_MAC_ADDRESS"
Arranged = tuple[tuple[object, ...], list[str]]
Arrange = Callable[[HostMachine], Arranged]


def pif(host: HostMachine, device: str = "eth1") -> Record:
    return next(each for each in host_row(host).all("PIFs", "PIF") if each.text("device") == device)


def network(host: HostMachine) -> Record:
    return add_network(host.database, "Guests", next_bridge(host.database))


def _spoiled(host: HostMachine, device: str, **fields: object) -> Record:
    card = pif(host, device)
    card.set(**fields)
    return card


def _pool(host: HostMachine, **fields: object) -> None:
    first_pool = first(host.database, "pool")
    if first_pool:
        first_pool.set(**fields)


def _bond(host: HostMachine) -> tuple[Record, Record]:
    """The bond's PIF, and one of its members."""
    members = [pif(host, "eth2"), pif(host, "eth3")]
    bond = create_bond(host_row(host), BondPlan(network=network(host), pifs=members))
    return bond.to("master", "PIF"), members[1]


def _vlan(host: HostMachine) -> tuple[Record, Record]:
    """The VLAN's PIF, and the one below it."""
    lower = pif(host, "eth2")
    return create_vlan(lower, 7, network(host), currently_attached=True).to("untagged_PIF", "PIF"), lower


def _tunnel(host: HostMachine) -> tuple[Record, Record]:
    """The tunnel's PIF, and the one below it."""
    lower = pif(host, "eth2")
    return create_tunnel(lower, network(host)).to("access_PIF", "PIF"), lower


def _sriov(host: HostMachine) -> tuple[Record, Record]:
    """The logical PIF, and the card."""
    card, logical = pif(host, "eth2"), pif(host, "eth3")
    add(host.database, "network_sriov", physical_PIF=card.ref, logical_PIF=logical.ref)
    return logical, card


def _clustered(host: HostMachine, card: Record, **fields: object) -> tuple[str, str]:
    cluster = add(host.database, "Cluster", current_operations=fields.pop("operations", {}))
    member = add(host.database, "Cluster_host", cluster=cluster.ref, host=host.ref, PIF=card.ref, **fields)
    return member.ref, cluster.ref


def _refused(code: str, make: Callable[[HostMachine], Record], *rest: object) -> Arrange:
    """The PIF that is made, with these arguments, is refused by its own reference."""

    def arrange(host: HostMachine) -> Arranged:
        made = make(host)
        return (made.ref, *rest), [code, made.ref]

    return arrange


def _protected(flag: str, code: str, *rest: object, device: str = "eth1") -> Arrange:
    def arrange(host: HostMachine) -> Arranged:
        _pool(host, **{flag: True})
        return (pif(host, device).ref, *rest), [code]

    return arrange


def _bad(parameter: str, code: str, *rest: object) -> Arrange:
    return lambda host: ((pif(host).ref, *rest), [code, parameter])


def _in_cluster(*rest: object) -> Arrange:
    def arrange(host: HostMachine) -> Arranged:
        member, _cluster = _clustered(host, pif(host), enabled=True)
        return (pif(host).ref, *rest), ["CLUSTERING_ENABLED", member]

    return arrange


def _cluster_is_busy(host: HostMachine) -> Arranged:
    _member, cluster = _clustered(host, pif(host), operations={"OpaqueRef:task": "add"})
    error = ["OTHER_OPERATION_IN_PROGRESS", "Cluster", cluster, "add", "OpaqueRef:task"]
    return (pif(host).ref, False), error


def _vif_in_use(host: HostMachine) -> Arranged:
    vm = add_vm(host_row(host), NewVm(name="web", power_state="Running"))
    on = pif(host).text("network")
    vif = add(host.database, "VIF", VM=vm.ref, network=on, device="0", currently_attached=True)
    return (pif(host).ref,), ["VIF_IN_USE", on, vif.ref]


def _transport_without_address(host: HostMachine) -> Arranged:
    access, transport = _tunnel(host)
    return (access.ref,), ["TRANSPORT_PIF_NOT_CONFIGURED", transport.ref]


def _unknown(*rest: object) -> Arrange:
    return lambda _host: (("OpaqueRef:none", *rest), ["HANDLE_INVALID", "PIF", "OpaqueRef:none"])


def _plug_fails(sim: Simulation) -> Asked:
    host = sim.hosts[0]
    sim.fault("plug_fails", host=host.name, data={"device": "eth1", "message": "no such device"})
    error = ["PIF_CONFIGURATION_ERROR", pif(host).ref, "no such device"]
    return Asked(host=host, args=(pif(host).ref,), error=error)


def _introduced(host: HostMachine, mac: str, device: str, error: list[str]) -> Arranged:
    return (host.ref, mac, device, True), error


def _unmanaged(host: HostMachine) -> Record:
    return _spoiled(host, "eth1", managed=False)


def _kept(host: HostMachine) -> Record:
    return _spoiled(host, "eth1", disallow_unplug=True)


def _ipv6_management(host: HostMachine) -> Record:
    return _spoiled(host, "eth0", primary_address_type="IPv6")


def _asked(arrange: Arrange, sim: Simulation) -> Asked:
    args, error = arrange(sim.hosts[0])
    return Asked(host=sim.hosts[0], args=args, error=error)


MANAGEMENT = "PIF_IS_MANAGEMENT_INTERFACE"
BAD_IP, BAD_CIDR = "INVALID_IP_ADDRESS_SPECIFIED", "INVALID_CIDR_ADDRESS_SPECIFIED"
BAD_PROPERTY = ["INVALID_VALUE", "properties", "gro = maybe"]
V6 = ("Static", "2001:db8::9/64", "2001:db8::1", "")
TABLE: dict[str, dict[str, Arrange]] = {
    "PIF.reconfigure_ip": {
        "unknown": _unknown(*STATIC),
        "unmanaged": _refused("PIF_UNMANAGED", _unmanaged, *STATIC),
        "ha": _protected("ha_enabled", "HA_IS_ENABLED", *STATIC),
        "redo-log": _protected("redo_log_enabled", "REDO_LOG_IS_ENABLED", *STATIC),
        "clustered": _in_cluster(*STATIC),
        "no-ip": _bad("IP", BAD_IP, "Static", "", "255.255.255.0", "", ""),
        "bad-ip": _bad("IP", BAD_IP, "Static", "10.0.0.256", "255.255.255.0", "", ""),
        "no-netmask": _bad("netmask", BAD_IP, "Static", "10.0.0.9", "", "", ""),
        "bad-gateway": _bad("gateway", BAD_IP, "Static", "10.0.0.9", "255.255.255.0", "router", ""),
        "bad-dns": _bad("DNS", BAD_IP, *STATIC[:4], "10.0.0.2,ns"),
        "management": _refused(MANAGEMENT, lambda host: pif(host, "eth0"), *NO_ADDRESS),
    },
    "PIF.reconfigure_ipv6": {
        "unmanaged": _refused("PIF_UNMANAGED", _unmanaged, *V6),
        "ha": _protected("ha_enabled", "HA_IS_ENABLED", *V6),
        "redo-log": _protected("redo_log_enabled", "REDO_LOG_IS_ENABLED", *V6),
        "clustered": _in_cluster(*V6),
        "bad-gateway": _bad("gateway", BAD_IP, "Static", "2001:db8::9/64", "10.0.0.1", ""),
        "no-prefix": _bad("IPv6", BAD_CIDR, "Static", "2001:db8::9", "", ""),
        "management": _refused(MANAGEMENT, _ipv6_management, "None", "", "", ""),
    },
    "PIF.set_primary_address_type": {
        "ha": _protected("ha_enabled", "HA_IS_ENABLED", "IPv6"),
        "redo-log": _protected("redo_log_enabled", "REDO_LOG_IS_ENABLED", "IPv6"),
        "management": _refused(MANAGEMENT, lambda host: pif(host, "eth0"), "IPv6"),
    },
    "PIF.plug": {
        "unknown": _unknown(),
        "unmanaged": _refused("PIF_UNMANAGED", _unmanaged),
        "member": _refused("CANNOT_PLUG_BOND_SLAVE", lambda host: _bond(host)[1]),
        "transport": _transport_without_address,
    },
    "PIF.unplug": {
        "unmanaged": _refused("PIF_UNMANAGED", _unmanaged),
        "ha": _protected("ha_enabled", "HA_IS_ENABLED"),
        "redo-log": _protected("redo_log_enabled", "REDO_LOG_IS_ENABLED"),
        "management": _refused(MANAGEMENT, lambda host: pif(host, "eth0")),
        "vif": _vif_in_use,
        "disallowed": _refused("PIF_DOES_NOT_ALLOW_UNPLUG", _kept),
    },
    "PIF.introduce": {
        "mac": lambda host: _introduced(host, "3C:FD", "eth1", ["MAC_INVALID", "3c:fd"]),
        "no-mac": lambda host: _introduced(host, "", "eth9", ["MAC_INVALID", ""]),
        "duplicate": lambda host: _introduced(host, "", "eth1", ["DUPLICATE_PIF_DEVICE_NAME", "eth1"]),
        "no-card": lambda host: _introduced(host, "02:00:00:00:00:01", "eth9", [NO_CARD, "eth9", "02:00:00:00:00:01"]),
    },
    "PIF.forget": {
        "management": _refused(MANAGEMENT, lambda host: pif(host, "eth0")),
        "member": _refused("PIF_ALREADY_BONDED", lambda host: _bond(host)[1]),
        "bond": _refused("PIF_ALREADY_BONDED", lambda host: _bond(host)[0]),
        "under-vlan": _refused("PIF_VLAN_STILL_EXISTS", lambda host: _vlan(host)[1]),
        "vlan": _refused("PIF_VLAN_STILL_EXISTS", lambda host: _vlan(host)[0]),
        "under-tunnel": _refused("PIF_TUNNEL_STILL_EXISTS", lambda host: _tunnel(host)[1]),
        "tunnel": _refused("PIF_TUNNEL_STILL_EXISTS", lambda host: _tunnel(host)[0]),
        "ha": _protected("ha_enabled", "HA_IS_ENABLED"),
        "redo-log": _protected("redo_log_enabled", "REDO_LOG_IS_ENABLED"),
        "sriov": _refused("PIF_SRIOV_STILL_EXISTS", lambda host: _sriov(host)[1]),
        "sriov-logical": _refused("CANNOT_FORGET_SRIOV_LOGICAL", lambda host: _sriov(host)[0]),
        "clustered": _in_cluster(),
    },
    "PIF.set_property": {
        "value": lambda host: ((pif(host).ref, "gro", "maybe"), BAD_PROPERTY),
        "name": lambda host: ((pif(host).ref, "tso", "on"), ["INVALID_VALUE", "properties", "tso = on"]),
        "member": _refused("CANNOT_CHANGE_PIF_PROPERTIES", lambda host: _bond(host)[1], "gro", "off"),
        "vlan": _refused("CANNOT_CHANGE_PIF_PROPERTIES", lambda host: _vlan(host)[0], "gro", "off"),
        "tunnel": _refused("CANNOT_CHANGE_PIF_PROPERTIES", lambda host: _tunnel(host)[0], "gro", "off"),
    },
    "PIF.set_disallow_unplug": {"clustered": _in_cluster(False), "cluster-busy": _cluster_is_busy},
}


ROWS = (
    *(
        Row(
            id=f"{method.lower().replace('.', '-')}-{name}",
            source=f"network.md 2.6, {method}",
            method=method,
            arrange=partial(_asked, arrange),
            calm=True,
        )
        for method, cases in TABLE.items()
        for name, arrange in cases.items()
    ),
    Row(id="pif-plug-fails", source="network.md 2.1", method="PIF.plug", arrange=_plug_fails, calm=True),
)
