"""Cables and the ports at their other ends. All switches of a scene are one network: they pass every VLAN on.

A card's `port` is "switch/port", FLAT (a plain switch that passes everything, where a scene says nothing else) or ""
(no cable).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.scenes.model import LAST_VLAN, PortSpec, SwitchSpec
from simulator.scenes.validate import build
from simulator.world import reach
from simulator.world.hardware import FLAT, Nic

if TYPE_CHECKING:
    from simulator.world.host import HostMachine
    from simulator.world.world import World

ANY = -2  # the VLAN of a frame on the flat switch: whichever its receiver is on
LACP_ACTIVE = "active"
MANAGED = "managed"  # where cards of the flat switch go when something is wrong with their ports


def port_of(world: World, nic: Nic) -> PortSpec | None:
    """Where the cable of a card ends; None without a cable, or on the flat switch."""
    switch, _, name = nic.port.rpartition("/")
    if switch not in world.switches:
        return None
    return next((port for port in world.switches[switch].ports if port.name == name), None)


def vlan_on(world: World, nic: Nic, tag: int) -> int | None:
    """The VLAN that a frame with this tag (-1: none) enters through a card; None where the port drops it."""
    if not nic.carrier:
        return None
    port = port_of(world, nic)
    if port is None:
        return ANY if nic.port == FLAT else None
    if tag < 0:
        return port.native
    return tag if tag in port.vlans or tag == port.native else None


def aggregates(world: World, nic: Nic) -> bool:
    """Whether the port speaks LACP."""
    port = port_of(world, nic)
    return port is not None and port.lacp == LACP_ACTIVE


def serves_alone(world: World, nic: Nic) -> bool:
    """Whether the port passes frames of a card that does not speak LACP."""
    port = port_of(world, nic)
    return port is None or port.lacp != LACP_ACTIVE or port.fallback


def change_port(world: World, switch: str, name: str, fields: dict[str, object]) -> PortSpec:
    """Set up a port otherwise; what hangs on it feels it at once."""
    if switch not in world.switches:
        raise LookupError(f"no switch {switch!r} in scene {world.scene.name}")
    old = world.switches[switch]
    ports = {port.name: port for port in old.ports}
    if name not in ports:
        raise LookupError(f"no port {name!r} on switch {switch!r}")
    if "name" in fields:
        raise ValueError("name: a port keeps its name")
    said = vars(ports[name]) | {"vlans": list(ports[name].vlans)} | fields
    ports[name] = build(PortSpec, said, file=switch, path=f"ports.{name}")
    world.switches[switch] = replace(old, ports=tuple(ports.values()))
    for machine in world.machines:
        if any(nic.port == f"{switch}/{name}" for nic in machine.hardware.nics):
            reach.refresh(machine)
    return ports[name]


def to_managed_port(machine: HostMachine, nic: Nic) -> str:
    """The port of a card; one on the flat switch gets a port of its own that can be set up, and passes everything."""
    if nic.port == FLAT:
        world, name = machine.world, f"{machine.name}-{nic.device}"
        old = world.switches.get(MANAGED, SwitchSpec(name=MANAGED))
        port = PortSpec(name=name, vlans=tuple(range(1, LAST_VLAN + 1)), native=machine.home_vlan)
        others = tuple(each for each in old.ports if each.name != name)
        world.switches[MANAGED] = replace(old, ports=(*others, port))
        nic.port = f"{MANAGED}/{name}"
    if not nic.port:
        raise ValueError(f"{nic.device} has no cable")
    return nic.port


def connect(machine: HostMachine, nic: Nic, port: str) -> None:
    """Put the cable of a card into another port, FLAT, or pull it out for good ("")."""
    if port not in {"", FLAT, nic.port}:
        _assert_free(machine.world, port)
    nic.port = port
    set_carrier(machine, nic, on=bool(port))


def _assert_free(world: World, port: str) -> None:
    if port not in {f"{switch.name}/{each.name}" for switch in world.switches.values() for each in switch.ports}:
        raise LookupError(f"no port {port!r} in scene {world.scene.name}")
    for machine in world.machines:
        for nic in machine.hardware.nics:
            if nic.port == port:
                raise ValueError(f"{port} has the cable of {machine.name}/{nic.device}")


def set_carrier(machine: HostMachine, nic: Nic, *, on: bool) -> None:
    """Let the link of a card come up or go down."""
    if on and not nic.port:
        raise ValueError(f"{nic.device} has no cable")
    nic.carrier = on
    nic.speed = nic.speed or nic.rate
    reach.refresh(machine)
