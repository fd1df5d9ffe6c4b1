"""The page of losses: three tables of what a removal takes away, each row with its decision and its way out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final, Self

from django.utils.dateparse import parse_datetime

from pools.models import Credential, Operation
from pools.operations.removal.choices import Decision, What, mapping
from pools.operations.xe import xe
from pools.services.capacity_plot import Plot, plot_of
from pools.services.losses_reading import TABLES, Stored, items, rows_in, standing

WORDS: Final = {table: f"accept all {table}" for table in TABLES}
SAID: Final = {"move": "moved", "export": "exported by hand", "accept": "accepted", "": "not decided"}
MOVED: Final = frozenset({"VM"})
EXPORTS: Final = {
    "VM": ("vm-export", "uuid"),
    "suspended VM": ("vm-export", "uuid"),
    "template": ("template-export", "template-uuid"),
    "snapshot": ("snapshot-export-to-template", "snapshot-uuid"),
}
UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, kw_only=True)
class Target:
    """An SR that stays in the pool."""

    uuid: str
    name: str
    shared: bool
    free: int


@dataclass(frozen=True, kw_only=True)
class Row:
    """One loss. ``stored`` is what the forecast said of it; ``new``: it was not there when this was first read."""

    key: str
    table: str
    server: str
    stored: Stored
    targets: Sequence[Target] = ()
    decision: Decision | None = None
    new: bool = False
    command: str = ""

    @property
    def field(self) -> str:
        return f"do:{self.key}"

    @property
    def name(self) -> str:
        """What people know it by."""
        said = (self.stored.get(key) for key in ("name_label", "name", "what", "uuid"))
        return next((str(text) for text in said if text), self.key)

    @property
    def kind(self) -> str:
        return str(self.stored.get("kind") or "")

    @property
    def choice(self) -> str:
        """What the form holds for it."""
        if self.decision is None:
            return ""
        return f"move:{self.decision.to}" if self.decision.do is What.MOVE else self.decision.do.value

    @property
    def options(self) -> list[tuple[str, str]]:
        """Every decision that this row may get, as (value, words)."""
        moves = [(f"move:{target.uuid}", target.name) for target in self.targets]
        exports = [(What.EXPORT.value, "")] if self.command else []
        return [*moves, *exports, (What.ACCEPT.value, "")]

    @property
    def uuid(self) -> str:
        return str(self.stored.get("uuid") or "")

    @property
    def vms(self) -> dict[str, str]:
        """The VMs that a disk belongs to, by uuid."""
        found = self.stored.get("vms")
        return {str(uuid): str(name) for uuid, name in found} if isinstance(found, list) else {}

    @property
    def parent(self) -> str:
        """What a snapshot was taken of: a name, or a pair of uuid and name."""
        found = self.stored.get("snapshot_of")
        return str(found[-1] if found else "") if isinstance(found, list) else str(found or "")


@dataclass(frozen=True, kw_only=True)
class Table:
    """One of the three; ``typed``: what was typed to accept all of it, right or wrong."""

    name: str
    rows: Sequence[Row]
    typed: str = ""

    @property
    def words(self) -> str:
        return WORDS[self.name]

    @property
    def open(self) -> int:
        return sum(row.decision is None for row in self.rows)

    @property
    def waits(self) -> str:
        return f"{self.open} to decide"

    @property
    def wrong(self) -> bool:
        """Whether other words were typed than those that count."""
        return bool(self.typed) and self.typed != self.words

    @property
    def counted(self) -> dict[str, int]:
        """How many rows got which decision, in words."""
        made = [SAID[row.choice.partition(":")[0]] for row in self.rows]
        return {word: made.count(word) for word in dict.fromkeys(made)}

    @property
    def size(self) -> int:
        """How many bytes the guests see of it."""
        sizes = (row.stored.get("virtual_size") for row in self.rows)
        return sum(size for size in sizes if isinstance(size, int))


@dataclass(frozen=True, kw_only=True)
class LossesPage:
    """Everything that was foretold for a draft, with what was decided."""

    operation: Operation
    found: Stored = field(default_factory=dict)

    @property
    def as_of(self) -> datetime | None:
        return parse_datetime(str(self.found.get("as_of") or ""))

    @property
    def known(self) -> bool:
        return bool(self.found)

    @property
    def servers(self) -> list[Mapping[str, object]]:
        return [mapping(server) for server in items(self.found.get("servers"))]

    @property
    def several(self) -> bool:
        return len(self.servers) > 1

    @property
    def plots(self) -> list[Plot]:
        """One for each server that leaves."""
        return [plot_of(str(server.get("name")), mapping(server.get("capacity"))) for server in self.servers]

    @cached_property
    def tables(self) -> list[Table]:
        typed = mapping(self.operation.draft.get("typed"))
        rows = list(self.rows())
        return [
            Table(name=name, rows=[row for row in rows if row.table == name], typed=str(typed.get(name) or ""))
            for name in TABLES
        ]

    @property
    def open(self) -> int:
        return sum(table.open for table in self.tables)

    @property
    def lost(self) -> list[Row]:
        """What is destroyed or left behind, and was accepted."""
        rows = [row for table in self.tables for row in table.rows if table.name != "changed"]
        return [row for row in rows if row.choice == What.ACCEPT.value]

    @cached_property
    def targets(self) -> list[Target]:
        return [target_of(mapping(each)) for each in items(self.found.get("targets"))]

    def rows(self) -> Sequence[Row]:
        """Each row once: what two servers lose together is lost with the later one, and changes with both."""
        decided = standing(self.operation.draft, self.found)
        seen, begun = mapping(self.found.get("first_seen")), str(self.found.get("begun") or "")
        through = Through.of(self.operation)
        rows: dict[str, Row] = {}
        for server, table, stored in rows_in(self.found):
            key = str(stored.get("key"))
            both = {"before": rows[key].stored.get("before")} if key in rows else {}
            rows[key] = Row(
                key=key,
                table=table,
                server=server,
                stored={**stored, **both},
                targets=self.ways(table, stored),
                decision=decided.get(key),
                new=key not in decided and str(seen.get(key, begun)) > begun,
                command=command(through, table, stored),
            )
        return list(rows.values())

    def ways(self, table: str, stored: Stored) -> Sequence[Target]:
        """Where a row can move to: a disk that may move at all to an SR with room for it; a VM with its disks.

        What runs moves to shared storage: no other member's own storage is reached from its server.
        """
        if table == "changed" or not stored.get("movable", table == "destroyed" or stored.get("kind") in MOVED):
            return ()
        size = stored.get("virtual_size")
        in_use = bool(stored.get("in_use")) or str(stored.get("uuid")) in self.running
        there = [each for each in self.targets if each.shared or not in_use]
        return [each for each in there if not isinstance(size, int) or each.free >= size]

    @cached_property
    def running(self) -> set[str]:
        """The uuids of VMs that use one of these disks now."""
        disks = [stored for _, table, stored in rows_in(self.found) if table == "destroyed" and stored.get("in_use")]
        return {str(pair[0]) for stored in disks for pair in items(stored.get("vms")) if isinstance(pair, list)}


def page(operation: Operation) -> LossesPage:
    return LossesPage(operation=operation, found=mapping(operation.report.get("removal")))


def target_of(stored: Stored) -> Target:
    free = stored.get("free")
    return Target(
        uuid=str(stored.get("uuid")),
        name=str(stored.get("name")),
        shared=bool(stored.get("shared")),
        free=free if isinstance(free, int) else 0,
    )


@dataclass(frozen=True, kw_only=True)
class Through:
    """Where an ``xe`` command is sent to, and as whom."""

    address: str = ""
    username: str = "root"

    @classmethod
    def of(cls, operation: Operation) -> Self:
        coordinator = operation.pool.coordinator if operation.pool else None
        login = Credential.objects.filter(pool=operation.pool_id).only("username").first()
        return cls(address=coordinator.address if coordinator else "", username=login.username if login else "root")


def command(through: Through, table: str, stored: Stored) -> str:
    """Write how a row is exported by hand; xenweb does not carry the bytes. Nothing where there is nothing to carry."""
    uuid, kind = str(stored.get("uuid") or ""), str(stored.get("kind") or "")
    label = str(stored.get("name_label") or stored.get("name") or "")
    if table == "changed" or not uuid:
        return ""
    if table == "destroyed":
        values = {"uuid": uuid, "filename": file_name(label, uuid, "vhd"), "format": "vhd"}
        return xe(through.address, through.username, "vdi-export", values)
    if kind not in EXPORTS:
        return ""
    name, key = EXPORTS[kind]
    return xe(through.address, through.username, name, {key: uuid, "filename": file_name(label, uuid, "xva")})


def file_name(label: str, uuid: str, ending: str) -> str:
    """A name that no shell and no file system takes offence at."""
    plain = UNSAFE.sub("-", label).strip("-.")[:40]
    return f"{plain or 'disk'}-{uuid[:8]}.{ending}"
