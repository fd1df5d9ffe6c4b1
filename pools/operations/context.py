"""What a step works with: sessions on servers, the record of what it sends, its notes, its patience."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from functools import partial
from types import TracebackType
from typing import Final, Self

from pools import connections
from pools.models import Attempt, Operation, Server
from pools.models import Step as StepRow
from pools.operations import attempts, drain
from pools.operations.attempts import Outcome
from pools.operations.claims import Claim
from pools.operations.notes import Notes
from pools.operations.recorder import Recorder
from pools.operations.sessions import Sessions
from pools.operations.step import Step
from pools.xapi.endpoint import Login
from pools.xapi.errors import LoginMissing, XapiError, XapiFailure
from pools.xapi.gateway import Xapi
from pools.xapi.records import TaskRecord

TASK_SLICE: Final = 2.0
POOL: Final = "pool"


class PatienceOver(Exception):
    """The step's time is used up."""


class Context:
    """One attempt of one step. ``doubt`` is the attempt, this or an earlier one, whose call got no reply.

    Patience counts from the first attempt while a call is in doubt; with nothing in doubt it begins anew.
    """

    def __init__(self, claim: Claim, row: StepRow, step: Step, attempt: Attempt, sessions: Sessions) -> None:
        self.claim = claim
        self.row = row
        self.step = step
        self.operation: Operation = row.operation
        self.attempt = attempt
        self.called: Callable[[Operation, str, str], None] | None = None
        self.doubt: Attempt | None = attempts.left_in_doubt(attempt)
        self.notes = Notes(claim, row)
        self._ends = time.monotonic() + step.patience - (claim.elapsed if self.doubt else 0)
        self._servers: dict[str, Server] = {}
        self._sessions = sessions
        self._recorded: dict[str, Xapi] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """The coordinator's session serves the next step too; a host's own one does not outlive a join."""
        self._sessions.close(keep=POOL)

    def server(self, uuid: str, *, now: bool = False) -> Server:
        """Return a server's row, as it was when this attempt first asked, or as it is now."""
        if now or uuid not in self._servers:
            self._servers[uuid] = Server.objects.select_related("pool").get(uuid=uuid)
        return self._servers[uuid]

    def pool(self) -> Xapi:
        """Return a session on the coordinator of the operation's pool, wherever that is now."""
        pool = self.operation.pool
        if pool is None or pool.coordinator is None:
            raise LoginMissing("XENWEB_LOGIN_MISSING", ())
        return self._session(POOL, pool.coordinator, partial(connections.connect_pool, pool))

    def xapi(self, uuid: str) -> Xapi:
        """Return a session on this very server."""
        server = self.server(uuid)
        return self._session(uuid, server, partial(connections.connect, server))

    def local(self, uuid: str) -> Xapi:
        """Return a session on this member alone: in an emergency there is no other."""
        server = self.server(uuid)
        return self._session(f"local {uuid}", server, partial(connections.connect_locally, server))

    def _session(self, name: str, server: Server, connect: Callable[[], AbstractContextManager[Xapi]]) -> Xapi:
        """What changes something through it is recorded as this attempt's."""
        if name not in self._recorded:
            xapi = self._sessions.get(name, connect)
            self._recorded[name] = xapi.recorded_by(Recorder(self, answering(server, xapi), xapi.session_ref))
        return self._recorded[name]

    def disconnect(self) -> None:
        """End all sessions, as well as it goes; the next use connects anew."""
        self._recorded.clear()
        self._sessions.close()

    def pool_login(self) -> Login:
        """Return the pool's own login, which a joining server has to present."""
        if self.operation.pool is None:
            raise LoginMissing("XENWEB_LOGIN_MISSING", ())
        return connections.login_of(self.operation.pool)

    def follow(self, xapi: Xapi, task_ref: str, meanwhile: Callable[[], None] | None = None) -> TaskRecord | None:
        """Wait for a task and return it. Raises its failure; contact lost: nothing, and the outcome is in doubt."""
        try:
            task = xapi.wait_task(task_ref, TASK_SLICE, self._on_progress)
            while task.status == "pending":
                if meanwhile:
                    meanwhile()
                self.pause(0)
                task = xapi.wait_task(task_ref, TASK_SLICE, self._on_progress)
        except XapiError:
            self.disconnect()
            return None
        self._end_of(task)
        with suppress(XapiError):
            xapi.task_destroy(task_ref)
        return task

    def _end_of(self, task: TaskRecord) -> None:
        if task.status == "success":
            self.settle_doubt(Outcome.DONE)
            return
        self.settle_doubt(Outcome.REFUSED)
        code, *params = task.error_info or ("TASK_CANCELLED",)
        raise XapiFailure(code, params)

    def _on_progress(self, task: TaskRecord) -> None:
        if task.status == "pending":
            self.notes.progress(task.progress)

    def settle_doubt(self, outcome: Outcome) -> None:
        """The call is in doubt no longer. This attempt itself is closed when its step is settled."""
        if self.doubt is None:
            return
        if outcome in (Outcome.NOT_SENT, Outcome.NOT_DONE):
            self._ends = time.monotonic() + self.step.patience
        with self.claim.writing(lasting=False):
            if self.doubt.pk != self.attempt.pk:
                attempts.close(self.doubt, outcome)
            elif outcome in (Outcome.NOT_SENT, Outcome.NOT_DONE):
                self.attempt.intent_at = None
                self.attempt.save(update_fields=["intent_at"])
        self.doubt = None

    @property
    def patience_left(self) -> float:
        """Seconds until a person is asked."""
        return self._ends - time.monotonic()

    def pause(self, seconds: float) -> None:
        """Wait; raises when the worker ends or the step's time is used up."""
        if self.patience_left <= 0:
            raise PatienceOver
        drain.pause(min(seconds, max(self.patience_left, 0)))


def answering(server: Server, xapi: Xapi) -> Server:
    """Who a session is on: the pool's coordinator may be another server than the stored one."""
    there = xapi.endpoint
    if (there.address, there.port) == (server.address, server.port):
        return server
    return Server.objects.filter(address=there.address, port=there.port, pin=there.pin).first() or server
