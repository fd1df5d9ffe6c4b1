"""What is known of a server that does not answer: who was asked, and what each of them said."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final, Self

from pools.checks.typed import plain, typable

ITSELF: Final = "itself"


@dataclass(frozen=True, kw_only=True)
class View:
    """What another member says: which coordinator it names; empty when it does not answer."""

    uuid: str
    name: str
    coordinator: str

    @property
    def label(self) -> str:
        """Names need not be unique."""
        return f"{self.name} ({self.uuid[:8]})"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """``uuid`` and ``name`` are the silent server's. ``answer``: what itself said to xenweb just now; empty: nothing.

    ``silence``: the code with which it did not answer. ``reports``: whether the pool hears its heartbeat, None when
    the pool cannot be asked. ``views``: what the other members say.
    """

    uuid: str
    name: str
    answer: str = ""
    silence: str = ""
    reports: bool | None = None
    views: tuple[View, ...] = ()

    @property
    def answers(self) -> bool:
        return bool(self.answer)

    @property
    def answer_in_words(self) -> str:
        """What it answered, as the end of a sentence."""
        if self.answer == ITSELF:
            return "it coordinates itself"
        return f"its coordinator is {self.answer}" if is_address(self.answer) else self.answer

    @property
    def typable(self) -> str:
        """What is typed to state that it is dead."""
        return typable(self.name, self.uuid)

    def is_named(self, stated: str) -> bool:
        """Whether somebody typed its name."""
        return plain(stated) == self.typable

    def says(self, uuid: str) -> str:
        """What this member says; empty when it does not answer, or was not asked."""
        return next((view.coordinator for view in self.views if view.uuid == uuid), "")

    def in_words(self) -> dict[str, str]:
        """What a plan rests on: when one of these changes, the plan is out of date."""
        said = {"its own answer": self.answer or f"none ({self.silence})"}
        if self.reports is not None:
            said["its heartbeat in the pool"] = "heard" if self.reports else "not heard"
        return said | {f"coordinator that {view.label} names": view.coordinator or "none" for view in self.views}

    def to_json(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Self:
        reports = stored.get("reports")
        return cls(
            uuid=str(stored.get("uuid", "")),
            name=str(stored.get("name", "")),
            answer=str(stored.get("answer", "")),
            silence=str(stored.get("silence", "")),
            reports=reports if isinstance(reports, bool) else None,
            views=views_of(stored.get("views")),
        )


def is_address(text: str) -> bool:
    """A server that starts, or is in trouble, answers with a code instead."""
    return " " not in text and ("." in text or ":" in text)


def views_of(stored: object) -> tuple[View, ...]:
    """Read stored views."""
    rows = stored if isinstance(stored, Sequence) and not isinstance(stored, str) else ()
    return tuple(
        View(**{key: str(row.get(key, "")) for key in ("uuid", "name", "coordinator")})
        for row in rows
        if isinstance(row, Mapping)
    )
