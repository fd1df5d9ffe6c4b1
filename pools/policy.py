"""Who may run what at once, who must ask, and who may say yes (design.md §6)."""

from enum import StrEnum

from django.db.models import Q, QuerySet

from pools.access import role_on
from pools.models import Grant, Operation, Person, Pool, Role, StepState, User


class Decision(StrEnum):
    """What happens when a person submits a plan."""

    RUN = "run"
    ASK = "ask"
    NEVER = "never"
    ALONE = "alone"  # another person would have to say yes, and there is none


OVER = (StepState.DONE, StepState.SKIPPED)

BY_ROLE = {
    Role.VIEWER: Decision.NEVER,
    Role.OPERATOR: Decision.ASK,
    Role.ADMINISTRATOR: Decision.RUN,
    Role.OWNER: Decision.RUN,
}

SECOND_PERSON = frozenset({"host_remove", "host_forget", "coordinator_promote"})
"""Kinds that need another administrator's yes, where there is one: they erase a server, or may split a pool."""
STEP_UP = SECOND_PERSON | {"password_change"}
"""Kinds whose start needs that the person proves anew who he is."""


def decide(user: Person, operation: Operation) -> Decision:
    """Say what this person's submit does; the weakest of his roles on the pools touched counts."""
    pools = pools_touched(operation)
    role = role_on(user, pools)
    decision = BY_ROLE[role] if role else Decision.NEVER
    if decision is not Decision.NEVER and still_forces(operation):
        others = others_who_may_approve(user, pools).exclude(pk=operation.created_by_id)
        return Decision.ASK if others.exists() else Decision.ALONE
    if decision is Decision.RUN and operation.kind in SECOND_PERSON and others_who_may_approve(user, pools).exists():
        return Decision.ASK
    return decision


def still_forces(operation: Operation) -> bool:
    """Whether a join by force is planned and not over: it needs another person's yes, whoever asks."""
    joins = operation.steps.filter(kind="JoinPool", params__has_key="forced_reason")
    return joins.exclude(params__forced_reason="").exclude(state__in=OVER).exists()


def may_approve(user: Person, operation: Operation) -> bool:
    """Administrators of every pool touched may say yes, never to a plan of their own."""
    if user.pk in {operation.created_by_id, operation.submitted_by_id}:
        return False
    role = role_on(user, pools_touched(operation))
    return role is not None and role >= Role.ADMINISTRATOR


def pools_touched(operation: Operation) -> list[Pool]:
    """List the operation's own pool and those its servers are in now."""
    own = Q(pk=operation.pool_id) if operation.pool_id else Q(pk__in=[])
    of_servers = Q(servers__in=operation.servers.values("pk"))
    return list(Pool.objects.filter(own | of_servers).distinct())


def others_who_may_approve(user: Person, pools: list[Pool]) -> QuerySet[User]:
    """Return the other people who administer all of these pools."""
    people = User.objects.filter(is_active=True).exclude(pk=user.pk or 0)
    for pool in pools:
        enough = Grant.objects.filter(Q(pool=pool) | Q(pool__isnull=True), role__gte=Role.ADMINISTRATOR)
        people = people.filter(Q(grants__in=enough) | Q(teams__grants__in=enough))
    return people.distinct()
