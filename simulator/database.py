"""The database of one pool: rows by class, their generations, and both ends of every relation."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile

from simulator.identities import random_uuid
from simulator.schema import ClassSpec, Relation, Schema
from simulator.schema.types import NULL
from simulator.xapi.errors import XapiError

REMEMBERED_DELETIONS = 512
MESSAGES = "message"  # kept outside the database proper, with a generation of its own
Row = dict[str, object]


@dataclass
class Stamp:
    created: int
    modified: int


@dataclass(frozen=True)
class Deletion:
    ref: str
    created: int
    deleted: int


@dataclass
class Changes:
    """What happened to one class since a generation, coalesced: one entry per object."""

    added: list[str] = field(default_factory=list)
    modified: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)


@dataclass
class Table:
    """`rows` in the order of creation, `stamps` in that of the last writes; `uuids` has the rows of each uuid."""

    spec: ClassSpec
    rows: dict[str, Row] = field(default_factory=dict)
    stamps: dict[str, Stamp] = field(default_factory=dict)
    uuids: dict[object, list[str]] = field(default_factory=dict)
    deletions: deque[Deletion] = field(default_factory=lambda: deque(maxlen=REMEMBERED_DELETIONS))
    touched: int = 0
    pulse: int = 0

    @cached_property
    def blank(self) -> Row:
        """A row of defaults, to be copied."""
        return {name: item.fresh() for name, item in self.spec.fields.items()}

    def put(self, ref: str, row: Row, stamp: Stamp) -> None:
        """Add a row; its stamp must be the latest, or `sort` be called when all are there."""
        self.rows[ref] = row
        self.stamps[ref] = stamp
        self.uuids.setdefault(row.get("uuid"), []).append(ref)

    def sort(self) -> None:
        self.stamps = dict(sorted(self.stamps.items(), key=lambda each: each[1].modified))

    def take(self, ref: str) -> Stamp:
        """Remove a row."""
        self._forget_uuid(ref, self.rows.pop(ref).get("uuid"))
        return self.stamps.pop(ref)

    def stamp(self, ref: str, generation: int) -> None:
        stamp = self.stamps.pop(ref)
        stamp.modified = generation
        self.stamps[ref] = stamp

    def identify(self, ref: str, before: object, after: object) -> None:
        """The row has another uuid now."""
        self._forget_uuid(ref, before)
        self.uuids.setdefault(after, []).append(ref)

    def _forget_uuid(self, ref: str, uuid: object) -> None:
        self.uuids[uuid].remove(ref)
        if not self.uuids[uuid]:
            del self.uuids[uuid]

    def changes(self, since: int) -> Changes:
        """Looks at what has changed and at nothing else; each list in the order of creation."""
        changed = list(takewhile(lambda each: each[1].modified > since, reversed(self.stamps.items())))
        changed.sort(key=lambda each: each[1].created)
        gone = takewhile(lambda item: item.deleted > since, reversed(self.deletions))
        return Changes(
            added=[ref for ref, stamp in changed if stamp.created > since],
            modified=[ref for ref, stamp in changed if stamp.created <= since],
            deleted=[item.ref for item in gone if item.created <= since][::-1],
        )


def new_uuid() -> str:
    return random_uuid()


def new_ref() -> str:
    return f"OpaqueRef:{random_uuid()}"


@dataclass(frozen=True, eq=False)
class Waiter:
    """Someone who waits for writes of some classes."""

    classes: frozenset[str]
    woken: threading.Condition


class Database:
    """Thread-safe; every write moves a generation on and wakes those who wait for its class, and nobody else."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.generation = 0
        self.message_generation = 0
        self._pulse = 0
        self._last_deletion = 0  # the pulse of it
        self._lock = threading.RLock()
        self._waiters: list[Waiter] = []
        self._tables = {name: Table(spec) for name, spec in schema.classes.items() if spec.stored}

    @property
    def tables(self) -> Mapping[str, Table]:
        """For whoever saves and restores all of it, with the lock held."""
        return self._tables

    def create(self, cls: str, /, *, ref: str | None = None, **fields: object) -> str:
        """Add a row; what is not given has the model's default, and a uuid is made."""
        return self.insert(cls, fields, ref)

    def insert(self, cls: str, fields: Mapping[str, object], ref: str | None = None) -> str:
        """`create` for values that stand in a mapping already."""
        table = self._tables[cls]
        unknown = fields.keys() - table.spec.fields.keys()
        if unknown:
            raise KeyError(f"{cls} has no field {', '.join(sorted(unknown))}")
        ref = ref or new_ref()
        row = copied(table.blank)
        if "uuid" in row:
            row["uuid"] = new_uuid()
        with self._lock:
            bound = {name: row[name] for name in fields if (cls, name) in self.schema.relations}
            for name, value in fields.items():
                row[name] = copied_value(table.spec.fields[name].type.stored(value))
            generation = self._advance(table)
            table.put(ref, row, Stamp(generation, generation))
            for name, before in bound.items():
                self._bind(self.schema.relations[cls, name], ref, before, row[name])
        return ref

    def get(self, cls: str, ref: str) -> Row:
        """A copy of the row; a foreign or dangling reference is HANDLE_INVALID."""
        with self._lock:
            return copied(self._row(cls, ref))

    def snapshot(self, cls: str, ref: str) -> Row:
        """The row for the wire: what it holds is shared, and must not be changed."""
        with self._lock:
            return dict(self._row(cls, ref))

    def snapshots(self, cls: str) -> dict[str, Row]:
        with self._lock:
            return {ref: dict(row) for ref, row in self._tables[cls].rows.items()}

    def field(self, cls: str, ref: str, name: str) -> object:
        with self._lock:
            return copied_value(self._row(cls, ref)[name])

    def set(self, cls: str, ref: str, /, **fields: object) -> None:
        """Change fields in one step; the far ends of relations follow."""
        with self._lock:
            row = self._row(cls, ref)
            table = self._tables[cls]
            for name, value in fields.items():
                before = row[name]
                row[name] = copied_value(table.spec.fields[name].type.stored(value))
                if name == "uuid":
                    table.identify(ref, before, row[name])
                relation = self.schema.relations.get((cls, name))
                if relation:
                    self._bind(relation, ref, before, row[name])
            self._tick(table, ref)

    def update(self, cls: str, ref: str, name: str, function: Callable[[object], object]) -> None:
        """Read, change and write one field in one step; nothing happens where the value stays the same."""
        with self._lock:
            before = copied_value(self._row(cls, ref)[name])
            after = function(copied_value(before))
            if after != before:
                self.set(cls, ref, **{name: after})

    def delete(self, cls: str, ref: str) -> None:
        """Remove a row; sets that held it lose it, fields that named it keep the dangling reference."""
        with self._lock:
            row = self._row(cls, ref)
            table = self._tables[cls]
            for name, value in row.items():
                relation = self.schema.relations.get((cls, name))
                if relation and not isinstance(value, list):
                    self._bind(relation, ref, value, NULL)
            stamp = table.take(ref)
            table.deletions.append(Deletion(ref, stamp.created, self._advance(table)))
            self._last_deletion = self._pulse
            for waiter in self._waiters:
                waiter.woken.notify()

    def touch(self, cls: str, ref: str) -> int:
        """A mod without a change (event.inject); gives the generation just before it."""
        with self._lock:
            self._row(cls, ref)
            before = self.generation
            self._tick(self._tables[cls], ref)
            return before

    def written(self, cls: str, ref: str) -> int:
        """The generation of an object's last write."""
        return self._tables[cls].stamps[ref].modified

    def has(self, cls: str, ref: str) -> bool:
        table = self._tables.get(cls)
        return table is not None and ref in table.rows

    def refs(self, cls: str) -> list[str]:
        with self._lock:
            return list(self._tables[cls].rows)

    def records(self, cls: str) -> dict[str, Row]:
        with self._lock:
            return {ref: copied(row) for ref, row in self._tables[cls].rows.items()}

    def find(self, cls: str, /, **equal: object) -> list[str]:
        """References of the rows whose fields have these values."""
        with self._lock:
            table = self._tables[cls]
            refs = table.uuids.get(equal["uuid"], []) if "uuid" in equal else table.rows
            return [ref for ref in refs if all(table.rows[ref][name] == value for name, value in equal.items())]

    def by_uuid(self, cls: str, uuid: str) -> str:
        found = self.find(cls, uuid=uuid)
        if not found:
            raise XapiError("UUID_INVALID", cls, uuid)
        return found[0]

    def counts(self) -> dict[str, int]:
        with self._lock:
            return {name.lower(): len(table.rows) for name, table in self._tables.items()}

    def changes(self, cls: str, since: int) -> Changes:
        """Objects added, modified and deleted after `since`; made and deleted in between yields nothing."""
        table = self._tables[cls]
        with self._lock:
            return table.changes(since) if table.touched > since else Changes()

    def locked(self) -> threading.RLock:
        """Hold it to read several rows as of one moment."""
        return self._lock

    @property
    def pulse(self) -> int:
        """Moves with every write of every class, messages and sessions included."""
        return self._pulse

    def wait_pulse(self, since: int, timeout: float, classes: Iterable[str] | None = None) -> int:
        """Block until one of these classes was written after the pulse `since`, or anything was deleted."""
        names = frozenset(self._tables if classes is None else classes)
        with self._lock:
            tables = [self._tables[name] for name in names]
            self._wait(names, lambda: max([self._last_deletion, *(each.pulse for each in tables)]) > since, timeout)
            return self._pulse

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return len(self._waiters)

    def _wait(self, classes: frozenset[str], done: Callable[[], bool], timeout: float) -> None:
        waiter = Waiter(classes, threading.Condition(self._lock))
        self._waiters.append(waiter)
        try:
            waiter.woken.wait_for(done, timeout)
        finally:
            self._waiters.remove(waiter)

    def _row(self, cls: str, ref: str) -> Row:
        table = self._tables.get(cls)
        if table is None or ref not in table.rows:
            raise XapiError("HANDLE_INVALID", cls, ref)
        return table.rows[ref]

    def _advance(self, table: Table) -> int:
        if table.spec.name == MESSAGES:
            self.message_generation += 1
            table.touched = self.message_generation
        else:
            self.generation += 1
            table.touched = self.generation
        self._pulse += 1
        table.pulse = self._pulse
        for waiter in self._waiters:
            if table.spec.name in waiter.classes:
                waiter.woken.notify()
        return table.touched

    def _tick(self, table: Table, ref: str) -> None:
        table.stamp(ref, self._advance(table))

    def _bind(self, relation: Relation, ref: str, before: object, after: object) -> None:
        old, new = set(_refs(before)), set(_refs(after))
        for other in old - new:
            self._unlink(relation, other, ref)
        for other in new - old:
            self._link(relation, other, ref)

    def _link(self, relation: Relation, other: str, ref: str) -> None:
        table = self._tables[relation.other_cls]
        row = table.rows.get(other)
        if row is None:
            return
        current = row[relation.other_field]
        if isinstance(current, list):
            if ref not in current:
                row[relation.other_field] = [*current, ref]
        else:
            self._steal(relation, str(current), other)
            row[relation.other_field] = ref
        self._tick(table, other)

    def _steal(self, relation: Relation, owner: str, other: str) -> None:
        """A reference has one owner: taking an object into a set takes it out of the set it was in."""
        table = self._tables[relation.cls]
        row = table.rows.get(owner)
        if row is None:
            return
        row[relation.field] = [item for item in _refs(row[relation.field]) if item != other]
        self._tick(table, owner)

    def _unlink(self, relation: Relation, other: str, ref: str) -> None:
        table = self._tables[relation.other_cls]
        row = table.rows.get(other)
        if row is None:
            return
        current = row[relation.other_field]
        if isinstance(current, list):
            row[relation.other_field] = [item for item in current if item != ref]
        elif current == ref:
            row[relation.other_field] = NULL
        self._tick(table, other)


def _refs(value: object) -> Iterator[str]:
    if isinstance(value, list):
        yield from (str(item) for item in value)
    elif isinstance(value, str) and value not in (NULL, ""):
        yield value


def copied_value(value: object) -> object:
    if isinstance(value, list):
        return [copied_value(item) for item in value]
    if isinstance(value, dict):
        return {key: copied_value(item) for key, item in value.items()}
    return value


def copied(row: Row) -> Row:
    """A copy that the caller may change; scalars are shared, containers are not."""
    return {name: copied_value(value) if type(value) in (list, dict) else value for name, value in row.items()}
