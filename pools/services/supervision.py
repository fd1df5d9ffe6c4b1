"""What the engine asks of the services: whether a run may go on, and where its calls are recorded."""

from pools import policy
from pools.access import role_on
from pools.models import Operation, Pool, Role, User
from pools.operations import engine
from pools.operations.oversight import Oversight
from pools.services import audit


def perform(step_id: int) -> None:
    """Work on a step; called by a task, again and again if need be."""
    engine.perform(step_id, OVERSIGHT)


def right_lost_by(operation: Operation) -> str:
    """Name who no longer holds the right that the run was started with; empty when all is well.

    An approval speaks for whom it was given to; who took the operation over answers for it alone.
    """
    submitter = operation.submitted_by
    if submitter is None:
        return str(operation.created_by)
    approvals = operation.approvals.filter(approved=True, plan_hash=operation.plan_hash, asked_by=submitter)
    approval = approvals.select_related("decided_by").first()
    if approval is None:
        return "" if policy.decide(submitter, operation) is policy.Decision.RUN else submitter.display_name
    pools = policy.pools_touched(operation)
    if not has_role(submitter, pools, Role.OPERATOR):
        return submitter.display_name
    return "" if has_role(approval.decided_by, pools, Role.ADMINISTRATOR) else f"{approval.decided_by}, who approved,"


def has_role(person: User | None, pools: list[Pool], least: Role) -> bool:
    """Whether a person holds at least this role on all of these pools."""
    held = role_on(person, pools) if person else None
    return held is not None and held >= least


def record_call(operation: Operation, call: str, server: str) -> None:
    """Every changing call is in the audit, under the name of who submitted the plan."""
    audit.record(
        actor=operation.submitted_by, action="xapi.called", subject=server, operation=operation, data={"call": call}
    )


OVERSIGHT = Oversight(lost_by=right_lost_by, called=record_call)
