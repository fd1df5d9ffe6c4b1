"""The rows of the three tables of losses; each has a key under which its decision is stored."""

from dataclasses import dataclass, field
from enum import StrEnum

UNKNOWN_TO_XAPI = "not known by XAPI"


class OrphanKind(StrEnum):
    """What stays in the pool's database, of less use or none."""

    VM = "VM"
    TEMPLATE = "template"
    SNAPSHOT = "snapshot"
    SUSPENDED = "suspended VM"
    ISO = "inserted disc"
    HA_PLAN = "HA plan"
    STORAGE = "unplugged storage"
    DEFAULT_SR = "default SR"
    SUSPEND_SR = "SR for suspended VMs"
    CRASH_DUMP_SR = "SR for crash dumps"


@dataclass(frozen=True, kw_only=True)
class Disk:
    """A VDI that is destroyed. Sizes in bytes. ``vms``: pairs of uuid and name. ``last_known``: its last change.

    ``snapshot_of``: the name of the disk that it is a snapshot of. ``in_use``: it moves only to storage that its server
    reaches, too.
    """

    uuid: str
    name_label: str
    sr_uuid: str
    sr_name: str
    virtual_size: int = 0
    physical_utilisation: int = 0
    kind: str = "disk"
    vms: tuple[tuple[str, str], ...] = ()
    snapshot_of: str = ""
    last_known: str = UNKNOWN_TO_XAPI
    movable: bool = True
    why_not: str = ""
    in_use: bool = False

    @property
    def key(self) -> str:
        return f"vdi:{self.uuid}"


@dataclass(frozen=True, kw_only=True)
class Orphan:
    """A record that stays and lacks something from then on, or goes though its data stays; ``reason`` in words.

    ``movable``: it can be kept, by a move of what it would lose.
    """

    uuid: str
    kind: OrphanKind
    name: str
    reason: str
    movable: bool = False

    @property
    def key(self) -> str:
        return f"{self.kind.name.lower()}:{self.uuid}"


@dataclass(frozen=True, kw_only=True)
class Change:
    """Something of the pool that is not as before."""

    what: str
    before: str
    after: str
    note: str = ""

    @property
    def key(self) -> str:
        return f"change:{self.what}"


@dataclass(frozen=True, kw_only=True)
class ServerMemory:
    """The memory of a server that stays, in bytes; ``added``: what comes to it from the one that leaves."""

    uuid: str
    name: str
    total: int
    used: int
    added: int = 0

    @property
    def used_after(self) -> int:
        return self.used + self.added

    @property
    def free_after(self) -> int:
        return self.total - self.used_after


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """Whether the servers that stay can carry what runs on the one that leaves; computed, not promised by XAPI.

    ``unplaced``: names of VMs for which no server has the memory. ``tolerates``: how many servers may fail, before and
    after, until VMs that run now have no memory anywhere. ``configured``: what the pool's HA is set to,
    ``planned``: for how many failures XAPI itself has a plan now; both 0 without HA.
    """

    servers: tuple[ServerMemory, ...] = ()
    leaving_total: int = 0
    leaving_used: int = 0
    unplaced: tuple[str, ...] = ()
    tolerates_before: int = 0
    tolerates_after: int = 0
    configured: int = 0
    planned: int = 0

    @property
    def fits(self) -> bool:
        return not self.unplaced

    @property
    def total_before(self) -> int:
        return self.leaving_total + self.total_after

    @property
    def total_after(self) -> int:
        return sum(server.total for server in self.servers)


@dataclass(frozen=True, kw_only=True)
class Losses:
    """Everything that a pool loses with one server."""

    destroyed: tuple[Disk, ...] = ()
    orphaned: tuple[Orphan, ...] = ()
    changed: tuple[Change, ...] = ()
    capacity: Capacity = field(default_factory=Capacity)

    def named(self) -> dict[str, str]:
        """What is destroyed or left behind, by key, with names."""
        rows = {disk.key: f"{disk.name_label or disk.uuid} on {disk.sr_name}" for disk in self.destroyed}
        return rows | {orphan.key: f"{orphan.kind}: {orphan.name}" for orphan in self.orphaned}
