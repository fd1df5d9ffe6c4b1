"""Add servers to a pool that exists: the joins of pool_create, with the pool given and its name left alone."""

from collections.abc import Sequence

from pools.checks.facts import Facts
from pools.operations.joins import joins
from pools.operations.kind import Choices
from pools.operations.pool_create import PoolCreate, confirm
from pools.operations.step import Step


def plan(facts: Facts, choices: Choices) -> tuple[Step, ...]:
    """The same lanes as in pool_create."""
    return (*joins(facts, choices), confirm(facts))


class HostAdd(PoolCreate):
    """The kind of operation: its draft's coordinator is the pool's own, and is among its servers."""

    def plan(self, facts: Facts, choices: Choices) -> Sequence[Step]:
        """Return the steps."""
        return plan(facts, choices)
