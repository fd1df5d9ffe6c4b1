"""A new secret for a pool: a draft with hardly anything to choose."""

from pools.models import Inventory, Operation, Pool, User
from pools.services import answers, whole_pool

KIND = "secret_rotate"
ABOUT_HA = frozenset({"HA_IS_ENABLED", "XENWEB_HA_SWITCHED"})


def begin(*, user: User, pool: Pool, ha: bool = False) -> Operation:
    """Begin a draft; ``ha``: switch high availability off meanwhile."""
    operation = whole_pool.begin(user=user, pool=pool, kind=KIND, title=f"New secret for “{pool}”")
    return choose(operation=operation, user=user, ha=ha)


def choose(*, operation: Operation, user: User, ha: bool) -> Operation:
    """Store whether high availability is switched off around it."""
    return whole_pool.choose(operation=operation, user=user, changes={"ha": ha, "secret_answered": True})


def ha_is_on(pool: Pool, operation: Operation | None = None) -> bool:
    """Whether the choice is to be offered: HA was on when the pool was last read, or it forbade the plan."""
    report = answers.report_in(operation.report) if operation else None
    if report and ABOUT_HA & {finding.code for finding in report.findings}:
        return True
    stored = Inventory.objects.filter(pool=pool).values_list("records__pool", flat=True).first() or {}
    return any(record.get("ha_enabled") for record in stored.values())
