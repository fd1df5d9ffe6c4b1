"""Faults that act on a machine at once, whatever it is doing. The docstrings are what GET /faults/kinds says."""

from fnmatch import fnmatchcase

from simulator.scenes.model import LAST_VLAN
from simulator.world import disks
from simulator.world.faults import Fault, at_once
from simulator.world.hardware import Nic
from simulator.world.host import HostMachine
from simulator.world.switches import change_port, set_carrier, to_managed_port
from simulator.xapi.rows import first, rows


@at_once("power_off")
def power_off(machine: HostMachine, _fault: Fault) -> None:
    """The server loses its power; callers are refused, its pool notices when heartbeats stay away."""
    machine.world.power_off(machine)


@at_once("power_loss")
def lose_power(machine: HostMachine, _fault: Fault) -> None:
    """Another name of power_off."""
    machine.world.power_off(machine)


@at_once("power_on")
def power_on(machine: HostMachine, _fault: Fault) -> None:
    """The server gets power and starts."""
    machine.world.power_on(machine)


@at_once("reboot")
def reboot(machine: HostMachine, fault: Fault) -> None:
    """The server goes down in good order after `seconds`, and starts again."""
    machine.world.reboot(machine, after=fault.seconds)


@at_once("certificate_replaced")
def replace_certificate(machine: HostMachine, _fault: Fault) -> None:
    """Another key and certificate; open connections are cut."""
    machine.replace_certificate()


@at_once("clock_skew")
def skew_clock(machine: HostMachine, fault: Fault) -> None:
    """The clock of the server is `seconds` ahead (behind, when negative)."""
    machine.clock_skew = fault.seconds


@at_once("carrier_down")
def carrier_down(machine: HostMachine, fault: Fault) -> None:
    """The links of the cards that data.device (a pattern; all without it) names go down."""
    for nic in _cards(machine, fault):
        set_carrier(machine, nic, on=False)


@at_once("carrier_up")
def carrier_up(machine: HostMachine, fault: Fault) -> None:
    """The links of the cards that data.device names, and that have a cable, come up."""
    for nic in _cards(machine, fault):
        if nic.port:
            set_carrier(machine, nic, on=True)


@at_once("switch_misconfigured")
def misconfigure_switch(machine: HostMachine, fault: Fault) -> None:
    """The ports of the cards that data.device names get data.vlans ("10,20"), native, lacp, fallback, mtu or group.

    With none of these they let through no VLAN that is in use.
    """
    said = {key: value for key, value in fault.data.items() if key != "device"}
    fields = {key: _port_value(key, value) for key, value in said.items()}
    for nic in _cards(machine, fault):
        switch, _, port = to_managed_port(machine, nic).rpartition("/")
        change_port(machine.world, switch, port, fields or {"vlans": [], "native": LAST_VLAN})


@at_once("disk_full")
def fill_disk(machine: HostMachine, fault: Fault) -> None:
    """The server's disks that data.disk (a pattern; all without it) names are full: their SRs take nothing more."""
    for disk in machine.hardware.disks:
        if fnmatchcase(disk.name, fault.data.get("disk", "*")):
            disks.fill(machine, disk, full=True)


@at_once("coordinator_lost")
def lose_coordinator(machine: HostMachine, fault: Fault) -> None:
    """The coordinator of the server's pool loses its power, or with data.how "network" all its links."""
    pool = next(rows(machine.database, "pool"), None)
    host = first(machine.database, "host", uuid=pool.to("master", "host").uuid) if pool else None
    if host is None:
        return
    coordinator = machine.world.machine(host.uuid)
    if fault.data.get("how") == "network":
        for nic in coordinator.hardware.nics:
            set_carrier(coordinator, nic, on=False)
    elif coordinator.powered:
        coordinator.world.power_off(coordinator)


def _cards(machine: HostMachine, fault: Fault) -> list[Nic]:
    pattern = fault.data.get("device", "*")
    found = [nic for nic in machine.hardware.nics if fnmatchcase(nic.device, pattern)]
    if not found and fault.host == machine.name:
        raise ValueError(f"data.device: {machine.name} has no card {pattern!r}")
    return found


def _port_value(key: str, text: str) -> object:
    """A fault's data are texts; a port has numbers and flags."""
    if key == "vlans":
        return [int(number) for number in text.split(",") if number]
    if key == "fallback":
        return {"true": True, "false": False}.get(text, text)
    return int(text) if key in {"native", "mtu"} else text
