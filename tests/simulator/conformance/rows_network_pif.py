"""PIF calls and what they refuse, in the order of their checks (network.md 2.6)."""

from simulator.running import Simulation
from simulator.world.host import HostMachine
from simulator.xapi.machines import host_row
from simulator.xapi.rows import Row as Record
from simulator.xapi.storage.rows import NewSr, add_sr
from tests.simulator.conformance.runner import Asked, Row
from tests.simulator.conformance.tables import Arrange, Arranged, Table, protected, refused, rows_of
from tests.simulator.network.rows import bonded, clustered, guest_vif, spare, sriov, tunnel, vlan

STATIC = ("Static", "10.0.0.9", "255.255.255.0", "10.0.0.1", "10.0.0.2")
NO_ADDRESS = ("None", "", "", "", "")
NO_CARD = "COULD_NOT_FIND_NETWORK_INTERFACE_WITH_SPECIFIED_DEVICE_NAME_AND_MAC_ADDRESS"


def _bad(parameter: str, code: str, *rest: object) -> Arrange:
    return lambda host: ((spare(host).ref, *rest), [code, parameter])


def _in_cluster(*rest: object) -> Arrange:
    def arrange(host: HostMachine) -> Arranged:
        member = clustered(host, spare(host), enabled=True)
        return (spare(host).ref, *rest), ["CLUSTERING_ENABLED", member.ref]

    return arrange


def _cluster_is_busy(host: HostMachine) -> Arranged:
    member = clustered(host, spare(host), {"OpaqueRef:task": "add"})
    error = ["OTHER_OPERATION_IN_PROGRESS", "Cluster", member.text("cluster"), "add", "OpaqueRef:task"]
    return (spare(host).ref, False), error


def _vif_in_use(host: HostMachine) -> Arranged:
    on = spare(host).to("network", "network")
    return (spare(host).ref,), ["VIF_IN_USE", on.ref, guest_vif(host, on).ref]


def _transport_without_address(host: HostMachine) -> Arranged:
    access, transport = tunnel(host)
    return (access.ref,), ["TRANSPORT_PIF_NOT_CONFIGURED", transport.ref]


def _unknown(*rest: object) -> Arrange:
    return lambda _host: (("OpaqueRef:none", *rest), ["HANDLE_INVALID", "PIF", "OpaqueRef:none"])


def _plug_fails(sim: Simulation) -> Asked:
    host = sim.hosts[0]
    sim.fault("plug_fails", host=host.name, data={"device": "eth1", "message": "no such device"})
    error = ["PIF_CONFIGURATION_ERROR", spare(host).ref, "no such device"]
    return Asked(host=host, args=(spare(host).ref,), error=error)


def _introduced(host: HostMachine, mac: str, device: str, error: list[str]) -> Arranged:
    return (host.ref, mac, device, True), error


def _unmanaged(host: HostMachine) -> Record:
    return spare(host, managed=False)


def _kept(host: HostMachine) -> Record:
    return spare(host, disallow_unplug=True)


def _fcoe(host: HostMachine) -> Arranged:
    sr = add_sr(host_row(host), NewSr(name="FCoE", type="lvmofcoe", shared=True))
    return (spare(host, capabilities=["fcoe"]).ref,), ["PIF_HAS_FCOE_SR_IN_USE", spare(host).ref, sr.ref]


def _ipv6_management(host: HostMachine) -> Record:
    return spare(host, "eth0", primary_address_type="IPv6")


