"""Who can reach whom. Every cable is on one flat switch, so power alone decides."""

from simulator.world.hardware import Nic
from simulator.world.host import HostMachine


def from_outside(machine: HostMachine) -> bool:
    """Whether a client's packets arrive at the management address."""
    return machine.powered


def between(one: HostMachine, other: HostMachine) -> bool:
    """Whether two servers reach each other by their management addresses."""
    return from_outside(one) and from_outside(other)


def lit(machine: HostMachine, bridge: str) -> tuple[Nic, ...]:
    """The cards below a bridge that have a link."""
    plug = machine.interfaces.plugs.get(bridge)
    macs = plug.nics if plug else ()
    return tuple(nic for nic in machine.hardware.nics if nic.mac in macs and nic.carrier)


def refresh(machine: HostMachine) -> None:
    """Call it after any change of power, plugs, cables or ports: what can be reached follows."""
    machine.reachable = from_outside(machine)
