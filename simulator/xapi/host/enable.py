"""host.disable and host.enable (xapi_host.ml; pool.md 5.1, 5.4)."""

from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.forwarding import forwarded
from simulator.xapi.operations import operating, recompute
from simulator.xapi.pool.ha_plan import assert_plan_survives
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import Row


@message("host", "disable")
def host_disable(call: Call, host: str, auto_enable: bool) -> None:  # noqa: FBT001 - the wire's own order
    """No new VM starts here; with auto_enable false not even after a restart. Nothing at all when it is disabled."""
    row = Row(call.host.database, "host", host)
    assert_plan_survives(row)

    def work(machine: HostMachine) -> None:
        if row.flag("enabled"):
            machine.auto_enable = auto_enable
            row.set(enabled=False)
            recompute(row)

    forwarded(call, host, work)


@message("host", "enable")
def host_enable(call: Call, host: str) -> None:
    row = Row(call.host.database, "host", host)

    def work(machine: HostMachine) -> None:
        assert_safe_to_enable(machine, row)
        machine.auto_enable = True
        row.set(enabled=True)

    with operating(row, "enable", call):
        forwarded(call, host, work)


def assert_safe_to_enable(machine: HostMachine, row: Row) -> None:
    """The order of xapi_host.ml: assert_safe_to_reenable."""
    if not machine.settled:
        raise XapiError("HOST_STILL_BOOTING")
    if row.items("pending_guidances"):
        raise XapiError("HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY", row.ref)
    if machine.disk.disabled_until_reboot:
        raise XapiError("HOST_DISABLED_UNTIL_REBOOT", row.ref)
