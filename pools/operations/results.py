"""How an attempt ends: one transaction that settles attempt, step and operation, under the claim.

Each function returns the id of the step to ring for, if there is one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from django.db import transaction
from django.db.models.functions import Now

from pools.checks.finding import Finding
from pools.models import Attempt, Inventory, Operation, OperationState, StepState
from pools.models import Step as StepRow
from pools.operations import attempts, doorbell, journal, lanes, locks
from pools.operations.attempts import Outcome
from pools.operations.claims import Claim
from pools.operations.context import Context
from pools.operations.states import AT_WORK, FINISHED, UNSETTLED, described, move_operation, move_step
from pools.operations.step import Differs
from pools.xapi.errors import XapiError

CHOICES: Final = {
    StepState.FAILED: ("Retry the step", "Skip it with a reason", "Undo what was done", "Abandon with a reason"),
    StepState.NEEDS_ATTENTION: ("Retry the step", "Skip it with a reason", "Abandon with a reason"),
    StepState.UNKNOWN: (
        "Retry: xenweb looks again, and sends nothing that may have happened",
        "Mark it done, when you have seen that it happened",
        "Mark it not done, when you have seen that it did not",
        "Abandon with a reason",
    ),
}
TO_UNDO: Final = ("Undo again", "Leave it as it is, with a reason")


@dataclass(frozen=True, kw_only=True)
class Halt:
    """Why a step ended before its end."""

    state: StepState
    outcome: Outcome
    code: str
    params: Sequence[str] = ()
    text: str
    evidence: dict[str, str] = field(default_factory=dict)
    findings: Sequence[Finding] = ()
    parks: bool = False  # only the step's own lane waits


def begin(claim: Claim) -> Attempt | None:
    """Open the attempt and say that the step runs; nothing when the operation was stopped in this very moment."""
    with claim.settling(lasting=False) as (operation, step):
        if operation.state not in AT_WORK:
            free(step)
            if step.state == StepState.RUNNING:
                step.state, step.started_at = StepState.PENDING, None
            step.save()
            return None
        if operation.state == OperationState.QUEUED:
            operation.started_at = Now()
            move_operation(operation, OperationState.RUNNING)
        attempt = attempts.begin(step, claim.fence)
        again = " again" if attempt.number > 1 else ""
        undoing = operation.state == OperationState.UNDOING
        text = f"Undoing: {step.title}" if undoing else f"{step.title}: begun{again}"
        journal.write(operation, kind="step", text=text, step=step, data=described(step))
        return attempt


def done(ctx: Context) -> int | None:
    """The step's end was seen."""
    with ctx.claim.settling(lasting=False) as (operation, step):
        if ctx.doubt is not None and ctx.doubt.pk != ctx.attempt.pk:
            attempts.close(ctx.doubt, Outcome.DONE)
        attempts.close(ctx.attempt, Outcome.DONE)
        free(step)
        step.progress, step.note, step.error_code, step.error_params, step.findings = 1.0, "", "", [], []
        step.finished_at = Now()
        move_step(step, StepState.DONE, f"{step.title}: done")
        return advance(operation)


def left_out(ctx: Context, reason: str) -> int | None:
    """There is nothing to be done any more: the step is skipped by itself, and says why."""
    with ctx.claim.settling(lasting=False) as (operation, step):
        attempts.close(ctx.attempt, Outcome.HALTED, Left=reason)
        free(step)
        step.note, step.finished_at = reason, Now()
        move_step(step, StepState.SKIPPED, f"{step.title}: left out. {reason}")
        return advance(operation)


def advance(operation: Operation) -> int | None:
    """Go on with the next step, or end; the caller holds the operation's row."""
    steps = lanes.steps_of(operation)
    left = lanes.following(steps)
    if left is None:
        end_of_lanes(operation, steps)
        return None
    if left.state in UNSETTLED:
        move_operation(operation, OperationState.NEEDS_ATTENTION)
        return None
    if operation.stop_requested:
        end(operation, OperationState.STOPPED, "Stopped at a safe point, as asked; nothing is half done.")
        return None
    return left.pk


