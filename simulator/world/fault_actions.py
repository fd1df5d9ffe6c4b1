"""Faults that act on a machine at once, whatever it is doing."""

from simulator.world.faults import Fault, at_once
from simulator.world.host import HostMachine


@at_once("power_off")
def power_off(machine: HostMachine, _fault: Fault) -> None:
    machine.world.power_off(machine)


@at_once("power_on")
def power_on(machine: HostMachine, _fault: Fault) -> None:
    machine.world.power_on(machine)


@at_once("certificate_replaced")
def replace_certificate(machine: HostMachine, _fault: Fault) -> None:
    machine.replace_certificate()


@at_once("clock_skew")
def skew_clock(machine: HostMachine, fault: Fault) -> None:
    machine.clock_skew = fault.seconds
