"""Filters for the pages' own data."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django import template

from pools.models import Operation, Step
from pools.services import host_remove, live, losses, no_return, planning

register = template.Library()

GROUP = 8 * 3
MOST_OPEN = 3


@dataclass(frozen=True)
class PlanGroup:
    """Steps that are shown together: those of one server, or, without a name, what stands around the lanes."""

    name: str
    steps: tuple[Step, ...]

    @property
    def first(self) -> int:
        return self.steps[0].seq

    @property
    def last(self) -> int:
        return self.steps[-1].seq


@register.filter
def fingerprint(pin: object) -> list[str]:
    """Write a SHA-256 as openssl does, upper-case pairs with colons, in groups that a line may break between."""
    text = str(pin).upper()
    pairs = ":".join(text[at : at + 2] for at in range(0, len(text), 2))
    return [pairs[at : at + GROUP] for at in range(0, len(pairs), GROUP)]


@register.filter
def expected_total(steps: Iterable[Step]) -> float:
    """Add up the expected seconds of a plan."""
    return sum(step.expected_seconds for step in steps)


@register.filter
def by_server(steps: Iterable[Step]) -> list[PlanGroup]:
    """Group the steps of each server's lane; what stands around the lanes, and plans of few servers, stay open."""
    runs = [(lane, tuple(run)) for lane, run in groupby(steps, key=lambda step: step.lane if step.parks else "")]
    many = sum(bool(lane) for lane, _ in runs) > MOST_OPEN
    return [PlanGroup(live.planned_name(run[0]) if lane and many else "", run) for lane, run in runs]


@register.filter
def points_of_no_return(steps: Iterable[Step]) -> int:
    """Count the steps that cannot be undone; where servers are erased, those that erase one."""
    found = list(steps)
    return sum(map(destroys, found)) or sum(bool(step.call) and not step.undo for step in found)


@register.filter
def destroys(step: object) -> bool:
    """Whether this step erases a server."""
    return getattr(step, "kind", "") in no_return.DESTROYS


@register.filter
def no_way_back(step: Step, operation: object) -> bool:
    """Whether a plan is past its point of no return with this step; a removal is with what erases the server."""
    if getattr(operation, "kind", "") == host_remove.KIND:
        return destroys(step)
    return bool(step.call) and not step.undo


@register.filter
def no_return_of(page: live.LivePage) -> no_return.NoReturn | None:
    """Say where an operation stands to its point of no return."""
    return no_return.of_page(page)


@register.inclusion_tag("pools/partials/_removal_summary.html")
def removal_summary(operation: Operation) -> dict[str, object]:
    """Sum up what a removal costs, where a plan is read."""
    return {"losses": losses.page(operation) if operation.kind == host_remove.KIND else None}


@register.filter
def xe_script(operation: Operation, steps: Iterable[Step]) -> str:
    """Show the plan as ``xe`` commands."""
    return planning.xe_script(operation, steps)
