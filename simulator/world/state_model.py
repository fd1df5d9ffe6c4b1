"""What a state file says, field by field; whoever reads one checks it against these."""

from dataclasses import dataclass, field

from simulator.database import Deletion
from simulator.world.hardware import CpuModel, Nic

FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class SavedRow:
    """`fields` without those that have the model's default."""

    created: int
    modified: int
    fields: dict[str, object]


@dataclass(frozen=True, kw_only=True)
class SavedTable:
    touched: int
    rows: dict[str, SavedRow]
    deletions: tuple[Deletion, ...]


@dataclass(frozen=True, kw_only=True)
class SavedDatabase:
    generation: int
    message_generation: int
    tables: dict[str, SavedTable]


@dataclass(frozen=True, kw_only=True)
class SavedMachine:
    """What survives a power cut on one server; `database` is a place in the world's list."""

    name: str
    uuid: str
    username: str
    password: str = field(repr=False)
    database: int
    pool_conf: str
    settled: bool
    powered: bool
    booted_at: float
    clock_skew: float
    auto_enable: bool
    api_version: str
    software: dict[str, str]
    licence_daemon: bool
    cpu: CpuModel
    sockets: int
    cores: int
    memory: int
    nics: tuple[Nic, ...]


@dataclass(frozen=True, kw_only=True)
class SavedWorld:
    """`fingerprint` is that of the scene's text: a scene that was changed makes another world."""

    format: int
    scene: str
    fingerprint: str
    address_base: str
    databases: tuple[SavedDatabase, ...]
    machines: tuple[SavedMachine, ...]
