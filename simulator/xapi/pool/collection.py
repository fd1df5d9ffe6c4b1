"""Rows that hang on nothing any more go, some time after what they hung on (db_gc_util.ml; the timer of db_gc.ml)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from simulator.database import Database
from simulator.world.life import again_and_again
from simulator.xapi.errors import XapiError
from simulator.xapi.operations import recompute
from simulator.xapi.rows import NULL, Row

if TYPE_CHECKING:
    from simulator.world.world import World

log = logging.getLogger(__name__)

# A row goes when the one that this field names is gone; in this order, for what a PIF takes with it.
ORPHANS: tuple[tuple[str, str, str], ...] = (
    ("PBD", "host", "host"),
    ("PBD", "SR", "SR"),
    ("host_cpu", "host", "host"),
    ("PCI", "host", "host"),
    ("PGPU", "host", "host"),
    ("Certificate", "host", "host"),
    ("Host_driver", "host", "host"),
    ("VBD", "VM", "VM"),
    ("VIF", "VM", "VM"),
    ("VIF", "network", "network"),
)
# A row goes when no other names it: networks never do.
UNNAMED: tuple[tuple[str, str, str], ...] = (("host_metrics", "host", "metrics"),)
# What goes with a PIF (db_gc_util.ml: gc_PIFs); without that, records that name a lost PIF stay, and metrics too.
OF_A_PIF: tuple[tuple[str, str], ...] = (
    ("bond_master_of", "Bond"),
    ("VLAN_master_of", "VLAN"),
    ("tunnel_access_PIF_of", "tunnel"),
    ("sriov_logical_PIF_of", "network_sriov"),
)
PASSING = frozenset({"task", "session", "message", "event"})  # they end all the time, and nothing hangs on them


def collect(database: Database) -> None:
    """One round; what is made while it runs is left for the next."""
    with database.locked():
        for ref in orphans(database, "PIF", "host", "host"):
            _remove_pif(database, ref)
        unplugged = {str(database.field("PBD", ref, "SR")) for ref in orphans(database, "PBD", "host", "host")}
        for cls, field, target in ORPHANS:
            for ref in orphans(database, cls, field, target):
                database.delete(cls, ref)
        for cls, owner, field in UNNAMED:
            named = {str(row[field]) for row in database.snapshots(owner).values()}
            for ref in database.refs(cls):
                if ref not in named:
                    database.delete(cls, ref)
        _empty_drives(database)
        for ref in unplugged:
            recompute(Row(database, "SR", ref))


def _remove_pif(database: Database, ref: str) -> None:
    """VLAN and tunnel PIFs share the metrics of the PIF below them."""
    row = database.get("PIF", ref)
    database.delete("PIF", ref)
    gone = [(cls, each) for name, cls in OF_A_PIF for each in _refs(row[name])]
    if row["physical"] or row["bond_master_of"]:
        gone.append(("PIF_metrics", str(row["metrics"])))
    for cls, each in gone:
        if database.has(cls, each):
            database.delete(cls, each)


def _refs(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def orphans(database: Database, cls: str, field: str, target: str) -> list[str]:
    """Rows whose field names one that is not there; a field that names nothing is no loss."""
    if cls not in database.tables:
        return []
    named = {ref: str(row[field]) for ref, row in database.snapshots(cls).items()}
    return [ref for ref, other in named.items() if other not in (NULL, "") and not database.has(target, other)]


def _empty_drives(database: Database) -> None:
    """A disk's VBD goes with the disk; a CD drive stays, empty."""
    for ref in orphans(database, "VBD", "VDI", "VDI"):
        if database.field("VBD", ref, "type") == "CD":
            database.set("VBD", ref, VDI=NULL, empty=True)
        else:
            database.delete("VBD", ref)


class Collections:
    """One thread looks after the databases of all masters, and only at those where something was deleted."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen: dict[str, tuple[int, int]] = {}

    def start(self) -> None:
        again_and_again(self._world.life, lambda: self._world.timing.collection, self.look)

    def look(self) -> None:
        for machine in self._world.installed:
            if machine.is_master and machine.settled and machine.up and machine.emergency_error is None:
                try:
                    self._look_at(machine.name, machine.database)
                except (XapiError, LookupError) as error:
                    log.warning("%s: %r", machine.name, error)

    def _look_at(self, name: str, database: Database) -> None:
        before = (id(database), last_deletion(database))
        if self._seen.get(name) == before:
            return
        with database.locked():  # what is deleted right after this round is for the next one
            collect(database)
            self._seen[name] = (id(database), last_deletion(database))


def last_deletion(database: Database) -> int:
    """The generation of the last deletion that can leave something behind."""
    with database.locked():
        tables = [table for name, table in database.tables.items() if name not in PASSING]
        return max((table.deletions[-1].deleted for table in tables if table.deletions), default=0)
