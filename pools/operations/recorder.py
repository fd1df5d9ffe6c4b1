"""Commits the intent before a changing call leaves, and XAPI's answer after (the gateway's WriteHooks)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pools.models import Server
from pools.operations import attempts, failpoints, journal

if TYPE_CHECKING:
    from pools.operations.context import Context


class Recorder:
    """The hooks of one attempt on one session."""

    def __init__(self, ctx: Context, server: Server, session_ref: str) -> None:
        self.ctx = ctx
        self.server = server
        self.session_ref = session_ref

    def before_write(self, method: str, arguments: tuple[str, ...]) -> None:
        """Store intent and session. Without claim or database it raises, and so prevents the call."""
        ctx = self.ctx
        call = f"{method}({', '.join(arguments)})"
        with ctx.claim.writing() as row:
            attempts.intend(ctx.attempt, method, arguments, self.server, self.session_ref)
            text = f"Sending {attempts.readable(method, arguments)} to {self.server}"
            journal.write(row.operation_id, kind="call", text=text, step=row, data={"call": call, "step": row.pk})
            if ctx.called:
                ctx.called(ctx.operation, call, str(self.server))
        ctx.doubt = ctx.attempt
        failpoints.reached("intent_committed", ctx.step.kind)

    def after_write(self, method: str, task_ref: str) -> None:
        """Store the task's reference; a call without a task has ended with its reply."""
        ctx = self.ctx
        failpoints.reached("reply_received", ctx.step.kind)
        if not task_ref:
            ctx.doubt = None
            return
        with ctx.claim.writing(lasting=False):
            ctx.attempt.task_ref = task_ref
            ctx.attempt.save(update_fields=["task_ref"])
