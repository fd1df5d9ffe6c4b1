"""What is allowed with every object of a pool, written anew (dbsync*.ml at each start of a toolstack)."""

from simulator.database import Database
from simulator.xapi.operations import RULES, recompute
from simulator.xapi.rows import rows

CLASSES = ("host", "SR", "VDI", "VBD", "VM")


def refresh_operations(database: Database) -> None:
    """The classes whose operations follow from other rows."""
    for cls in CLASSES:
        if cls in RULES:
            for row in rows(database, cls):
                recompute(row)
