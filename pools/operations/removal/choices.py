"""What was chosen for a removal, out of its draft: who leaves, and what becomes of all that is lost with it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from pools.operations.kind import Choices


class What(StrEnum):
    """What is decided for one row of loss."""

    MOVE = "move"
    EXPORT = "export"  # by hand, with the command shown: xenweb does not carry the bytes
    ACCEPT = "accept"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """``to``: the uuid of the SR, or of the server, that something moves to."""

    do: What
    to: str = ""


@dataclass(frozen=True, kw_only=True)
class Removal:
    """``leaving``: uuids in the order of removal. ``decisions``: by the key of the row of loss.

    ``next_coordinator``: who takes over when the coordinator itself leaves. ``rebuild``: keys of what is made again
    from the network snapshot, by server. ``places``: by the uuid of a VM, that of the server that it is to move to.
    """

    leaving: tuple[str, ...] = ()
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    next_coordinator: str = ""
    rebuild: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, choices: Choices) -> Self:
        """Read what was chosen."""
        return cls.read(choices.chosen)

    @classmethod
    def read(cls, draft: Mapping[str, object]) -> Self:
        """Read the draft; a decision of an unknown kind is none."""
        return cls(
            leaving=texts(draft.get("servers")),
            decisions=decisions(draft.get("decisions")),
            next_coordinator=str(draft.get("next_coordinator") or ""),
            rebuild={str(uuid): texts(keys) for uuid, keys in mapping(draft.get("rebuild")).items()},
            places={str(vm): str(host) for vm, host in mapping(draft.get("vm_targets")).items() if host},
        )

    def keys(self, *what: What) -> frozenset[str]:
        """The rows of loss for which one of these was decided."""
        return frozenset(key for key, decision in self.decisions.items() if decision.do in what)


def in_turn(leaving: Iterable[str], coordinator: str) -> tuple[str, ...]:
    """Who leaves when, by uuid: as it was chosen, but the coordinator last; whoever lists them lists them so."""
    return tuple(sorted(leaving, key=lambda uuid: uuid == coordinator))


def decisions(stored: object) -> dict[str, Decision]:
    """Read the stored decisions."""
    given = {str(key): mapping(value) for key, value in mapping(stored).items()}
    known = {what.value for what in What}
    return {
        key: Decision(do=What(str(value["do"])), to=str(value.get("to") or ""))
        for key, value in given.items()
        if value.get("do") in known
    }


def mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def texts(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, Sequence) and not isinstance(value, str) else ()