MANAGEMENT = "PIF_IS_MANAGEMENT_INTERFACE"
BAD_IP, BAD_CIDR = "INVALID_IP_ADDRESS_SPECIFIED", "INVALID_CIDR_ADDRESS_SPECIFIED"
BAD_PROPERTY = ["INVALID_VALUE", "properties", "gro = maybe"]
V6 = ("Static", "2001:db8::9/64", "2001:db8::1", "")
TABLE: Table = {
    "PIF.reconfigure_ip": {
        "unknown": _unknown(*STATIC),
        "unmanaged": refused("PIF_UNMANAGED", _unmanaged, *STATIC),
        "ha": protected("ha_enabled", "HA_IS_ENABLED", spare, *STATIC),
        "redo-log": protected("redo_log_enabled", "REDO_LOG_IS_ENABLED", spare, *STATIC),
        "clustered": _in_cluster(*STATIC),
        "no-ip": _bad("IP", BAD_IP, "Static", "", "255.255.255.0", "", ""),
        "bad-ip": _bad("IP", BAD_IP, "Static", "10.0.0.256", "255.255.255.0", "", ""),
        "no-netmask": _bad("netmask", BAD_IP, "Static", "10.0.0.9", "", "", ""),
        "bad-gateway": _bad("gateway", BAD_IP, "Static", "10.0.0.9", "255.255.255.0", "router", ""),
        "bad-dns": _bad("DNS", BAD_IP, *STATIC[:4], "10.0.0.2,ns"),
        "management": refused(MANAGEMENT, lambda host: spare(host, "eth0"), *NO_ADDRESS),
    },
    "PIF.reconfigure_ipv6": {
        "unmanaged": refused("PIF_UNMANAGED", _unmanaged, *V6),
        "ha": protected("ha_enabled", "HA_IS_ENABLED", spare, *V6),
        "redo-log": protected("redo_log_enabled", "REDO_LOG_IS_ENABLED", spare, *V6),
        "clustered": _in_cluster(*V6),
        "bad-gateway": _bad("gateway", BAD_IP, "Static", "2001:db8::9/64", "10.0.0.1", ""),
        "no-prefix": _bad("IPv6", BAD_CIDR, "Static", "2001:db8::9", "", ""),
        "management": refused(MANAGEMENT, _ipv6_management, "None", "", "", ""),
    },
    "PIF.set_primary_address_type": {
        "ha": protected("ha_enabled", "HA_IS_ENABLED", spare, "IPv6"),
        "redo-log": protected("redo_log_enabled", "REDO_LOG_IS_ENABLED", spare, "IPv6"),
        "management": refused(MANAGEMENT, lambda host: spare(host, "eth0"), "IPv6"),
    },
    "PIF.plug": {
        "unknown": _unknown(),
        "unmanaged": refused("PIF_UNMANAGED", _unmanaged),
        "member": refused("CANNOT_PLUG_BOND_SLAVE", lambda host: bonded(host)[1]),
        "transport": _transport_without_address,
    },
    "PIF.unplug": {
        "unmanaged": refused("PIF_UNMANAGED", _unmanaged),
        "ha": protected("ha_enabled", "HA_IS_ENABLED", spare),
        "redo-log": protected("redo_log_enabled", "REDO_LOG_IS_ENABLED", spare),
        "management": refused(MANAGEMENT, lambda host: spare(host, "eth0")),
        "vif": _vif_in_use,
        "disallowed": refused("PIF_DOES_NOT_ALLOW_UNPLUG", _kept),
        "fcoe": _fcoe,
    },
    "PIF.introduce": {
        "mac": lambda host: _introduced(host, "3C:FD", "eth1", ["MAC_INVALID", "3c:fd"]),
        "no-mac": lambda host: _introduced(host, "", "eth9", ["MAC_INVALID", ""]),
        "duplicate": lambda host: _introduced(host, "", "eth1", ["DUPLICATE_PIF_DEVICE_NAME", "eth1"]),
        "no-card": lambda host: _introduced(host, "02:00:00:00:00:01", "eth9", [NO_CARD, "eth9", "02:00:00:00:00:01"]),
    },
    "PIF.forget": {
        "management": refused(MANAGEMENT, lambda host: spare(host, "eth0")),
        "member": refused("PIF_ALREADY_BONDED", lambda host: bonded(host)[1]),
        "bond": refused("PIF_ALREADY_BONDED", lambda host: bonded(host)[0]),
        "under-vlan": refused("PIF_VLAN_STILL_EXISTS", lambda host: vlan(host)[1]),
        "vlan": refused("PIF_VLAN_STILL_EXISTS", lambda host: vlan(host)[0]),
        "under-tunnel": refused("PIF_TUNNEL_STILL_EXISTS", lambda host: tunnel(host)[1]),
        "tunnel": refused("PIF_TUNNEL_STILL_EXISTS", lambda host: tunnel(host)[0]),
        "ha": protected("ha_enabled", "HA_IS_ENABLED", spare),
        "redo-log": protected("redo_log_enabled", "REDO_LOG_IS_ENABLED", spare),
        "sriov": refused("PIF_SRIOV_STILL_EXISTS", lambda host: sriov(host)[1]),
        "sriov-logical": refused("CANNOT_FORGET_SRIOV_LOGICAL", lambda host: sriov(host)[0]),
        "clustered": _in_cluster(),
    },
    "PIF.set_property": {
        "value": lambda host: ((spare(host).ref, "gro", "maybe"), BAD_PROPERTY),
        "name": lambda host: ((spare(host).ref, "tso", "on"), ["INVALID_VALUE", "properties", "tso = on"]),
        "member": refused("CANNOT_CHANGE_PIF_PROPERTIES", lambda host: bonded(host)[1], "gro", "off"),
        "vlan": refused("CANNOT_CHANGE_PIF_PROPERTIES", lambda host: vlan(host)[0], "gro", "off"),
        "tunnel": refused("CANNOT_CHANGE_PIF_PROPERTIES", lambda host: tunnel(host)[0], "gro", "off"),
    },
    "PIF.set_disallow_unplug": {"clustered": _in_cluster(False), "cluster-busy": _cluster_is_busy},
}


ROWS = (
    *rows_of(TABLE, "network.md 2.6"),
    Row(id="pif-plug-fails", source="network.md 2.1", method="PIF.plug", arrange=_plug_fails, calm=True),
)
