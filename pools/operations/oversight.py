"""What the engine is told by those above it: whether it may go on, and where changing calls are recorded."""

from collections.abc import Callable
from dataclasses import dataclass

from pools.models import Operation


@dataclass(frozen=True, kw_only=True)
class Oversight:
    """``allowed``: whether the submitter, and who approved, still hold their rights. ``called``: for the audit."""

    allowed: Callable[[Operation], bool]
    called: Callable[[Operation, str, str], None]