def end_of_lanes(operation: Operation, steps: Sequence[StepRow]) -> None:
    """Nothing is left to do but what waits for a person in parked lanes."""
    parked = {step.lane for step in lanes.parked_steps(steps)}
    if not parked:
        end(operation, OperationState.SUCCEEDED)
        return
    finished = {step.lane for step in steps if step.parks and step.state == StepState.DONE} - parked
    waiting = "1 waits" if len(parked) == 1 else f"{len(parked)} wait"
    words = "Done with open points" if finished else "None is finished"
    end(operation, OperationState.OPEN_POINTS, f"{words}: {waiting} for a decision.")


def end(operation: Operation, state: OperationState, text: str = "") -> None:
    """End an operation and let go of its locks; the caller holds the operation's row."""
    operation.stop_requested = False
    operation.finished_at = Now()
    move_operation(operation, state, text)
    locks.release(operation)
    show(operation)


def show(operation: Operation) -> None:
    """Have its pools read, that of a server which left included: pages show what is stored."""
    of_servers = operation.servers.values_list("pool", flat=True)
    pools = {pk for pk in (*of_servers, operation.pool_id) if pk}
    Inventory.objects.filter(pool__in=pools).update(tried_at=None)
    for pool in pools:
        transaction.on_commit(partial(doorbell.send, "pools.refresh_pool", pool))


def free(step: StepRow) -> None:
    """Nobody owns the step any more."""
    step.owner = None
    step.lease_until = None


def release(ctx: Context) -> int | None:
    """Let go, because this worker ends: another one goes on; a call in doubt stays in doubt."""
    with ctx.claim.writing() as step:
        attempts.close(ctx.attempt, Outcome.RELEASED)
        free(step)
        step.save()
    return ctx.row.pk


def evidence_of(ctx: Context) -> dict[str, str]:
    """Say what a person needs to decide: the last proven fact, and where to look."""
    return {"Last proven": ctx.notes.proved, "Look at": "\n".join(ctx.step.look_at)}


def failed(ctx: Context, error: XapiError, *, parks: bool) -> int | None:
    """XAPI said no, or the server could not be reached; nothing is in doubt."""
    outcome = Outcome.REFUSED if ctx.attempt.intent_at else Outcome.HALTED
    return halt(
        ctx.claim,
        ctx.attempt,
        Halt(
            state=StepState.FAILED,
            outcome=outcome,
            code=error.code,
            params=error.params,
            text=f"{ctx.step.title}: failed ({error.code})",
            evidence=evidence_of(ctx),
            parks=parks,
        ),
    )


def differs(ctx: Context, error: Differs, *, parks: bool) -> int | None:
    """The step looked, and what it saw is not as it should be."""
    return halt(
        ctx.claim,
        ctx.attempt,
        Halt(
            state=StepState.NEEDS_ATTENTION,
            outcome=Outcome.HALTED,
            code=error.code,
            params=error.params,
            text=f"{ctx.step.title}: not as it should be ({error.code})",
            evidence=evidence_of(ctx),
            findings=error.findings,
            parks=parks,
        ),
    )


def patience_over(ctx: Context, *, parks: bool) -> int | None:
    """A passed deadline means unknown, never failed (reliability.md §5)."""
    in_doubt = ""
    if ctx.doubt is not None:
        ctx.doubt.refresh_from_db(fields=["intent_at"])
        at = f"{ctx.doubt.intent_at:%H:%M:%S} UTC" if ctx.doubt.intent_at else ""
        in_doubt = f"{ctx.doubt.call} on {ctx.server(ctx.doubt.server_uuid)}, sent {at}, no reply"
        if ctx.doubt.pk != ctx.attempt.pk:
            with ctx.claim.writing():
                attempts.close(ctx.doubt, Outcome.UNKNOWN)
    code = "XENWEB_OUTCOME_UNKNOWN" if in_doubt else "XENWEB_NOT_SEEN"
    return halt(
        ctx.claim,
        ctx.attempt,
        Halt(
            state=StepState.UNKNOWN,
            outcome=Outcome.UNKNOWN,
            code=code,
            params=(in_doubt or ctx.step.title, f"{ctx.step.patience:.0f}"),
            text=f"{ctx.step.title}: the outcome is not known",
            evidence=evidence_of(ctx) | {"In doubt": in_doubt, "Missing": ctx.notes.missing},
            parks=parks,
        ),
    )


