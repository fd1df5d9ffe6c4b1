"""What is known of a server that does not answer: who was asked, and what each of them said."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Self


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """``uuid`` and ``name`` are the silent server's. ``answer``: what itself said to xenweb just now; empty: nothing.

    ``silence``: the code with which it did not answer. ``reports``: whether the pool hears its heartbeat, None when
    the pool cannot be asked. ``views``: which coordinator each other member names, by its name; empty when it does not
    answer.
    """

    uuid: str
    name: str
    answer: str = ""
    silence: str = ""
    reports: bool | None = None
    views: Mapping[str, str] = field(default_factory=dict)

    @property
    def answers(self) -> bool:
        return bool(self.answer)

    def to_json(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Self:
        views, reports = stored.get("views"), stored.get("reports")
        return cls(
            uuid=str(stored.get("uuid", "")),
            name=str(stored.get("name", "")),
            answer=str(stored.get("answer", "")),
            silence=str(stored.get("silence", "")),
            reports=reports if isinstance(reports, bool) else None,
            views={str(key): str(value) for key, value in views.items()} if isinstance(views, Mapping) else {},
        )

    def in_words(self) -> dict[str, str]:
        """What a plan rests on: when one of these changes, the plan is out of date."""
        said = {"its own answer": self.answer or f"none ({self.silence})"}
        if self.reports is not None:
            said["its heartbeat in the pool"] = "heard" if self.reports else "not heard"
        return said | {f"coordinator that {name} names": view or "none" for name, view in self.views.items()}
