"""How long a kind of step takes here, from what was done before."""

from statistics import median
from typing import Final

from pools.models import Step, StepState

LAST: Final = 20


def expected_seconds(kind: str, default: float) -> float:
    """Return the median of the last steps of this kind that were done, or the default."""
    done = Step.objects.filter(kind=kind, state=StepState.DONE, started_at__isnull=False, finished_at__isnull=False)
    times = done.order_by("-finished_at").values_list("started_at", "finished_at")[:LAST]
    seconds = [(finished - started).total_seconds() for started, finished in times if started and finished]
    return round(median(seconds), 1) if seconds else default
