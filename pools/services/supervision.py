"""What the engine asks of the services: whether a run may go on, and where its calls are recorded."""

from pools import policy
from pools.access import role_on
from pools.models import Operation, Role
from pools.operations import engine
from pools.operations.oversight import Oversight
from pools.services import audit


def perform(step_id: int) -> None:
    """Work on a step; called by a task, again and again if need be."""
    engine.perform(step_id, OVERSIGHT)


def still_allowed(operation: Operation) -> bool:
    """Whether who submitted, and who approved, still hold the rights that the run was started with."""
    submitter = operation.submitted_by
    if submitter is None:
        return False
    approval = operation.approvals.filter(approved=True, plan_hash=operation.plan_hash).first()
    if approval is None or approval.decided_by is None:
        return policy.decide(submitter, operation) is policy.Decision.RUN
    pools = policy.pools_touched(operation)
    asked, agreed = role_on(submitter, pools), role_on(approval.decided_by, pools)
    return bool(asked and agreed and asked >= Role.OPERATOR and agreed >= Role.ADMINISTRATOR)


def record_call(operation: Operation, call: str, server: str) -> None:
    """Every changing call is in the audit, under the name of who submitted the plan."""
    audit.record(
        actor=operation.submitted_by, action="xapi.called", subject=server, operation=operation, data={"call": call}
    )


OVERSIGHT = Oversight(allowed=still_allowed, called=record_call)
