"""What the engine is told by those above it: whether it may go on, and where changing calls are recorded."""

from collections.abc import Callable
from dataclasses import dataclass

from pools.models import Operation


@dataclass(frozen=True, kw_only=True)
class Oversight:
    """``lost_by``: who of submitter and approver no longer holds his right, by name. ``called``: for the audit."""

    lost_by: Callable[[Operation], str]
    called: Callable[[Operation, str, str], None]