def stale(ctx: Context, differences: Sequence[str], *, parks: bool) -> int | None:
    """The facts are not those of the plan. Before anything was sent the plan is out of date; later a person decides."""
    with ctx.claim.settling() as (operation, step):
        untouched = not operation.steps.filter(state__in=FINISHED | UNSETTLED).exists() and ctx.doubt is None
        if untouched:
            attempts.close(ctx.attempt, Outcome.HALTED, Changed=" ".join(differences))
            free(step)
            step.started_at = None
            move_step(step, StepState.PENDING)
            operation.stale_reason = "\n".join(differences)
            end(operation, OperationState.STALE, "The plan is out of date; nothing was sent. " + " ".join(differences))
            return None
    return halt(
        ctx.claim,
        ctx.attempt,
        Halt(
            state=StepState.NEEDS_ATTENTION,
            outcome=Outcome.HALTED,
            code="XENWEB_FACTS_CHANGED",
            params=(" ".join(differences),),
            text=f"{ctx.step.title}: not begun, the facts changed. " + " ".join(differences),
            evidence=evidence_of(ctx),
            parks=parks,
        ),
    )


def ask_person(claim: Claim, attempt: Attempt, code: str, params: Sequence[str]) -> None:
    """The engine will not go on by itself."""
    reason = Halt(
        state=StepState.NEEDS_ATTENTION,
        outcome=Outcome.HALTED if attempt.intent_at is None else Outcome.UNKNOWN,
        code=code,
        params=params,
        text=f"A person is needed ({code})",
    )
    halt(claim, attempt, reason)


def halt(claim: Claim, attempt: Attempt, reason: Halt) -> int | None:
    """Settle the step in a state that asks for a person, with what is known; returns what goes on meanwhile."""
    evidence = {key: text for key, text in reason.evidence.items() if text}
    with claim.settling() as (operation, step):
        undoing = operation.state == OperationState.UNDOING
        evidence["Choices"] = " · ".join(TO_UNDO if undoing else CHOICES[reason.state])
        attempts.close(attempt, reason.outcome, **evidence)
        free(step)
        step.error_code, step.error_params = reason.code, list(reason.params)
        step.findings = [finding.to_json() for finding in reason.findings]
        if undoing:
            keep_done(step)
        else:
            step.finished_at, step.note = Now(), ""
            move_step(step, reason.state, reason.text)
        data = {"step": step.pk, "code": reason.code, "params": list(reason.params), "evidence": evidence}
        journal.write(operation, kind="attention", step=step, level="warning", text="", data=data)
        if reason.parks and not undoing:
            return advance(operation)
        move_operation(operation, OperationState.NEEDS_ATTENTION)
        return None


def keep_done(step: StepRow) -> None:
    """Undoing stops here, loudly; the step stays done."""
    step.save()
    text = f"{step.title}: cannot be undone ({step.error_code}). What was done before it stays done."
    journal.write(step.operation_id, kind="step", level="error", text=text, step=step, data=described(step))


def undone(ctx: Context) -> int | None:
    """The step is undone, or had nothing to undo; go on backwards."""
    with ctx.claim.settling() as (operation, step):
        attempts.close(ctx.attempt, Outcome.DONE)
        free(step)
        step.error_code, step.error_params = "", []
        undone = step.call and attempts.sent(step)
        text = f"{step.title}: undone" if undone else f"{step.title}: xenweb changed nothing, nothing to undo"
        move_step(step, StepState.UNDONE, text)
        earlier = operation.steps.filter(state=StepState.DONE).order_by("-seq").first()
        if earlier is None:
            end(operation, OperationState.UNDONE)
        return earlier.pk if earlier else None
