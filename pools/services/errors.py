"""What a service refuses, in words for the person who asked.

ServiceError
├── NotAllowed      the person lacks the right
├── WrongState      the thing is not in a state in which this can be done
├── TooOften        once more, but not yet
├── PlanStale       what the plan rests on has changed (``differences``, in words)
├── ChecksFailed    findings forbid a plan
├── Overtaken       another browser changed the same draft meanwhile (``operation``)
└── ResourceBusy    another operation (``holder``) works on the same pool or server
"""

from collections.abc import Sequence

from pools.models import Operation


class ServiceError(Exception):
    """Refused; ``str()`` is the sentence for the page."""


class NotAllowed(ServiceError):
    pass


class WrongState(ServiceError):
    pass


class TooOften(ServiceError):
    pass


class PlanStale(ServiceError):
    def __init__(self, differences: Sequence[str]) -> None:
        self.differences = tuple(differences)
        super().__init__("The plan is out of date; nothing was sent. " + " ".join(self.differences))


class Overtaken(ServiceError):
    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        super().__init__("This was changed in another window meanwhile. Nothing of it was replaced.")


class ChecksFailed(ServiceError):
    pass


class ResourceBusy(ServiceError):
    def __init__(self, holder: Operation) -> None:
        self.holder = holder
        who = holder.submitted_by or holder.created_by
        super().__init__(
            f"“{holder}”, started by {who.display_name}, works on one of these servers now. Nothing was started; "
            "wait until it ends."
        )
