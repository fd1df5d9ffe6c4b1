"""Rebooting, switching off and on, and the names of a host (xapi_host.ml; pool.md 5.5)."""

import re
from collections.abc import Callable

from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.exclusive import exclusively
from simulator.xapi.forwarding import forwarded
from simulator.xapi.machines import machine_of_call
from simulator.xapi.operations import recompute, refuse_if_not_allowed
from simulator.xapi.pool.heartbeat import mark_as_dead
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import Row
from simulator.xapi.storage.rows import plugged_srs

HOSTNAME = re.compile(r"[A-Za-z0-9.-]+")


def _goes_down(call: Call, host: str, operation: str, act: Callable[[HostMachine], None]) -> None:
    """The reply comes before the server goes; it is called dead at once, and stays disabled until it has booted."""
    row = Row(call.host.database, "host", host)

    def work(machine: HostMachine) -> None:
        machine.disk.disabled_until_reboot = True
        mark_as_dead(machine)
        act(machine)

    with exclusively(row, operation, refuse_if_not_allowed, call):
        forwarded(call, host, work)


@message("host", "reboot")
def host_reboot(call: Call, host: str) -> None:
    fuse = machine_of_call(call).world.timing.fuse
    _goes_down(call, host, "reboot", lambda machine: machine.world.reboot(machine, after=fuse))


@message("host", "shutdown")
def host_shutdown(call: Call, host: str) -> None:
    _goes_down(
        call, host, "shutdown", lambda machine: machine.world.shut_down(machine, after=machine.world.timing.fuse)
    )


@message("host", "power_on")
def host_power_on(call: Call, host: str) -> None:
    """The master wakes the server by the means of its power-on mode; the call returns before it is up."""
    row = Row(call.host.database, "host", host)
    with exclusively(row, "power_on", refuse_if_not_allowed, call):
        caller = machine_of_call(call)
        caller.world.power_on(caller.world.machine(row.uuid))


@message("host", "set_power_on_mode")
def host_set_power_on_mode(call: Call, host: str, mode: str, config: dict[str, str]) -> None:
    row = Row(call.host.database, "host", host)
    row.set(power_on_mode=mode, power_on_config=config)
    recompute(row)


@message("host", "set_hostname_live")
def host_set_hostname_live(call: Call, host: str, name: str) -> None:
    """Letters, digits, hyphens and dots, as the server's own file has them."""
    if not name:
        raise XapiError("HOST_NAME_INVALID", "empty hostname")
    if not HOSTNAME.fullmatch(name):
        raise XapiError("HOST_NAME_INVALID", "hostname contains invalid characters")

    def work(machine: HostMachine) -> None:
        machine.software["hostname"] = name
        row = Row(machine.database, "host", host)
        row.set(hostname=name, software_version=row.mapping("software_version") | {"hostname": name})

    forwarded(call, host, work)


@message("host", "set_iscsi_iqn")
def host_set_iscsi_iqn(call: Call, host: str, value: str) -> None:
    if not value:
        raise XapiError("INVALID_VALUE", "value", value)
    Row(call.host.database, "host", host).set(iscsi_iqn=value)


@message("host", "set_multipathing")
def host_set_multipathing(call: Call, host: str, value: bool) -> None:  # noqa: FBT001 - the wire's own order
    """Only while no storage is plugged (xapi_host.ml: set_multipathing)."""
    row = Row(call.host.database, "host", host)
    if plugged_srs(row):
        raise XapiError("OPERATION_NOT_ALLOWED", "Multipathing cannot be changed while SRs are plugged")
    row.set(multipathing=value)
