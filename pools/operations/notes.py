"""What a running step tells its readers: how far it is, what it waits for, what is proved, what is missing."""

import time
from typing import Final

from pools.models import Step
from pools.operations import journal
from pools.operations.claims import Claim
from pools.operations.states import described

PROGRESS_EVERY: Final = 0.2
NOTE_AGAIN_AFTER: Final = 10.0
LONGEST: Final = 500


class Notes:
    """Of one attempt; every line is written under its claim."""

    def __init__(self, claim: Claim, row: Step) -> None:
        self.claim = claim
        self.expected = row.expected_seconds
        self.proved = "Nothing of this step is proved yet."
        self.missing = ""
        self._since = time.monotonic() - claim.elapsed
        self._progress = (0.0, 0.0)
        self._said = ("", 0.0)

    def progress(self, fraction: float) -> None:
        """Store XAPI's own progress, not more often than a person can see."""
        last, at = self._progress
        now = time.monotonic()
        if fraction == last or (now - at < PROGRESS_EVERY and fraction < 1):
            return
        self._progress = (fraction, now)
        with self.claim.writing(lasting=False) as step:
            step.progress = min(max(fraction, 0.0), 1.0)
            step.save(update_fields=["progress"])
            journal.write(step.operation_id, kind="progress", step=step, data=described(step))

    def waiting_for(self, what: str) -> None:
        """Say what is being waited for, and for how long already."""
        self.missing = what
        said, at = self._said
        now = time.monotonic()
        if what == said and now - at < NOTE_AGAIN_AFTER:
            return
        self._said = (what, now)
        elapsed = round(now - self._since, 1)
        with self.claim.writing(lasting=False) as step:
            step.note = what[:LONGEST]
            step.save(update_fields=["note"])
            text = f"{step.note}: {elapsed:.0f} s of about {self.expected:.0f} s"
            data = described(step) | {"elapsed": elapsed, "expected": round(self.expected, 1)}
            journal.write(step.operation_id, kind="note", text=text, step=step, data=data)
