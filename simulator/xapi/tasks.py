"""Task rows: made for Async calls and, while they run, for sync calls that could have been Async."""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import cast

from simulator.database import Database
from simulator.schema.types import EPOCH
from simulator.wire.xmlrpc import encode_value
from simulator.world.faults import FaultInCall
from simulator.xapi.access.rbac import check_permission
from simulator.xapi.decoding import wire_time
from simulator.xapi.errors import XapiError
from simulator.xapi.registry import Call, HostView, SessionRow, message
from simulator.xapi.task_expiry import FINISHED, remove_old

VOID_RESULT = "<value></value>"


class RunningTask:
    """The task of one running message; a row that vanished is no reason to stop working."""

    def __init__(
        self, host: HostView, label: str, session: SessionRow | None = None, marks: Mapping[str, object] | None = None
    ) -> None:
        """`marks`: further fields of its row, from the request that made it."""
        self._host = host
        self._session = session
        self._database: Database = host.database
        self.ref = new_task(host, label, session, marks or {})

    @property
    def cancelled(self) -> bool:
        try:
            row = self._database.get("task", self.ref)
        except XapiError:
            return False
        operations = row["current_operations"]
        return isinstance(operations, dict) and "cancel" in operations.values()

    def check_cancelled(self) -> None:
        """Raise TASK_CANCELLED at a point where the work may stop."""
        if self.cancelled:
            raise XapiError("TASK_CANCELLED", self.ref)

    def set_progress(self, progress: float) -> None:
        self._write(progress=min(1.0, max(0.0, progress)))

    def succeed(self, value: object) -> None:
        self._end({"result": VOID_RESULT if value is None else encode_value(value)}, "success")

    def fail(self, error: XapiError) -> None:
        """On cancellation the status speaks, error_info stays empty, and operations are cleared last."""
        if error.code == "TASK_CANCELLED":
            self._write(progress=1.0)
            self._write(finished=wire_time(self._host.now()))
            self._write(status="cancelled")
            self._write(allowed_operations=[])
        else:
            self._end({"error_info": error.description}, "failure")
        self._remove_if_marked()

    def remove(self) -> None:
        if self._database.has("task", self.ref):
            delete_task(self._database, self.ref, [self._session.ref] if self._session else [])

    def _end(self, outcome: dict[str, object], status: str) -> None:
        """The order of xapi's writes: each can be an event, the status is last."""
        self._write(progress=1.0)
        self._write(finished=wire_time(self._host.now()))
        self._write(allowed_operations=[])
        self._write(**outcome)
        self._write(status=status)
        self._remove_if_marked()

    def _remove_if_marked(self) -> None:
        if self._database.has("task", self.ref):
            operations = self._database.field("task", self.ref, "current_operations")
            if isinstance(operations, dict) and "destroy" in operations.values():
                self.remove()

    def _write(self, **fields: object) -> None:
        with self._database.locked():
            if self._database.has("task", self.ref):
                self._database.set("task", self.ref, **fields)


def new_task(host: HostView, label: str, session: SessionRow | None, more: Mapping[str, object]) -> str:
    """Its session lives as long as it runs; old tasks go when a new one comes."""
    remove_old(host.database, host.now())
    fields: dict[str, object] = {
        "name_label": label,
        "created": wire_time(host.now()),
        "finished": EPOCH,
        "status": "pending",
        "resident_on": host.ref,
        "type": "<none/>",
    }
    ref = host.database.insert("task", fields | dict(more))
    if session and host.database.has("session", session.ref):
        host.database.update("session", session.ref, "tasks", lambda tasks: [*cast("list[str]", tasks), ref])
    return ref


def delete_task(database: Database, ref: str, sessions: Iterable[str]) -> None:
    """Remove it, from the session that holds it too."""
    with database.locked():
        database.delete("task", ref)
        for session in sessions:
            if database.has("session", session):
                database.update("session", session, "tasks", partial(_without, ref))


def _without(ref: str, tasks: object) -> object:
    return [task for task in cast("list[str]", tasks) if task != ref]


def run_in(task: RunningTask, work: Callable[[], object]) -> None:
    """Do the work; whatever becomes of it lands in the task, unless the toolstack dies over it."""
    try:
        value = work()
    except FaultInCall:
        return
    except XapiError as error:
        task.fail(error)
    except Exception as error:  # noqa: BLE001 - xapi turns every exception into INTERNAL_ERROR
        task.fail(XapiError("INTERNAL_ERROR", f"{type(error).__name__}: {error}"))
    else:
        task.succeed(value)


@message("task", "create")
def task_create(call: Call, label: str, description: str) -> str:
    return new_task(call.host, label, call.session, {"name_description": description})


@message("task", "destroy")
def task_destroy(call: Call, ref: str) -> None:
    """A pending task is only marked, and goes when it completes."""
    database = call.host.database
    _assert_mine(call, ref)
    with database.locked():
        row = database.get("task", ref)
        if row["status"] in FINISHED:
            delete_task(database, ref, database.refs("session"))
        else:
            _mark(database, ref, "destroy")


@message("task", "cancel")
def task_cancel(call: Call, ref: str) -> None:
    """Asks the worker; success even if nothing can be cancelled."""
    database = call.host.database
    _assert_mine(call, ref)
    with database.locked():
        if database.get("task", ref)["status"] == "pending":
            _mark(database, ref, "cancel")


def _assert_mine(call: Call, ref: str) -> None:
    """Others' tasks need a permission of their own; one whose session is gone is nobody's."""
    database, session = call.host.database, call.session
    if session is None or session.is_local_superuser:
        return
    for other in database.find("session", auth_user_sid=session.identifier):
        if ref in cast("list[str]", database.field("session", other, "tasks")):
            return
    check_permission(session, "task.destroy/any", "pool-operator")


def _mark(database: Database, ref: str, operation: str) -> None:
    current = database.field("task", ref, "current_operations")
    marks = current if isinstance(current, dict) else {}
    database.set("task", ref, current_operations={**marks, ref: operation})


@message("task", "set_progress")
def set_progress(call: Call, ref: str, value: float) -> None:
    call.host.database.set("task", ref, progress=value)


@message("task", "set_status")
def set_status(call: Call, ref: str, value: str) -> None:
    database = call.host.database
    if value in FINISHED:
        database.set("task", ref, finished=wire_time(call.host.now()), allowed_operations=[])
    database.set("task", ref, status=value)


@message("task", "set_result")
def set_result(call: Call, ref: str, value: str) -> None:
    call.host.database.set("task", ref, result=value)


@message("task", "set_error_info")
def set_error_info(call: Call, ref: str, value: list[str]) -> None:
    call.host.database.set("task", ref, error_info=value)


TASK_REF = re.compile(r"^task/", re.IGNORECASE)


def only_tasks(classes: list[str]) -> bool:
    """Such a subscription skips the delay of general ones."""
    return bool(classes) and all(TASK_REF.match(item) or item.lower() == "task" for item in classes)
