"""What a kind of operation is: whose facts it rests on, and the plan made of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pools.checks.facts import Facts
from pools.checks.registry import Report
from pools.models import Operation
from pools.operations.step import Step


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a person chose in the wizard; ``usernames``: as whom xenweb signs in, by server."""

    usernames: Mapping[str, str]
    name: str = ""
    description: str = ""


class Kind(Protocol):
    """Registered in registry.py under its name."""

    def facts(self, operation: Operation) -> Facts:
        """Read the live facts of the servers that the draft names."""

    def check(self, facts: Facts) -> Report:
        """Ask every rule of this kind."""

    def plan(self, facts: Facts, choices: Choices) -> Sequence[Step]:
        """Return the steps; pure."""
