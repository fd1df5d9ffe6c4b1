"""Who may open what: every view declares its rule with one of these, or the build fails."""

from collections.abc import Awaitable, Callable, Collection
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase

from pools.models import Grant, Operation, Person, Pool, Role, User

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase | Awaitable[HttpResponseBase])
View = Callable[Concatenate[HttpRequest, P], R]

RULE = "access_rule"


def needs(role: Role) -> Callable[[View[P, R]], View[P, R]]:
    """Let in who holds at least this role on anything; the view narrows it to its object with ``require``."""

    def decorate(view: View[P, R]) -> View[P, R]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> R:
            if all(held < role for _, held in grants_held(request)):
                raise PermissionDenied(f"This page needs the role {role.label}.")
            return view(request, *args, **kwargs)

        setattr(guarded, RULE, role.name)
        return guarded

    return decorate


def needs_on_estate(role: Role) -> Callable[[View[P, R]], View[P, R]]:
    """Let in who holds at least this role on the whole estate."""

    def decorate(view: View[P, R]) -> View[P, R]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> R:
            if all(held < role for pool, held in grants_held(request) if pool is None):
                raise PermissionDenied(f"This page needs the role {role.label} on the whole estate.")
            return view(request, *args, **kwargs)

        setattr(guarded, RULE, f"{role.name} on the estate")
        return guarded

    return decorate


def for_everyone_signed_in(view: View[P, R]) -> View[P, R]:
    """Let in whoever is signed in; what he sees is filtered by ``visible_to``."""
    setattr(view, RULE, "signed in")
    return view


def anonymous(view: View[P, R]) -> View[P, R]:
    """Let in everybody: health checks only."""
    setattr(view, RULE, "anonymous")
    return login_not_required(view)


def grants_held(request: HttpRequest) -> list[tuple[int | None, int]]:
    """Read the person's grants (pool or None for the estate, role) once a request; never longer."""
    if not hasattr(request, "grants_held"):
        user = request.user
        active = user.is_authenticated and user.is_active
        request.grants_held = list(grants_of(user).values_list("pool_id", "role")) if active else []  # type: ignore[attr-defined]
    held: list[tuple[int | None, int]] = request.grants_held  # type: ignore[attr-defined]
    return held


def holds(request: HttpRequest, role: Role, pool: Pool | None = None) -> bool:
    """Whether the person holds at least this role on the pool, or on the estate: to show a button, without a query."""
    return any(held >= role for where, held in grants_held(request) if where is None or (pool and where == pool.pk))


def holds_somewhere(request: HttpRequest, role: Role) -> bool:
    """Whether the person holds at least this role on anything, without a query."""
    return any(held >= role for _, held in grants_held(request))


def has_role(user: Person, role: Role, pool: Pool | None = None) -> bool:
    """Whether the user holds at least this role on the pool, or (no pool) on the whole estate."""
    if not user.is_authenticated or not user.is_active:
        return False
    if pool is not None:
        return Pool.objects.visible_to(user, role).filter(pk=pool.pk).exists()
    return grants_of(user).filter(pool__isnull=True, role__gte=role).exists()


def grants_of(user: Person) -> QuerySet[Grant]:
    """Return the grants given to the user or to a team of his."""
    return Grant.objects.filter(Q(user_id=user.pk) | Q(team__members=user.pk))


def who_see(operation: Operation) -> set[int]:
    """Return the ids of everybody to whom the operation is visible: ``visible_to``, asked the other way round."""
    if operation.pool_id is None:
        return {operation.created_by_id}
    grants = Grant.objects.filter(Q(pool=operation.pool_id) | Q(pool__isnull=True), role__gte=Role.VIEWER)
    people = User.objects.filter(Q(grants__in=grants) | Q(teams__grants__in=grants), is_active=True)
    return set(people.values_list("pk", flat=True))


def require(user: Person, role: Role, pool: Pool | None = None) -> None:
    """Refuse (403) who lacks the role; objects of other teams were refused before (404) by ``visible_to``."""
    if not has_role(user, role, pool):
        raise PermissionDenied(f"This needs the role {role.label} here.")


def role_on(user: Person, pools: Collection[Pool]) -> Role | None:
    """Return the weakest of the roles held on each of these pools; without pools, the role on the estate."""
    if not user.is_authenticated or not user.is_active:
        return None
    grants = list(grants_of(user).values_list("pool_id", "role"))
    everywhere = max((role for pool_id, role in grants if pool_id is None), default=0)
    held = [max([everywhere, *(role for pool_id, role in grants if pool_id == pool.pk)]) for pool in pools]
    weakest = min(held, default=everywhere)
    return Role(weakest) if weakest else None


def signed_in(request: HttpRequest) -> User:
    """Return the person behind the request; the access rule has made sure that there is one."""
    if not isinstance(request.user, User):
        raise PermissionDenied("This page needs a signed-in person.")
    return request.user
