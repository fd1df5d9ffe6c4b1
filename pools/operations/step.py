"""A step of a plan: what it is called, what it does, how it is verified.

The engine asks ``verify`` (true: nothing to do), runs, and asks again until ``patience`` is used up.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from django.conf import settings

from pools.checks.finding import Finding

if TYPE_CHECKING:
    from pools.operations.context import Context


class Stale(Exception):
    """What the plan rests on has changed; ``differences`` says how, in words."""

    def __init__(self, differences: Sequence[str]) -> None:
        self.differences = tuple(differences)
        super().__init__(" ".join(self.differences))


class PoolChanged(Exception):
    """The pool itself is not what the plan was made for: no lane goes on, and a person decides."""

    def __init__(self, code: str, *params: str) -> None:
        self.code = code
        self.params = params
        super().__init__(code)


class Differs(Exception):
    """The step looked, and what it saw is not as it should be: a person decides whether that may stay.

    The step ends as "needs attention" with ``code`` and ``params``; ``findings`` are kept with it and shown. To look
    once more is to retry it; to accept what is there is to skip it, with a reason.
    """

    def __init__(self, code: str, params: Sequence[str], findings: Sequence[Finding] = ()) -> None:
        self.code = code
        self.params = tuple(params)
        self.findings = tuple(findings)
        super().__init__(code)


class LeftOut(Exception):
    """Right before its call the step saw that there is nothing to be done, for a good ``reason``: it is skipped."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, kw_only=True)
class Step(ABC):
    """Subclasses are frozen; their fields are JSON-able and are what is stored, hashed and approved."""

    @property
    @abstractmethod
    def title(self) -> str: ...

    @property
    def call(self) -> str:
        """The exact XAPI call with its arguments, secrets masked; empty when nothing is changed."""
        return ""

    @property
    def xe(self) -> str:
        """The equivalent ``xe`` command, secrets masked."""
        return ""

    @property
    def undo_text(self) -> str:
        """How it is undone; empty for a point of no return."""
        return ""

    @property
    def interruption(self) -> str:
        """What is interrupted, and for how long."""
        return ""

    @property
    def lane(self) -> str:
        """The UUID of the server in whose lane the step is shown."""
        return ""

    @property
    def expected_seconds(self) -> float:
        """How long it takes, until there is a history."""
        return 1.0

    @property
    def patience(self) -> float:
        """Seconds after which a person is asked."""
        return float(settings.PATIENCE)

    @property
    def look_at(self) -> Sequence[str]:
        """What a person should look at when the outcome is unknown."""
        return ()

    @property
    def parks(self) -> bool:
        """Whether its failure stops its own lane only, while the other lanes go on."""
        return False

    @property
    def repeats(self) -> bool:
        """Whether it stands around the lanes: it is done once more when parked lanes are resumed."""
        return False

    def rests_on(self, earlier: Step) -> bool:
        """Whether it is left out together with this earlier step of its lane."""
        return True

    @property
    def once(self) -> bool:
        """Whether its call is sent at most once for one approval, whatever came of it: then a new plan is needed."""
        return False

    @property
    def kind(self) -> str:
        return type(self).__name__

    def params(self) -> dict[str, object]:
        """Return what is stored; ``type(self)(**params)`` is this step again."""
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}

    def precheck(self, ctx: Context) -> None:  # noqa: B027 - most steps rest on nothing of their own
        """Raise ``Stale`` when the facts that this step rests on have changed."""

    @abstractmethod
    def verify(self, ctx: Context) -> bool:
        """Whether the step's end is reached. Only reads."""

    @abstractmethod
    def run(self, ctx: Context) -> None:
        """Bring it about; bears repetition where ``verify`` was false."""

    def may_repeat(self, ctx: Context) -> bool:
        """Whether the live state proves that a call without a reply did not happen and never will."""
        return False


@dataclass(frozen=True, kw_only=True)
class ReversibleStep(Step):
    """A step whose undoing loses no data."""

    @abstractmethod
    def undo(self, ctx: Context) -> None: ...
