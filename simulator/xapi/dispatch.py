"""From a decoded request to its value: xapi's order of checks, tasks, faults and the call log."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from simulator.schema import schema
from simulator.world.faults import FaultInCall
from simulator.xapi.access.rbac import check_permission, needed
from simulator.xapi.access.sessions import find_session
from simulator.xapi.database_link import await_link
from simulator.xapi.decoding import assert_count, check_text, expected
from simulator.xapi.errors import EarlyError, XapiError, failure
from simulator.xapi.registry import Call, Handler, HostView, SessionRow
from simulator.xapi.served import find, names
from simulator.xapi.tasks import RunningTask, run_in
from simulator.xapi.versions import arguments_for

ASYNC = ("Async.", "InternalAsync.")
LIST_METHODS = "system.listMethods"
IS_ALIVE = "system.isAlive:"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Request:
    """A call as it came off the wire; `transport` is "xmlrpc" or "jsonrpc", `marks` what it says of its task."""

    method: str
    params: list[object]
    transport: str
    marks: Mapping[str, object] = field(default_factory=dict)

    @property
    def asynchronous(self) -> bool:
        return self.method.startswith(ASYNC)

    @property
    def plain(self) -> str:
        """The name as errors spell it: without Async."""
        return self.method.split(".", 1)[1] if self.asynchronous else self.method


@dataclass(frozen=True)
class Resolved:
    name: str
    handler: Handler


def serve_call(host: HostView, request: Request) -> object:
    """The value of a call, with the world's delays and faults around it; every call is logged."""
    world, outcome = host.world, "ok"
    try:
        world.timing.call_delay()
        world.faults.before(host.name, request.method)
        try:
            return _answer(host, request)
        except XapiError as error:
            outcome = error.code
            raise
        finally:
            world.faults.after(host.name, request.method)
    except FaultInCall as fault:
        outcome = type(fault).__name__
        raise
    finally:
        _log(host, request, outcome)


def _log(host: HostView, request: Request, outcome: str) -> None:
    session, arguments = _split(request)
    shown = session if isinstance(session, str) else ""
    host.world.calllog.record(
        host.name, request.method, arguments, transport=request.transport, session=shown, outcome=outcome
    )


def _split(request: Request) -> tuple[object, list[object]]:
    """The session and the arguments after it; a few messages have no session."""
    resolved = resolve(request)
    sessionless = (resolved and not resolved.handler.spec.session) or request.plain.startswith("system.")
    if sessionless or not request.params:
        return "", list(request.params)
    return request.params[0], list(request.params[1:])


def _answer(host: HostView, request: Request) -> object:
    try:
        return answer(host, request)
    except (XapiError, FaultInCall):
        raise
    except Exception as error:
        log.exception("%s: %s failed", host.name, request.method)
        raise XapiError("INTERNAL_ERROR", f"{type(error).__name__}: {error}") from error


def answer(host: HostView, request: Request) -> object:
    """Emergency, text, name, count, types, session, withdrawn, Async, permission, execution."""
    if host.emergency_error is not None and request.plain not in schema().emergency_calls:
        raise EarlyError(host.emergency_error.code, *host.emergency_error.params)
    for item in request.params:
        check_text(item)
    system = _system(request)
    if system is not None:
        return system
    resolved = resolve(request)
    if resolved is None:
        raise _unknown(host, request)
    return _checked(host, request, resolved)


def _system(request: Request) -> object:
    """Neither needs a session; the second gives back its first parameter."""
    if request.plain == LIST_METHODS:
        return names()
    if request.plain.startswith(IS_ALIVE):
        if not request.params:
            raise failure("hd")
        return request.params[0]
    return None


def resolve(request: Request) -> Resolved | None:
    """Class.message, or the old Class_message (which has no Async form)."""
    name = request.plain
    if "." in name:
        handler = find(name)
        return Resolved(name, handler) if handler else None
    if request.asynchronous:
        return None
    for place, char in enumerate(name):
        dotted = f"{name[:place]}.{name[place + 1 :]}"
        if char == "_" and (handler := find(dotted)):
            return Resolved(dotted, handler)
    return None


def _unknown(host: HostView, request: Request) -> XapiError:
    """First treated as an extension: the session and a permission are looked at before the name."""
    if request.params:
        session = find_session(host, _session_ref(request))
        check_permission(session, "host.call_extension", "pool-admin")
    return XapiError("MESSAGE_METHOD_UNKNOWN", request.plain)


def _session_ref(request: Request) -> str:
    given = request.params[0] if request.params else None
    if not isinstance(given, str):
        raise expected("string", given)
    return given


def _checked(host: HostView, request: Request, resolved: Resolved) -> object:
    spec = resolved.handler.spec
    if spec.removed or not request.params:
        assert_count(resolved.name, spec, len(request.params) - spec.session)
    arguments = [] if spec.removed else arguments_for(host, resolved.name, spec, request.params[spec.session :])
    if spec.session:
        await_link(host, request.plain)
    session = find_session(host, _session_ref(request)) if spec.session else None
    if spec.removed:
        raise XapiError("MESSAGE_REMOVED")
    if request.asynchronous and not spec.asynchronous:
        raise XapiError("Fault", f"No async mode for this operation (rpc: {resolved.name})")
    execution = Execution(host, request, resolved, arguments, session)
    return execution.start() if request.asynchronous else execution.finish()


@dataclass(frozen=True)
class Execution:
    """A call that has passed every check but the permission."""

    host: HostView
    request: Request
    resolved: Resolved
    arguments: list[object]
    session: SessionRow | None

    def start(self) -> str:
        """Async: the task's reference at once; all that follows lands in the task."""
        task = RunningTask(self.host, self.request.method, self.session, self.request.marks)
        self._thread(lambda: run_in(task, lambda: self._run(task)))
        return task.ref

    def finish(self) -> object:
        """A sync call shows itself as a task while it runs, if it could have been Async."""
        local = self.session is not None and self.session.local
        if not self.resolved.handler.spec.asynchronous or local:
            return self._run(None)
        task = RunningTask(self.host, self.request.method, self.session, self.request.marks)
        try:
            return self._run(task)
        finally:
            task.remove()

    def _run(self, task: RunningTask | None) -> object:
        name, handler = self.resolved.name, self.resolved.handler
        check_permission(self.session, *needed(name, handler.spec.role, self.arguments))
        call = Call(self.host, self.session, task, name, self.request.transport)
        value = handler.function(call, *self.arguments)
        return handler.spec.result.stored(value)

    def _thread(self, work: Callable[[], None]) -> None:
        name = f"{self.request.method}@{self.host.name}"
        threading.Thread(target=work, name=name, daemon=True).start()
