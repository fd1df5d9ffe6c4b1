"""The catalogue of errors: XAPI's codes and ours, each with its cause and its remedy.

Each module of this package exports ``MESSAGES`` and the ``SUBJECT`` they are about; a new module is found by itself.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from pools.xapi.messages.codes import PARAMS
from pools.xapi.messages.filling import ABSENT, clean, fill, fill_command
from pools.xapi.messages.message import Message

__all__ = ["ABSENT", "MESSAGES", "SUBJECTS", "Explanation", "Message", "explain", "find", "names_of"]

NUMBERED = re.compile(r"(?<=^SR_BACKEND_FAILURE)_\d{1,4}$")


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A message with an error's own values in its texts."""

    title: str
    text: str
    remedy: str
    code: str
    where: str = ""
    press: str = ""
    command: str = ""
    note: str = ""
    params: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()
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
        press=fill(message.press, named),
        command=fill_command(message.command, named, names_of(code)),
        note=message.note,
        code=code,
        params=shown,
        named=named_params(code, shown),
    )


def find(code: str, params: Sequence[object] = ()) -> Message | None:
    """Look a code up; where one code has several causes, the first param is part of the key."""
    precise = MESSAGES.get(f"{code} {params[0]}") if params else None
    return precise or MESSAGES.get(code) or MESSAGES.get(NUMBERED.sub("", code))


def names_of(code: str) -> tuple[str, ...]:
    """Return what an error's params are called, in order."""
    message = find(code)
    return PARAMS.get(code, message.names if message else ())


def named_params(code: str, shown: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Pair the values with their names; one that the data model does not name is counted."""
    names = names_of(code)
    return tuple(
        (names[place] if place < len(names) else f"value {place + 1}", said) for place, said in enumerate(shown)
    )


def unknown(code: str, params: tuple[str, ...]) -> Explanation:
    """Show a code that the catalogue lacks, with all that XAPI said."""
    said = f" It said: {', '.join(params)}." if params else ""
    return Explanation(
        title=f"XAPI answered {code or 'without a code'}",
        text=f"xenweb has no explanation for this code.{said}",
        remedy="Look the code up in the documentation of XenServer or XCP-ng, and in /var/log/xensource.log there.",
        code=code,
        params=params,
        named=named_params(code, params),
        known=False,
    )


def subjects() -> dict[str, dict[str, Message]]:
    """Gather the ``MESSAGES`` of every module of this package under its ``SUBJECT``."""
    gathered: dict[str, dict[str, Message]] = {}
    for found in iter_modules(__path__, f"{__name__}."):
        module = import_module(found.name)
        if messages := getattr(module, "MESSAGES", {}):
            gathered.setdefault(module.SUBJECT, {}).update(messages)
    return gathered


SUBJECTS: dict[str, dict[str, Message]] = subjects()
MESSAGES: dict[str, Message] = {code: message for group in SUBJECTS.values() for code, message in group.items()}
