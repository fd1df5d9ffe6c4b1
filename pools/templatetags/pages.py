"""Filters for the pages' own data."""

from collections.abc import Iterable

from django import template

from pools.models import Operation, Step
from pools.services import planning

register = template.Library()

GROUP = 8 * 3


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
def points_of_no_return(steps: Iterable[Step]) -> int:
    """Count the steps that change something and cannot be undone."""
    return sum(bool(step.call) and not step.undo for step in steps)


@register.filter
def xe_script(operation: Operation, steps: Iterable[Step]) -> str:
    """Show the plan as ``xe`` commands."""
    return planning.xe_script(operation, steps)
