"""The result of a check."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from pools.forecast.wording import listed

__all__ = ["UNREADABLE", "Finding", "Severity", "listed"]

UNREADABLE = "XENWEB_UNREADABLE"


class Severity(StrEnum):
    """How bad a finding is; ``UNKNOWN`` is what could not be read, and is never treated as fine."""

    ERROR = "error"
    UNKNOWN = "unknown"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One rule broken by one subject, with the values on both sides.

    ``code`` is XAPI's own where XAPI would refuse, else starts with ``XENWEB_``; ``params`` are XAPI's params in order.
    ``subject`` is the uuid of the server concerned. ``theirs`` is the server's value, ``ours`` the pool's.
    """

    code: str
    subject: str
    severity: Severity = Severity.ERROR
    params: tuple[str, ...] = ()
    theirs: str = ""
    ours: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        return {
            "code": self.code,
            "subject": self.subject,
            "severity": self.severity.value,
            "params": list(self.params),
            "theirs": self.theirs,
            "ours": self.ours,
            "values": dict(self.values),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Self:
        params, values = stored["params"], stored["values"]
        return cls(
            code=str(stored["code"]),
            subject=str(stored["subject"]),
            severity=Severity(str(stored["severity"])),
            params=tuple(str(item) for item in params) if isinstance(params, list) else (),
            theirs=str(stored["theirs"]),
            ours=str(stored["ours"]),
            values={str(k): str(v) for k, v in values.items()} if isinstance(values, Mapping) else {},
        )
