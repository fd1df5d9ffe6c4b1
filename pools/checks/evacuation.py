"""What XAPI answered when it was asked whether servers can be emptied, and whether VMs can go where they are to go."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Answer = tuple[str, ...]
"""An error: its code, then its params; references in them are those of the snapshot that was read with it."""


@dataclass(frozen=True, kw_only=True)
class Evacuation:
    """``prevented``: by the uuid of a server, and the reference of a VM on it, what would stop its evacuation.

    ``unanswered``: uuids of servers about which XAPI said nothing.
    ``refused``: by the uuid of a VM, why it cannot run on the server that was chosen for it.
    """

    prevented: Mapping[str, Mapping[str, Answer]] = field(default_factory=dict)
    unanswered: frozenset[str] = frozenset()
    refused: Mapping[str, Answer] = field(default_factory=dict)
