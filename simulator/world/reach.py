"""Who can reach whom: computed from power, cables, ports, bridges and their bonds, never from a database."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from simulator.world import switches
from simulator.world.hardware import Nic
from simulator.world.interfaces import Plug

if TYPE_CHECKING:
    from simulator.world.host import HostMachine

LACP = "lacp"
FALLBACK = "lacp-fallback-ab"


def from_outside(machine: HostMachine) -> bool:
    """Whether a client's packets arrive at the management address: on the VLAN where that address lives."""
    return machine.powered and any(_lives_on(machine, vlan) for vlan in _vlans(machine))


def between(one: HostMachine, other: HostMachine) -> bool:
    """Whether two servers reach each other by their management addresses: through routers, or side by side."""
    if from_outside(one) and from_outside(other):
        return True
    return one.powered and other.powered and bool(_vlans(one) & _vlans(other))


def lit(machine: HostMachine, bridge: str) -> tuple[Nic, ...]:
    """The cards below a bridge through which its frames really pass; those of the management to where it lives."""
    plug = machine.interfaces.plugs.get(bridge)
    if plug is None or not machine.powered:
        return ()
    way = {nic.mac: vlan_on(machine, nic, plug.vlan) for nic in legs(machine, plug)}
    wanted = {vlan for vlan in way.values() if vlan is not None}
    if bridge == machine.interfaces.management:
        wanted = {vlan for vlan in wanted if _lives_on(machine, vlan)}
    return tuple(nic for nic in machine.hardware.nics if way.get(nic.mac) in wanted)


def legs(machine: HostMachine, plug: Plug) -> list[Nic]:
    """The cards of a bridge that are in use: one alone, or those of a bond that their ports let take part."""
    world = machine.world
    linked = [nic for nic in machine.hardware.nics if nic.mac in plug.nics and nic.carrier]
    if len(plug.nics) > 1 and plug.mode == LACP:
        agreed = [nic for nic in linked if switches.aggregates(world, nic)]
        if agreed:
            return _of_one_group(machine, agreed)
        return linked if plug.properties.get(FALLBACK, "true") == "true" else []
    return [nic for nic in linked if switches.serves_alone(world, nic)]


def vlan_on(machine: HostMachine, nic: Nic, tag: int) -> int | None:
    """The VLAN that a frame of this machine enters; on the flat switch always the right one."""
    vlan = switches.vlan_on(machine.world, nic, tag)
    return machine.home_vlan if vlan == switches.ANY else vlan


def mtu(machine: HostMachine, bridge: str) -> int:
    """The largest frame that passes on every lit card of a bridge; 0 where none does."""
    ports = [switches.port_of(machine.world, nic) for nic in lit(machine, bridge)]
    plug = machine.interfaces.plugs.get(bridge)
    return min([plug.mtu, *(port.mtu for port in ports if port)]) if plug and ports else 0


def refresh(machine: HostMachine) -> None:
    """What follows from a change of power, bridges, cables or ports; the world calls it after each."""
    address = machine.interfaces.address
    if address and address != machine.address:
        machine.move_to(address)
    dawn = machine.link.follow(lambda: from_outside(machine))
    machine.world.monitor.note(machine)
    if dawn:
        machine.world.monitor.look(machine)


def _lives_on(machine: HostMachine, vlan: int) -> bool:
    """The address of the scene lives on one VLAN; one that was given later is taken to be right where it was given."""
    return vlan == machine.home_vlan or machine.interfaces.address not in {"", machine.home}


def _vlans(machine: HostMachine) -> set[int]:
    """Where packets from the management interface come out."""
    plug = machine.interfaces.plugs.get(machine.interfaces.management)
    if plug is None or not plug.address:
        return set()
    found = {vlan_on(machine, nic, plug.vlan) for nic in legs(machine, plug)}
    return {vlan for vlan in found if vlan is not None}


def _of_one_group(machine: HostMachine, agreed: list[Nic]) -> list[Nic]:
    """LACP joins only links to one partner: the group with most of them, the first among equals."""
    groups = [(port.group if port else "") for port in (switches.port_of(machine.world, nic) for nic in agreed)]
    chosen = Counter(groups).most_common(1)[0][0]
    return [nic for nic, group in zip(agreed, groups, strict=True) if group == chosen]
