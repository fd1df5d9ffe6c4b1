"""VIF calls and what they refuse (network.md 2.8)."""

from collections.abc import Callable

from simulator.running import Simulation
from simulator.world.host import HostMachine
from simulator.xapi.rows import Row as Record
from tests.simulator.conformance.runner import Asked, Row
from tests.simulator.conformance.tables import Arrange, Arranged, Table, refused, rows_of
from tests.simulator.network.rows import bonded, guest_vif, network, spare, vlan

Fields = dict[str, object]


def _new(error: list[str], **changes: object) -> Arrange:
    """VIF.create of a fine record with one thing wrong."""

    def arrange(host: HostMachine) -> Arranged:
        vif = guest_vif(host, network(host), "Halted", device="0")
        fine: Fields = {"VM": vif.text("VM"), "network": vif.text("network"), "device": "1", "other_config": {}}
        return (fine | changes,), error

    return arrange


def _trunks_on_vlan(host: HostMachine) -> Arranged:
    found = vlan(host)[0].to("network", "network")
    vif = guest_vif(host, network(host), "Halted")
    record = {"VM": vif.text("VM"), "network": found.ref, "device": "1", "other_config": {}, "trunks": [5]}
    return (record,), ["NETWORK_INCOMPATIBLE_WITH_TRUNKS", found.ref]


def _attached(host: HostMachine) -> Arranged:
    vif = guest_vif(host, network(host))
    text = f"VIF '{vif.uuid}' still attached to '{vif.to('VM', 'VM').uuid}'"
    return (vif.ref,), ["OPERATION_NOT_ALLOWED", text]


def _of_vm_in(state: str) -> Arrange:
    def arrange(host: HostMachine) -> Arranged:
        vif = guest_vif(host, network(host), state)
        return (vif.ref,), ["VM_BAD_POWER_STATE", vif.text("VM"), "running", state.lower()]

    return arrange


def _onto(make: Callable[[HostMachine], Record]) -> Arrange:
    def arrange(host: HostMachine) -> Arranged:
        found = make(host)
        return (guest_vif(host, network(host)).ref, found.ref), ["HOST_CANNOT_ATTACH_NETWORK", host.ref, found.ref]

    return arrange


def _elsewhere(host: HostMachine) -> Record:
    """A network on which only another host has a PIF."""
    found = network(host)
    spare(host, "eth3").set(network=found.ref, host=host.database.create("host"))
    return found


def _member(host: HostMachine) -> Record:
    return bonded(host)[1].to("network", "network")


def _with_trunks(host: HostMachine) -> Arranged:
    found = vlan(host)[0].to("network", "network")
    vif = guest_vif(host, network(host), "Halted", trunks=[5])
    return (vif.ref, found.ref), ["NETWORK_INCOMPATIBLE_WITH_TRUNKS", found.ref]


def _trunks(host: HostMachine) -> Arranged:
    found = vlan(host)[0].to("network", "network")
    return (guest_vif(host, found, "Halted").ref, [5]), ["NETWORK_INCOMPATIBLE_WITH_TRUNKS", found.ref]


def _address(field: str, address: str) -> Arrange:
    return lambda host: ((guest_vif(host, network(host)).ref, [address]), ["INVALID_VALUE", field, address])


def _move_fails(sim: Simulation) -> Asked:
    host = sim.hosts[0]
    sim.fault("vif_move_fails", host=host.name)
    args = (guest_vif(host, network(host)).ref, spare(host).text("network"))
    return Asked(host=host, args=args, error=["INTERNAL_ERROR", "Unable to plug moved VIF"])


TABLE: Table = {
    "VIF.create": {
        "vm": _new(["HANDLE_INVALID", "VM", "OpaqueRef:x"], VM="OpaqueRef:x"),
        "network": _new(["HANDLE_INVALID", "network", "OpaqueRef:x"], network="OpaqueRef:x"),
        "device": _new(["INVALID_DEVICE", "eth0"], device="eth0"),
        "mac": _new(["MAC_INVALID", "00:11"], MAC="00:11"),
        "device-taken": _new(["DEVICE_ALREADY_EXISTS", "0"], device="0"),
        "trunks": _trunks_on_vlan,
    },
    "VIF.destroy": {"attached": _attached},
    "VIF.plug": {
        "halted": _of_vm_in("Halted"),
        "attached": refused("DEVICE_ALREADY_ATTACHED", lambda host: guest_vif(host, network(host))),
    },
    "VIF.unplug": {
        "paused": _of_vm_in("Paused"),
        "detached": refused(
            "DEVICE_ALREADY_DETACHED", lambda host: guest_vif(host, network(host), currently_attached=False)
        ),
    },
    "VIF.move": {"elsewhere": _onto(_elsewhere), "member": _onto(_member), "trunks": _with_trunks},
    "VIF.set_trunks": {"vlan": _trunks},
    "VIF.set_ipv4_allowed": {"v6": _address("ipv4_allowed", "2001:db8::1")},
    "VIF.set_ipv6_allowed": {"v4": _address("ipv6_allowed", "10.0.0.1")},
}
ROWS = (
    *rows_of(TABLE, "network.md 2.8"),
    Row(id="vif-move-fails", source="network.md 3.10", method="VIF.move", arrange=_move_fails, calm=True),
)
