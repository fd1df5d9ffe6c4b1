"""Performs one step: claim, verify, run, verify; then rings for the next one.

PostgreSQL decides who works (claims.py), what was meant (recorder.py) and what is left. Whatever happens to this
process, another one can go on from the rows alone. Only here are unexpected exceptions caught.
"""

import logging

from django.db import DatabaseError

from pools.models import Operation, OperationState
from pools.models import Step as StepRow
from pools.operations import attempts, claims, doorbell, drain, facts, failpoints, results
from pools.operations.choices import choices_of
from pools.operations.claims import Claim, Lease, LostClaim
from pools.operations.context import Context, PatienceOver
from pools.operations.drain import Draining
from pools.operations.oversight import Oversight
from pools.operations.pursuit import Pursuit
from pools.operations.registry import KINDS, StepKindGone, restore
from pools.operations.sessions import Sessions
from pools.operations.states import FINISHED
from pools.operations.step import Differs, LeftOut, PoolChanged, ReversibleStep, Stale
from pools.xapi.errors import XapiError, XapiFailure

log = logging.getLogger(__name__)


def perform(step_id: int, oversight: Oversight) -> None:
    """Work on a step, and go on with what follows it; when somebody else waits for a worker, it is his turn."""
    with Sessions() as sessions:
        following = perform_one(step_id, oversight, sessions)
        while following is not None and not drain.begun() and not doorbell.others_wait():
            following = perform_one(following, oversight, sessions)
        if following is not None:
            doorbell.ring(following)


def perform_one(step_id: int, oversight: Oversight, sessions: Sessions) -> int | None:
    """Work on a step if it is free; returns the one to go on with. A message that came late or twice finds nothing."""
    claim = claims.claim(step_id)
    if claim is None:
        return None
    related = ("operation__pool__coordinator", "operation__submitted_by")
    rows = StepRow.objects.select_related(*related).defer(*(f"operation__{name}" for name in claims.LARGE))
    row = rows.get(pk=step_id)
    failpoints.reached("claimed", row.kind)
    try:
        with Lease(claim):
            return work(claim, row, oversight, sessions)
    except LostClaim:
        log.info("step %s has another owner", step_id)
        return None


def work(claim: Claim, row: StepRow, oversight: Oversight, sessions: Sessions) -> int | None:
    """Do what the operation asks of this step; returns the step that follows."""
    attempt = results.begin(claim)
    if attempt is None:
        return None
    try:
        step = restore(row)
    except StepKindGone:
        results.ask_person(claim, attempt, "XENWEB_STEP_KIND_GONE", (row.kind,))
        return None
    with Context(claim, row, step, attempt, sessions) as ctx:
        ctx.called = oversight.called
        following = go_on(ctx, oversight)
    if following is not None:
        failpoints.reached("before_ring", row.kind)
    return following


def go_on(ctx: Context, oversight: Oversight) -> int | None:
    """Pursue the step's end, or its undoing; an exception says what happened instead."""
    undoing = ctx.operation.state == OperationState.UNDOING
    try:
        assert_may_go_on(ctx, oversight)
        if undoing:
            undo(ctx)
        else:
            Pursuit(ctx).until_true()
    except (LostClaim, DatabaseError):
        raise
    except Draining:
        return results.release(ctx)
    except Exception as error:  # noqa: BLE001 - the engine answers for whatever a step does
        return settle(ctx, error)
    following = results.undone(ctx) if undoing else results.done(ctx)
    failpoints.reached("result_committed", ctx.step.kind)
    return following


def settle(ctx: Context, error: Exception) -> int | None:
    """Turn what happened into states that ask for a person; returns the step of another lane to go on with."""
    match error:
        case Refused() | PoolChanged():
            results.ask_person(ctx.claim, ctx.attempt, error.code, error.params)
        case Stale():
            return results.stale(ctx, error.differences, parks=only_lane(ctx))
        case Differs():
            return results.differs(ctx, error, parks=only_lane(ctx))
        case LeftOut():
            return results.left_out(ctx, error.reason)
        case PatienceOver():
            return results.patience_over(ctx, parks=only_lane(ctx))
        case XapiError():
            return results.failed(ctx, error, parks=only_lane(ctx))
        case _:
            log.error("step %s failed in an unforeseen way", ctx.row.pk, exc_info=error)
            results.ask_person(ctx.claim, ctx.attempt, "XENWEB_INTERNAL", (type(error).__name__,))
    return None


def only_lane(ctx: Context) -> bool:
    """Whether the trouble is this server's own: no lane is blamed while the pool itself does not answer."""
    if not ctx.row.parks:
        return False
    ctx.disconnect()
    try:
        return bool(ctx.pool().pool_uuid())
    except XapiError:
        return False
    finally:
        ctx.disconnect()


def undo(ctx: Context) -> None:
    """Undo a done step; one that sent nothing needs no undoing, one without an undo stops it all, loudly."""
    if not attempts.sent(ctx.row):
        return
    if isinstance(ctx.step, ReversibleStep):
        ctx.step.undo(ctx)
    elif ctx.step.call:
        raise Refused("XENWEB_NO_UNDO", ctx.step.title)


class Refused(Exception):
    """The engine does not go on with this step."""

    def __init__(self, code: str, *params: str) -> None:
        self.code = code
        self.params = params
        super().__init__(code)


def assert_may_go_on(ctx: Context, oversight: Oversight) -> None:
    """Rights are asked before each step; three workers lost over a step are enough (reliability.md §5)."""
    if person := oversight.lost_by(ctx.operation):
        raise Refused("XENWEB_RIGHT_LOST", person)
    if attempts.lost_in_a_row(ctx.attempt) >= attempts.MOST_LOST:
        raise Refused("XENWEB_WORKERS_LOST", str(attempts.MOST_LOST))
    if is_first(ctx.row):
        recheck_facts(ctx.operation)


def is_first(row: StepRow) -> bool:
    """Whether nothing of the operation was sent or done yet."""
    if row.seq > 1:
        return False
    steps = row.operation.steps
    return (
        not steps.filter(state__in=FINISHED).exists() and not steps.filter(attempts__intent_at__isnull=False).exists()
    )


def recheck_facts(operation: Operation) -> None:
    """What was approved rests on facts; when they changed, nothing is sent.

    A joining server that does not answer holds up no other: it counts as planned, and its own join asks it again.
    """
    kind = KINDS[operation.kind]
    live = kind.facts(operation)
    away = [server for server in live.servers if not server.readable]
    if away and (live.coordinator in away or len(away) == len(live.joining)):
        raise XapiFailure(away[0].error_code, away[0].error_params)
    summary = facts.summary(live, kind.check(live, choices_of(operation)))
    summary["servers"] |= {server.uuid: operation.facts["servers"][server.uuid] for server in away}
    if facts.digest(summary) != operation.facts_hash:
        raise Stale(facts.difference(operation.facts, summary) or ["The facts changed."])
