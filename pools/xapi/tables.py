"""Shapes of replies: XAPI's answers become checked tables and records, or the server is not XAPI."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from pools.xapi.errors import OddReplyError
from pools.xapi.inventory import CLASSES, Snapshot
from pools.xapi.records import chosen

Wire = dict[str, object]
Tables = dict[str, dict[str, Wire]]

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Delta:
    """What ``event.from`` told: current records of what was added or changed, and what is gone."""

    records: Tables = field(default_factory=dict)
    deleted: Mapping[str, frozenset[str]] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)


def struct(value: object) -> Wire:
    """A struct, or ValueError."""
    if not isinstance(value, dict):
        raise OddReplyError("not a struct")
    return value


def texts(value: object) -> list[str]:
    """A set of texts, or ValueError."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise OddReplyError("not a set of texts")
    return value


def text(value: object) -> str:
    """A text, or ValueError."""
    if not isinstance(value, str):
        raise OddReplyError("not a text")
    return value


def records(value: object) -> dict[str, Wire]:
    """A map from reference to record, or ValueError."""
    return {ref: struct(record) for ref, record in struct(value).items()}


def errors(value: object) -> dict[str, tuple[str, ...]]:
    """A map from reference to an error, its code first, or ValueError."""
    return {ref: tuple(texts(error)) for ref, error in struct(value).items() if error}


def delta(reply: object) -> tuple[Delta, str]:
    """Sort ``event.from``'s events by class (protocol.md §4.1); ``del`` carries no snapshot."""
    answer = struct(reply)
    events = answer.get("events")
    if not isinstance(events, list):
        raise OddReplyError("no events")
    tables: Tables = {}
    deleted: dict[str, frozenset[str]] = {}
    for event in map(struct, events):
        name, ref = text(event.get("class")).lower(), text(event.get("ref"))
        if event.get("operation") == "del":
            deleted[name] = deleted.get(name, frozenset()) | {ref}
        else:
            tables.setdefault(name, {})[ref] = kept(name, struct(event.get("snapshot")))
    counts = {name: int(str(count)) for name, count in struct(answer.get("valid_ref_counts", {})).items()}
    return Delta(tables, deleted, counts), text(answer.get("token"))


def kept(name: str, record: Wire) -> Wire:
    """Keep the fields that our records have: a VM has ninety, we read eight."""
    known = CLASSES.get(name)
    return record if known is None else chosen(known[1], record)


def unread(tables: Tables, counts: Mapping[str, int], classes: Collection[str]) -> frozenset[str]:
    """Classes that have rows of which none came: unknown, not empty."""
    return frozenset(name for name in classes if counts.get(name, 0) > 0 and not tables.get(name))


def master_of(tables: Tables) -> str:
    """Every XAPI database has one pool, its master's host, and fields of the model's types; else ValueError."""
    snapshot = Snapshot.from_wire(tables)
    uuids = [record.uuid for record in (*snapshot.pools.values(), *snapshot.hosts.values())]
    if len(snapshot.pools) != 1 or snapshot.pool.master not in snapshot.hosts or not all(map(UUID.fullmatch, uuids)):
        raise OddReplyError("no pool with its master")
    return snapshot.pool.master
