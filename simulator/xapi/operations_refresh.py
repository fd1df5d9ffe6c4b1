"""What is allowed with every object of a pool, written anew (dbsync*.ml at each start of a toolstack)."""

from simulator.database import Database
from simulator.xapi.operations import RULES, recompute
from simulator.xapi.rows import Row, rows

CLASSES = ("host", "SR", "VDI", "VBD", "VIF", "VM")


def refresh_operations(database: Database) -> None:
    """The classes whose operations follow from other rows."""
    for cls in CLASSES:
        if cls in RULES:
            for row in rows(database, cls):
                recompute(row)


def refresh_new(database: Database) -> None:
    """Objects of which nothing was written yet: those that a join has brought."""
    for cls in CLASSES:
        for row in rows(database, cls, allowed_operations=[]):
            recompute(row)


def refresh_vm(vm: Row) -> None:
    """What is allowed with a VM, its interfaces, its drives and their disks follows from its state."""
    recompute(vm)
    for vbd in vm.all("VBDs", "VBD"):
        recompute(vbd)
        recompute(vbd.to("VDI", "VDI"))
    for vif in vm.all("VIFs", "VIF"):
        recompute(vif)
