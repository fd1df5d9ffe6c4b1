"""From the joiner to the master: its logins, and calls in which faults strike as in any other (pool.md: stage B)."""

from collections.abc import Callable
from dataclasses import dataclass

from simulator.world import reach
from simulator.world.faults import DropConnection, FaultInCall
from simulator.world.host import HostMachine
from simulator.world.role import master_address
from simulator.xapi.errors import XapiError
from simulator.xapi.versions import numbers

INTERNAL = "internal"
REFUSAL_IS_KNOWN_SINCE = (25, 15)


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a host is told to join, and as whom; the password never shows."""

    address: str
    username: str
    password: str

    def __repr__(self) -> str:
        return f"Target({self.address!r}, {self.username!r})"


def log_in(machine: HostMachine, target: Target) -> HostMachine:
    """Every way in which the master may refuse the joiner."""
    master = machine.world.at(target.address)
    if master is None or not master.up or not reach.between(machine, master):
        raise no_connection(machine)
    credentials: list[object] = [target.username, target.password]
    ask(machine, master, "session.login_with_password", lambda: _admit(machine, master, target), *credentials)
    return master


def no_connection(machine: HostMachine) -> XapiError:
    """Read out of stunnel's log since 25.15; before, it was like any lost connection."""
    if numbers(machine.software.get("xapi_build", "0")) >= REFUSAL_IS_KNOWN_SINCE:
        return XapiError("INTERNAL_ERROR", "Connection failed: connection refused.")
    return XapiError("JOINING_HOST_CONNECTION_FAILED")


def _admit(machine: HostMachine, master: HostMachine, target: Target) -> None:
    """A member names its master before it looks at the password."""
    if master.emergency_error:
        raise master.emergency_error
    if not master.is_master:
        raise XapiError("HOST_IS_SLAVE", master_address(master.role))
    if not master.check_password(target.username, target.password):
        machine.life.pause(machine.world.timing.refused_login)
        raise XapiError("SESSION_AUTHENTICATION_FAILED", target.username, "Authentication failure")


def ask(machine: HostMachine, master: HostMachine, method: str, work: Callable[[], None], *arguments: object) -> None:
    """One call from host to host: it is logged."""
    world = master.world
    outcome = "ok"
    try:
        if not master.up:
            raise no_connection(machine)
        world.faults.before(master.name, method)
        work()
        world.faults.after(master.name, method)
    except XapiError as error:
        outcome = error.code
        raise
    except DropConnection as fault:
        outcome = "dropped"
        raise XapiError("JOINING_HOST_CONNECTION_FAILED") from fault
    except FaultInCall as fault:
        outcome = "garbled"
        raise XapiError("JOINING_HOST_SERVICE_FAILED") from fault
    finally:
        world.calllog.record(master.name, method, list(arguments), transport=INTERNAL, outcome=outcome)
