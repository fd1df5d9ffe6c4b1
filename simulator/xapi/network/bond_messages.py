"""The messages of class Bond, each on the host of its cards (message_forwarding.ml: Bond)."""

from typing import cast

from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.forwarding import Tolerance
from simulator.xapi.machines import machine_of_call
from simulator.xapi.network import bond
from simulator.xapi.network.bond_properties import fitting, refuse_invalid
from simulator.xapi.network.on_host import on_host
from simulator.xapi.network.plug import bring_up
from simulator.xapi.network.rows import BondPlan, pif_on
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import NULL, Row

DONE = 1.0


@message("Bond", "create")
def bond_create(call: Call, network: str, members: list[str], mac: str, *rest: object) -> str:
    if not members:
        raise XapiError("PIF_BOND_NEEDS_MORE_MEMBERS")
    mode, properties = rest
    database = call.host.database
    plan = BondPlan(
        network=Row(database, "network", network),
        pifs=[Row(database, "PIF", ref) for ref in members],
        mode=str(mode),
        properties=cast("dict[str, str]", properties),
        mac=mac,
    )
    host = plan.pifs[0].text("host")

    def work(machine: HostMachine) -> str:
        machine.life.pause(machine.world.timing.network)
        return bond.create(machine, plan, _reporter(call)).ref

    return on_host(call, host, work, _tolerance(call)) or _made(Row(database, "host", host), network)


@message("Bond", "destroy")
def bond_destroy(call: Call, ref: str) -> None:
    found = Row(call.host.database, "Bond", ref)

    def work(machine: HostMachine) -> None:
        machine.life.pause(machine.world.timing.network)
        bond.destroy(machine, found, _reporter(call))

    on_host(call, _host_of(found), work, _tolerance(call))


@message("Bond", "set_mode")
def bond_set_mode(call: Call, ref: str, mode: str) -> None:
    """Properties that the mode does not know go; the bond is plugged anew."""
    found = Row(call.host.database, "Bond", ref)

    def work(machine: HostMachine) -> None:
        found.set(mode=mode)
        found.set(properties=fitting(mode, found.mapping("properties")))
        bring_up(machine, found.to("master", "PIF"))

    on_host(call, _host_of(found), work)


@message("Bond", "set_property")
def bond_set_property(call: Call, ref: str, name: str, value: str) -> None:
    found = Row(call.host.database, "Bond", ref)

    def work(machine: HostMachine) -> None:
        refuse_invalid(found.text("mode"), {name: value})
        found.put("properties", name, value)
        bring_up(machine, found.to("master", "PIF"))

    on_host(call, _host_of(found), work)


def _host_of(found: Row) -> str:
    return found.to("master", "PIF").text("host")


def _reporter(call: Call) -> bond.Report:
    return call.task.set_progress if call.task else bond.unreported


def _tolerance(call: Call) -> Tolerance:
    """A lost connection is a success when the task's progress has come to 1.0 within 30 s."""
    database, task = call.host.database, call.task

    def done() -> bool:
        if task is None or not database.has("task", task.ref):
            return False
        return database.field("task", task.ref, "progress") == DONE

    return Tolerance(machine_of_call(call).world.timing.bond_tolerance, done)


def _made(host: Row, network: str) -> str:
    """The bond of which only the news was lost."""
    bonds = [ref for pif in pif_on(host, network) for ref in pif.items("bond_master_of")]
    return next(iter(bonds), NULL)
