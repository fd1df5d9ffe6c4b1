"""Putting values into texts: XAPI's words are hostile, and a missing one is said."""

import re
import shlex
from collections.abc import Mapping, Sequence

LONGEST_VALUE = 300
PLACE = re.compile(r"\{(\w{1,40})\}")
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
ABSENT = "(not given)"


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in their places; a missing one is said, and braces inside a value stay as they are."""
    return PLACE.sub(lambda place: values.get(place[1], ABSENT), text)


def fill_command(command: str, values: Mapping[str, str], names: Sequence[str]) -> str:
    """Put values into a command as words of a POSIX shell; where one is missing stands what to write there."""

    def word(place: re.Match[str]) -> str:
        return shlex.quote(values[place[1]]) if place[1] in values else f"<{called(place[1], names)}>"

    return PLACE.sub(word, command)


def blank(text: str, names: Sequence[str]) -> str:
    """Leave open what only a real error can fill in."""
    return PLACE.sub(lambda place: f"‹{called(place[1], names)}›", text)


def called(place: str, names: Sequence[str]) -> str:
    """Name a place: a param has its name in the data model, a finding's value its own."""
    number = int(place) if place.isdecimal() else len(names)
    return names[number] if number < len(names) else place.replace("_", " ")


def clean(value: object) -> str:
    """XAPI's text is hostile: no control or bidirectional characters, and not endless."""
    text = UNPRINTABLE.sub("", str(value)[: LONGEST_VALUE * 2])
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
