"""Where the coordinator sends a call that only the named host can do (message_forwarding.ml)."""

from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.machines import machine_of_call
from simulator.xapi.registry import Call
from simulator.xapi.rows import Row


def target(call: Call, host: str) -> HostMachine:
    """The machine behind a host record, if it can be reached.

    `HOST_OFFLINE` where its heartbeat is missing (check_live), else `CANNOT_CONTACT_HOST` where it does not answer
    (do_op_on_common); the host that serves the call asks nobody else.
    """
    here, row = machine_of_call(call), Row(call.host.database, "host", host)
    machine = here.world.machine(row.text("uuid"))
    if machine is here:
        return here
    if not row.to("metrics", "host_metrics").flag("live"):
        raise XapiError("HOST_OFFLINE", host)
    if not machine.up:
        raise XapiError("CANNOT_CONTACT_HOST", host)
    return machine
