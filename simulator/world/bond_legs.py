"""Which legs of a host's bonds Open vSwitch has enabled, and since when (network.md 2.2; ofproto/bond.c)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulator.world import reach, switches
from simulator.world.interfaces import UNTAGGED, Plug

if TYPE_CHECKING:
    from simulator.world.host import HostMachine

ALWAYS = 0.0  # a leg that has been enabled for as long as anybody remembers


@dataclass(kw_only=True)
class BondLegs:
    """`enabled` is the moment from which each usable leg is used, by MAC; it may still lie ahead."""

    plug: Plug
    enabled: dict[str, float] = field(default_factory=dict)

    def up(self, now: float) -> set[str]:
        return {mac for mac, moment in self.enabled.items() if moment <= now}

    def is_of(self, plug: Plug) -> bool:
        return (self.plug.nics, self.plug.mode) == (plug.nics, plug.mode)


def bonds(machine: HostMachine) -> list[Plug]:
    """Bridges on more than one card: a bond of one member is a plain port."""
    return [plug for plug in machine.interfaces.plugs.values() if len(plug.nics) > 1 and plug.vlan == UNTAGGED]


def usable(machine: HostMachine, plug: Plug) -> list[str]:
    """Without LACP the carrier alone counts; what the port thinks of it is not seen."""
    if plug.mode == reach.LACP:
        return [nic.mac for nic in reach.legs(machine, plug)]
    return [nic.mac for nic in machine.hardware.nics if nic.mac in plug.nics and nic.carrier]


def renew(machine: HostMachine, legs: BondLegs, now: float) -> None:
    """The first leg is used at once, the next ones after the up-delay; with LACP when both sides have agreed."""
    found = usable(machine, legs.plug) if machine.powered else []
    legs.enabled = {mac: moment for mac, moment in legs.enabled.items() if mac in found}
    negotiated, timing = _negotiated(machine, legs.plug), machine.world.timing
    for mac in found:
        legs.enabled.setdefault(mac, now + (timing.lacp if negotiated else timing.up_delay))
    if legs.enabled and not legs.up(now) and not negotiated:
        legs.enabled[min(legs.enabled, key=lambda mac: legs.enabled[mac])] = now


def _negotiated(machine: HostMachine, plug: Plug) -> bool:
    world = machine.world
    return plug.mode == reach.LACP and any(
        switches.aggregates(world, nic) for nic in machine.hardware.nics if nic.mac in plug.nics and nic.carrier
    )
