"""Types of the model, and the two values that Python's own types cannot tell apart on the wire."""

import re
from dataclasses import dataclass
from functools import lru_cache

NULL = "OpaqueRef:NULL"
EPOCH = "19700101T00:00:00Z"


class DateTime(str):
    """A moment in the wire's own text; XML-RPC gives it a tag, a string none."""

    __slots__ = ()


class Int32(int):
    """An integer that XML-RPC sends as <i4>; all others travel as bare decimal text."""


@dataclass(frozen=True)
class Type:
    """`kind`: string int float bool datetime ref enum set map record void any; `name`: class or enum."""

    kind: str
    name: str = ""
    key: "Type | None" = None
    item: "Type | None" = None

    def zero(self) -> object:
        """The value of a field without a default of its own."""
        if self.kind in ("set", "map", "record"):
            return [] if self.kind == "set" else {}
        return ZEROES.get(self.kind, "")

    def stored(self, value: object) -> object:
        """The value as a row keeps it: times and floats get the Python type that the wire needs."""
        if self.kind == "datetime" and type(value) is str:
            return DateTime(value)
        if self.kind == "float" and type(value) is int:
            return float(value)
        if self.kind == "set" and isinstance(value, tuple | set | frozenset):
            return list(value)
        return value


ZEROES: dict[str, object] = {
    "int": 0,
    "float": 0.0,
    "bool": False,
    "datetime": DateTime(EPOCH),
    "ref": NULL,
}
MAP = re.compile(r"^\((?P<key>.+?) -> (?P<item>.+)\) map$")
SCALARS = ("string", "int", "float", "bool", "datetime", "void")


@lru_cache(maxsize=1024)
def parse_type(text: str) -> Type:
    """Read the model's notation: "PIF ref set", "(string -> int) map", "enum bond_mode"."""
    if text in SCALARS:
        return Type(text)
    if match := MAP.match(text):
        return Type("map", key=parse_type(match["key"]), item=parse_type(match["item"]))
    if text.startswith("enum ") and not text.endswith(" set"):
        return Type("enum", text.removeprefix("enum "))
    for suffix in ("set", "ref", "record"):
        if text.endswith(f" {suffix}"):
            inner = text.removesuffix(f" {suffix}")
            return Type("set", item=parse_type(inner)) if suffix == "set" else Type(suffix, inner)
    return Type("any", text)
