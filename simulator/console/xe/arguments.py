"""What a command of `xe` wants to be told: key=value words, turned into the arguments of a message."""

from dataclasses import dataclass
from typing import Protocol

from simulator.console.shell import CommandFailedError
from simulator.console.xe.client import Client

TRUE, FALSE = {"true", "t", "yes", "y", "1"}, {"false", "f", "no", "n", "0"}
NULL = "OpaqueRef:NULL"


@dataclass(frozen=True)
class Given:
    """The key=value words of a command, and its flags without their dashes."""

    values: dict[str, str]
    flags: frozenset[str]

    def required(self, key: str) -> str:
        if key not in self.values:
            raise CommandFailedError(f"Required parameter not found: {key}\nFor usage run: 'xe help'")
        return self.values[key]

    def below(self, prefix: str) -> dict[str, str]:
        """What stands after `prefix:` in the keys that begin so."""
        return {key.partition(":")[2]: value for key, value in self.values.items() if key.startswith(f"{prefix}:")}


def read(words: list[str]) -> Given:
    """`--force` and the like are flags; a word without = that is no flag makes no sense."""
    values = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not word.startswith("--") and not equals:
            raise CommandFailedError(f"Syntax error: {word}\nFor usage run: 'xe help'")
        if not word.startswith("--"):
            values[key] = value
    return Given(values, frozenset(word.removeprefix("--") for word in words if word.startswith("--")))


class Argument(Protocol):
    def value(self, client: Client, given: Given) -> object: ...


@dataclass(frozen=True)
class Ref:
    """The object with this UUID; where `otherwise` is given the key may be left out."""

    cls: str
    key: str = "uuid"
    otherwise: str | None = None

    def value(self, client: Client, given: Given) -> object:
        if self.key not in given.values and self.otherwise is not None:
            return self.otherwise
        return client.ref(self.cls, given.required(self.key))


@dataclass(frozen=True)
class Refs:
    """Several UUIDs with commas between them."""

    cls: str
    key: str

    def value(self, client: Client, given: Given) -> object:
        return [client.ref(self.cls, uuid) for uuid in given.required(self.key).split(",") if uuid]


@dataclass(frozen=True)
class Text:
    key: str
    otherwise: str | None = None

    def value(self, _client: Client, given: Given) -> object:
        return given.required(self.key) if self.otherwise is None else given.values.get(self.key, self.otherwise)


@dataclass(frozen=True)
class Number:
    key: str
    otherwise: int | None = None

    def value(self, _client: Client, given: Given) -> object:
        if self.key not in given.values and self.otherwise is not None:
            return self.otherwise
        return number(self.key, given.required(self.key))


@dataclass(frozen=True)
class Flag:
    key: str
    otherwise: bool | None = None

    def value(self, _client: Client, given: Given) -> object:
        if self.key in given.flags:
            return True
        if self.key not in given.values and self.otherwise is not None:
            return self.otherwise
        return truth(self.key, given.required(self.key))


@dataclass(frozen=True)
class Map:
    """All of `prefix:key=value`."""

    prefix: str

    def value(self, _client: Client, given: Given) -> object:
        return given.below(self.prefix)


@dataclass(frozen=True)
class SelectedHost:
    """host= or uuid= or name-label=; a pool of one needs none."""

    def value(self, client: Client, given: Given) -> object:
        database = client.database
        wanted = given.values.get("host", given.values.get("name-label", given.values.get("uuid", "")))
        found = [
            ref
            for ref in database.refs("host")
            if not wanted or wanted in {database.field("host", ref, "uuid"), database.field("host", ref, "name_label")}
        ]
        if len(found) != 1:
            raise CommandFailedError("Error: No matching hosts found" if not found else "Error: Multiple matches found")
        return found[0]


def number(key: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise CommandFailedError(f"Failed to parse parameter '{key}': expecting an integer") from None


def truth(key: str, text: str) -> bool:
    if text.lower() not in TRUE | FALSE:
        raise CommandFailedError(f"Failed to parse parameter '{key}': expecting boolean")
    return text.lower() in TRUE
