"""The result of a check."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


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
