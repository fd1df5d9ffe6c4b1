"""The tries of a step: what was meant is committed before a call leaves, what came of it after.

An attempt whose call got no reply is *in doubt* until the live state, XAPI's task or a person settles it.
"""

import re
from enum import StrEnum
from typing import Final

from django.db.models.functions import Now

from pools import vault
from pools.models import Attempt, Server, Step

MOST_LOST: Final = 3
FIRST: Final = 1
REFERENCE: Final = re.compile(r"OpaqueRef:[0-9a-f-]{36}")


class Outcome(StrEnum):
    """What came of an attempt; empty while it is open."""

    DONE = "done"
    REFUSED = "refused"  # XAPI said no, or failed and said why
    NOT_SENT = "not_sent"  # the call never left
    NOT_DONE = "not_done"  # the live state, or a person, proved that it did not happen
    UNKNOWN = "unknown"  # no reply, and patience is over
    LOST = "lost"  # its worker died
    RELEASED = "released"  # its worker was told to end
    HALTED = "halted"  # ended before its call, for a person to look at


DOUBTFUL: Final = ("", Outcome.UNKNOWN, Outcome.LOST, Outcome.RELEASED)


def begin(step: Step, fence: int) -> Attempt:
    """Open an attempt; those that are still open belonged to workers that died. The first claim finds none."""
    if fence == FIRST:
        return Attempt.objects.create(step=step, number=FIRST, fence=fence)
    tries = Attempt.objects.filter(step=step)
    tries.filter(outcome="").update(outcome=Outcome.LOST, finished_at=Now())
    return Attempt.objects.create(step=step, number=tries.count() + 1, fence=fence)


def lost_in_a_row(attempt: Attempt) -> int:
    """Count the attempts just before this one whose workers died."""
    if attempt.number == FIRST:
        return 0
    earlier = Attempt.objects.filter(step_id=attempt.step_id, number__lt=attempt.number)
    outcomes = list(earlier.order_by("-number").values_list("outcome", flat=True)[:MOST_LOST])
    return next((place for place, outcome in enumerate(outcomes) if outcome != Outcome.LOST), len(outcomes))


def sent(step: Step) -> bool:
    """Whether anything of a step was ever sent: what others had done already is not ours to take back."""
    return Attempt.objects.filter(step=step, intent_at__isnull=False).exists()


def in_doubt(step: Step) -> Attempt | None:
    """Return the attempt whose call may or may not have happened, if there is one."""
    sent = Attempt.objects.filter(step=step, intent_at__isnull=False)
    last = sent.order_by("-number").first()
    return last if last is not None and last.outcome in DOUBTFUL else None


def was_sent(step: Step) -> bool:
    """Whether a call of this step left, or may have left, in any attempt."""
    tries = Attempt.objects.filter(step=step, intent_at__isnull=False)
    return tries.exclude(outcome=Outcome.NOT_SENT).exists()


def left_in_doubt(attempt: Attempt) -> Attempt | None:
    """Return what earlier attempts left in doubt; the first one finds nothing."""
    return None if attempt.number == FIRST else in_doubt(attempt.step)


def intend(attempt: Attempt, call: str, arguments: tuple[str, ...], server: Server, session_ref: str) -> None:
    """Store what is about to be sent, and the session it is sent with; the caller's transaction commits it."""
    attempt.call = call
    attempt.server_uuid = server.uuid
    attempt.task_ref = ""
    attempt.session = vault.encrypt({"ref": session_ref}, purpose="session", owner=owner_of(attempt))
    attempt.evidence = {**attempt.evidence, "Sent": f"{readable(call, arguments)} to {server}"}
    attempt.intent_at = Now()
    attempt.save(update_fields=["call", "server_uuid", "task_ref", "session", "evidence", "intent_at"])


def readable(call: str, arguments: tuple[str, ...]) -> str:
    """Write a call as plans do; the reference of an object says nothing to a person."""
    shown = [f'"{argument}"' for argument in arguments if not REFERENCE.fullmatch(argument)]
    return f"{call}({', '.join(shown)})"


def session_of(attempt: Attempt) -> str:
    """Return the session reference that the attempt's call was sent with."""
    return vault.decrypt(bytes(attempt.session or b""), purpose="session", owner=owner_of(attempt))["ref"]


def owner_of(attempt: Attempt) -> str:
    """Bind the stored session to its step and attempt."""
    return f"step:{attempt.step_id}:{attempt.number}"


def close(attempt: Attempt, outcome: Outcome, **evidence: str) -> None:
    """Store what came of an attempt; the session reference is no longer needed when nothing is in doubt."""
    attempt.outcome = outcome
    attempt.evidence = {**attempt.evidence, **evidence}
    if outcome not in DOUBTFUL:
        attempt.session = None
    attempt.finished_at = Now()
    attempt.save(update_fields=["outcome", "evidence", "session", "finished_at"])
