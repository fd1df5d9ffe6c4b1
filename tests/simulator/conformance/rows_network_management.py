"""Calls that move the management interface, and what they refuse (network.md 2.7)."""

from simulator.running import Simulation
from simulator.world.host import HostMachine
from simulator.xapi.rows import Row as Record
from tests.simulator.conformance.runner import Asked, Row
from tests.simulator.conformance.tables import Arrange, Arranged, Table, protected, refused, rows_of
from tests.simulator.network.rows import bonded, network, spare


def _addressed(host: HostMachine) -> Record:
    return spare(host, ip_configuration_mode="Static", IP="127.99.0.1", netmask="255.255.255.0")


def _network_of(host: HostMachine) -> Record:
    return _addressed(host).to("network", "network")


def _by_network(code: str, kind: str) -> Arrange:
    def arrange(host: HostMachine) -> Arranged:
        pif = spare(host, primary_address_type=kind)
        return (pif.text("network"),), [code, pif.ref]

    return arrange


def _absent(host: HostMachine) -> Arranged:
    found = network(host)
    return (found.ref,), ["PIF_NOT_PRESENT", host.ref, found.ref]


def _member_network(host: HostMachine) -> Arranged:
    member = bonded(host)[1]
    return (member.text("network"),), ["CANNOT_PLUG_BOND_SLAVE", member.ref]


def _mixed(sim: Simulation) -> Asked:
    host = sim.hosts[0]
    pif = _addressed(host)
    other = host.database.create("host", uuid="x", name_label="another")
    second = host.database.create(
        "PIF", host=other, network=pif.text("network"), device="eth1", primary_address_type="IPv6"
    )
    error = ["PIF_INCOMPATIBLE_PRIMARY_ADDRESS_TYPE", second]
    return Asked(host=host, args=(pif.text("network"),), error=error)


TABLE: Table = {
    "host.management_reconfigure": {
        "ha": protected("ha_enabled", "HA_IS_ENABLED", _addressed),
        "member": refused("CANNOT_PLUG_BOND_SLAVE", lambda host: bonded(host)[1]),
        "no-address": refused("PIF_HAS_NO_NETWORK_CONFIGURATION", spare),
        "no-v6": refused("PIF_HAS_NO_V6_NETWORK_CONFIGURATION", lambda host: spare(host, primary_address_type="IPv6")),
    },
    "pool.management_reconfigure": {
        "ha": protected("ha_enabled", "HA_IS_ENABLED", _network_of),
        "absent": _absent,
        "member": _member_network,
        "no-address": _by_network("PIF_HAS_NO_NETWORK_CONFIGURATION", "IPv4"),
        "no-v6": _by_network("PIF_HAS_NO_V6_NETWORK_CONFIGURATION", "IPv6"),
    },
    "host.local_management_reconfigure": {"not-emergency": lambda _host: (("xenbr1",), ["NOT_IN_EMERGENCY_MODE"])},
}
ROWS = (
    *rows_of(TABLE, "network.md 2.7"),
    Row(
        id="pool-management_reconfigure-mixed",
        source="network.md 2.7",
        method="pool.management_reconfigure",
        arrange=_mixed,
        calm=True,
    ),
)
