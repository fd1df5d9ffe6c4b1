"""The catalogue of errors: XAPI's codes and ours, each with its cause and its remedy.

Each module of this package exports ``MESSAGES``; a new module is found by itself.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from pools.xapi.messages.message import Message

__all__ = ["MESSAGES", "Explanation", "Message", "explain", "find"]

LONGEST_VALUE = 300
PLACE = re.compile(r"\{(\w{1,40})\}")
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
ABSENT = "(not given)"


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A message with an error's own values in its texts."""

    title: str
    text: str
    remedy: str
    code: str
    where: str = ""
    params: tuple[str, ...] = ()
    known: bool = True


def explain(code: str, params: Sequence[object] = (), values: Mapping[str, object] | None = None) -> Explanation:
    """Say what a code means; an unknown one is shown as XAPI gave it, with its params. Never fails."""
    shown = tuple(clean(param) for param in params)
    message = find(code, params)
    if message is None:
        return unknown(clean(code), shown)
    named = {key: clean(value) for key, value in (values or {}).items()}
    named |= {str(place): value for place, value in enumerate(shown)}
    return Explanation(
        title=fill(message.title, named),
        text=fill(message.text, named),
        remedy=fill(message.remedy, named),
        where=fill(message.where, named),
        code=code,
        params=shown,
    )


def find(code: str, params: Sequence[object] = ()) -> Message | None:
    """Look a code up; where one code has several causes, the first param is part of the key."""
    precise = MESSAGES.get(f"{code} {params[0]}") if params else None
    return precise or MESSAGES.get(code)


def unknown(code: str, params: tuple[str, ...]) -> Explanation:
    """Show a code that the catalogue lacks, with all that XAPI said."""
    said = f" It said: {', '.join(params)}." if params else ""
    return Explanation(
        title=f"XAPI answered {code or 'without a code'}",
        text=f"xenweb has no explanation for this code.{said}",
        remedy="Look the code up in the documentation of XenServer or XCP-ng, and in /var/log/xensource.log there.",
        code=code,
        params=params,
        known=False,
    )


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in their places; a missing one is said, and braces inside a value stay as they are."""
    return PLACE.sub(lambda place: values.get(place[1], ABSENT), text)


def clean(value: object) -> str:
    """XAPI's text is hostile: no control or bidirectional characters, and not endless."""
    text = UNPRINTABLE.sub("", str(value)[: LONGEST_VALUE * 2])
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def catalogue() -> dict[str, Message]:
    """Merge the ``MESSAGES`` of every module of this package."""
    merged: dict[str, Message] = {}
    for module in iter_modules(__path__, f"{__name__}."):
        merged |= getattr(import_module(module.name), "MESSAGES", {})
    return merged


MESSAGES: dict[str, Message] = catalogue()
