"""What a state file says, field by field; whoever reads one checks it against these."""

from dataclasses import dataclass, field

from simulator.scenes.model import StorageSpec, SwitchSpec
from simulator.world.disk import Disk
from simulator.world.hardware import CpuModel, LocalDisk, Nic
from simulator.world.state_database import SavedDatabase

FORMAT = 4


@dataclass(frozen=True, kw_only=True)
class SavedMachine:
    """What survives a power cut on one server; `database` and `copy` are places in the world's lists."""

    name: str
    uuid: str
    username: str
    password: str = field(repr=False)
    database: int
    copy: int | None
    disk: Disk
    settled: bool
    powered: bool
    booted_at: float
    clock_skew: float
    api_version: str
    software: dict[str, str]
    licence_daemon: bool
    cpu: CpuModel
    sockets: int
    cores: int
    memory: int
    nics: tuple[Nic, ...]
    disks: tuple[LocalDisk, ...]


@dataclass(frozen=True, kw_only=True)
class SavedWorld:
    """`fingerprint` is that of the scene's text: a scene that was changed makes another world.

    `copies` are those on members' disks, each once: a pool's members mostly have the same.
    """

    format: int
    scene: str
    fingerprint: str
    address_base: str
    databases: tuple[SavedDatabase, ...]
    copies: tuple[SavedDatabase, ...]
    machines: tuple[SavedMachine, ...]
    switches: tuple[SwitchSpec, ...]
    storages: tuple[StorageSpec, ...]
