"""Rows of a database with types: what a custom message reads is text, number, flag, list or map."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from simulator.database import Database

NULL = "OpaqueRef:NULL"


@dataclass(frozen=True)
class Row:
    """One object, read live: a field is looked up when it is asked for."""

    database: Database
    cls: str
    ref: str

    def text(self, name: str) -> str:
        return str(self.database.field(self.cls, self.ref, name))

    def number(self, name: str) -> int:
        return int(cast("int", self.database.field(self.cls, self.ref, name)))

    def flag(self, name: str) -> bool:
        return bool(self.database.field(self.cls, self.ref, name))

    def items(self, name: str) -> list[str]:
        return list(cast("list[str]", self.database.field(self.cls, self.ref, name)))

    def mapping(self, name: str) -> dict[str, str]:
        return dict(cast("dict[str, str]", self.database.field(self.cls, self.ref, name)))

    def to(self, name: str, cls: str) -> Row:
        """The object that a reference field names."""
        return Row(self.database, cls, self.text(name))

    def all(self, name: str, cls: str) -> list[Row]:
        """The objects that a field with a set of references names."""
        return [Row(self.database, cls, ref) for ref in self.items(name)]

    def fields(self, *names: str) -> dict[str, object]:
        """A copy of some fields, to make another row of them."""
        return {name: self.database.field(self.cls, self.ref, name) for name in names}

    def set(self, **fields: object) -> None:
        self.database.set(self.cls, self.ref, **fields)

    def put(self, name: str, key: str, value: str) -> None:
        """Write one key of a map; what others write meanwhile stays."""
        self.database.update(self.cls, self.ref, name, lambda old: {**cast("dict[str, str]", old), key: value})

    def drop(self, name: str, key: str) -> None:
        """Remove one key of a map, if it is there."""

        def without(old: object) -> object:
            return {other: value for other, value in cast("dict[str, str]", old).items() if other != key}

        self.database.update(self.cls, self.ref, name, without)

    @property
    def uuid(self) -> str:
        return self.text("uuid")


def rows(database: Database, cls: str, **equal: object) -> Iterator[Row]:
    """All objects of a class whose fields equal these, in the order of their creation."""
    refs = database.find(cls, **equal) if equal else database.refs(cls)
    return (Row(database, cls, ref) for ref in refs)


def first(database: Database, cls: str, **equal: object) -> Row | None:
    return next(rows(database, cls, **equal), None)


def add(database: Database, cls: str, **fields: object) -> Row:
    return Row(database, cls, database.create(cls, ref=None, **fields))
