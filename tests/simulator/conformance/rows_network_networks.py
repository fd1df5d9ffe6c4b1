"""Calls of class network and what they refuse (network.md 2.8)."""

from functools import partial

from simulator.world.host import HostMachine
from simulator.xapi.network.rows import network_of_bridge
from simulator.xapi.rows import Row as Record
from tests.simulator.conformance.tables import Arranged, Table, refused, rows_of
from tests.simulator.network.rows import bonded, guest_vif, network, spare


def _create(host: HostMachine, error: list[str], **fields: object) -> Arranged:
    network(host).set(bridge="lan")
    return ({"name_label": "Guests", "other_config": {}, **fields},), error


def _without_other_config(_host: HostMachine) -> Arranged:
    return ({"name_label": "Guests"},), ["INTERNAL_ERROR", "missing field", "other_config", ""]


def _with_running_vm(host: HostMachine) -> Arranged:
    found = network(host)
    vifs = [guest_vif(host, found).ref, guest_vif(host, found).ref]
    return (found.ref,), ["NETWORK_CONTAINS_VIF", *vifs]


def _with_pif(host: HostMachine) -> Arranged:
    pif = spare(host)
    return (pif.text("network"),), ["NETWORK_CONTAINS_PIF", pif.ref]


def _internal(host: HostMachine) -> Record:
    found = network_of_bridge(host.database, "xenapi")
    assert found is not None
    return found


def _member(host: HostMachine) -> Arranged:
    member = bonded(host)[1]
    return (member.text("network"), host.ref), ["CANNOT_PLUG_BOND_SLAVE", member.ref]


def _foreign_bridge(host: HostMachine) -> Arranged:
    return (network(host, managed=False).ref, host.ref), ["BRIDGE_NOT_AVAILABLE", "xapi0"]


def _purposes(host: HostMachine) -> Arranged:
    network(host, purpose=["nbd"])
    return (network(host).ref, "insecure_nbd"), ["NETWORK_INCOMPATIBLE_PURPOSES", "insecure_nbd", "nbd"]


def _locked(host: HostMachine) -> Arranged:
    found = network(host)
    return (found.ref, "disabled"), ["VIF_IN_USE", found.ref, guest_vif(host, found).ref]


LONG = "a-bridge-too-long"
TABLE: Table = {
    "network.create": {
        "no-other-config": _without_other_config,
        "reserved": partial(_create, error=["INVALID_VALUE", "bridge", "xapi7"], bridge="xapi7"),
        "long": partial(_create, error=["INVALID_VALUE", "bridge", LONG], bridge=LONG),
        "taken": partial(_create, error=["BRIDGE_NAME_EXISTS", "lan"], bridge="lan"),
    },
    "network.destroy": {
        "vifs": _with_running_vm,
        "pif": _with_pif,
        "internal": refused("CANNOT_DESTROY_SYSTEM_NETWORK", _internal),
    },
    "network.attach": {"member": _member, "bridge": _foreign_bridge},
    "network.add_purpose": {"conflict": _purposes},
    "network.set_default_locking_mode": {"vif": _locked},
}
ROWS = rows_of(TABLE, "network.md 2.8")
