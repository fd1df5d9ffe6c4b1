"""Lines for a server's own console, typed by hand: one command each, quoted for its shell, values in variables."""

import re
import shlex
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

LONGEST_VALUE = 200
KEY = re.compile(r"[A-Za-z0-9_-]{1,60}")


class Variable(str):
    """A reference to a variable of ours: the only thing that a shell may expand; a name that looks like one is none."""

    __slots__ = ()


@dataclass(frozen=True, kw_only=True)
class Section:
    """A few lines that belong together. ``see``: what to look for afterwards; ``expects``: text that then stands there.

    ``answers``: typed when the last line asks. ``optional``: only where the lines before did not show what they should.
    """

    title: str
    lines: tuple[str, ...]
    see: str
    expects: str = ""
    answers: tuple[str, ...] = ()
    optional: bool = False

    @property
    def words(self) -> list[list[str]]:
        """Each line in the pieces between which paper may break it."""
        return [line.split(" ") for line in self.lines]


def xe(command: str, **values: str) -> str:
    """Write one command; a parameter without a value is left out. Its name has - where Python wants _."""
    return line(command, {name.replace("_", "-"): value for name, value in values.items() if value})


def line(command: str, values: Mapping[str, str]) -> str:
    """Write one command, all values quoted."""
    return " ".join(["xe", command, *(f"{key}={quoted(value)}" for key, value in values.items())])


def quoted(value: str) -> str:
    """Nothing in a name may end the line, move the cursor, or be taken for a command."""
    return str(value) if isinstance(value, Variable) else shlex.quote(printable(value))


def typable(value: str) -> str:
    """A name or a description, no longer than a person types."""
    return printable(value[:LONGEST_VALUE])


def printable(value: str) -> str:
    """Leave out what no keyboard types: control and direction-changing characters."""
    return "".join(letter for letter in value if unicodedata.category(letter)[0] != "C")


def let(name: str, command: str) -> str:
    """Keep in a variable what a command prints."""
    return f"{name}=$({command})"


def settings(values: Mapping[str, str], prefix: str) -> dict[str, str]:
    """Parameters for the keys of a map; none for a key that XAPI does not have, which would stand unquoted."""
    return {f"{prefix}:{key}": value for key, value in sorted(values.items()) if KEY.fullmatch(key)}
