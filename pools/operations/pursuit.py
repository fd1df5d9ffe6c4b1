"""Verify, run, verify: pursues the end of one step, and never sends again what may have happened."""

from typing import Final

from pools.models import Attempt, StepState
from pools.operations import attempts, fencing
from pools.operations.attempts import Outcome
from pools.operations.context import Context
from pools.operations.states import move_step
from pools.operations.step import Differs
from pools.xapi.errors import XapiError, XapiFailure, XapiUnreachable

TRIES_TO_REACH: Final = 3
MOST_SENDS: Final = 3
FIRST_PAUSE: Final = 0.05
LONGEST_PAUSE: Final = 2.0


class Pursuit:
    """``ran``: the step's own work is done or accepted, only its effect is still to be seen."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.ran = False
        self.misses = 0
        self.sends = 0
        self.pause = FIRST_PAUSE

    def until_true(self) -> None:
        """Go round until ``verify`` holds; the context's patience ends it otherwise."""
        while not self.reached():
            self.say_verifying()
            self.ctx.pause(self.pause)
            self.pause = min(self.pause * 2, LONGEST_PAUSE)

    def reached(self) -> bool:
        """One round. What cannot be read now may be readable in a moment; what is refused is refused."""
        try:
            return self.once()
        except XapiError as error:
            self.ctx.disconnect()
            if self.is_final(error):
                raise
            self.ctx.notes.waiting_for(f"Waiting for an answer ({error.code})")
            return False

    def once(self) -> bool:
        step, ctx = self.ctx.step, self.ctx
        if step.verify(ctx):
            return True
        if ctx.doubt is not None and not self.is_settled(ctx.doubt):
            return False
        if self.ran:
            return False
        self.send()
        return ctx.doubt is None and step.verify(ctx)

    def is_final(self, error: XapiError) -> bool:
        """Nothing is in doubt and XAPI said no, or the server did not answer several times.

        XAPI drops the oldest sessions when there are too many; a call that it refuses for that has done nothing.
        """
        if self.ran or self.ctx.doubt is not None:
            return False
        self.misses += 1
        passing = isinstance(error, XapiUnreachable) or error.code == "SESSION_INVALID"
        return not passing or self.misses >= TRIES_TO_REACH

    def send(self) -> None:
        """Run the step. Without a reply its call stays in doubt."""
        ctx = self.ctx
        if ctx.step.once and attempts.was_sent(ctx.row):
            raise Differs("XENWEB_SENT_ONCE", (ctx.step.title,))
        self.sends += 1
        try:
            ctx.step.precheck(ctx)
            ctx.step.run(ctx)
        except XapiFailure:
            ctx.settle_doubt(Outcome.REFUSED)
            raise
        except XapiUnreachable as error:
            if not error.sent:
                ctx.settle_doubt(Outcome.NOT_SENT)
            raise
        self.ran = ctx.doubt is None

    def is_settled(self, doubt: Attempt) -> bool:
        """Find out what became of a call without a reply, once its session is proved to be over."""
        ctx = self.ctx
        ctx.notes.waiting_for(f"Finding out whether {doubt.call} happened: no reply came")
        ctx.disconnect()
        if not fencing.fence_off(doubt):
            return False
        if doubt.task_ref and self.task_ended(doubt):
            return True
        if self.sends >= MOST_SENDS or not ctx.step.may_repeat(ctx):
            return False
        ctx.settle_doubt(Outcome.NOT_DONE)
        self.ran = False
        return True

    def task_ended(self, doubt: Attempt) -> bool:
        """Ask XAPI's own task, as long as it is there: tasks do not survive a restart of the toolstack."""
        ctx = self.ctx
        try:
            xapi = ctx.xapi(doubt.server_uuid)
            xapi.task(doubt.task_ref)
        except XapiError:
            ctx.disconnect()
            return False
        ctx.follow(xapi, doubt.task_ref)
        self.ran = ctx.doubt is None
        return self.ran

    def say_verifying(self) -> None:
        """The work is out; from now on only its effect is watched."""
        if self.ctx.row.state != StepState.RUNNING or not (self.ran or self.ctx.doubt):
            return
        with self.ctx.claim.writing(lasting=False) as step:
            if step.state == StepState.RUNNING:
                move_step(step, StepState.VERIFYING)
        self.ctx.row.state = StepState.VERIFYING
