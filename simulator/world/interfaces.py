"""The bridges that a server's network daemon has really made, whatever a database says."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.world.disk import Disk

UNTAGGED = -1


@dataclass(frozen=True, kw_only=True)
class Plug:
    """One bridge: the MACs of the cards below it (several are a bond of `mode`), its tag and its address."""

    bridge: str
    nics: tuple[str, ...] = ()
    mode: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    vlan: int = UNTAGGED
    address: str = ""
    netmask: str = ""
    gateway: str = ""
    mtu: int = 1500


class Interfaces:
    """They stand on the disk, so that a restart of the toolstack finds them as they were; `changed` hears of each."""

    def __init__(self, disk: Disk, changed: Callable[[], None]) -> None:
        self._disk = disk
        self._changed = changed
        self._writing = threading.Lock()

    @property
    def plugs(self) -> dict[str, Plug]:
        return dict(self._disk.plugs)

    @property
    def management(self) -> str:
        """The bridge that the inventory names."""
        return self._disk.inventory_bridge

    @management.setter
    def management(self, bridge: str) -> None:
        self._disk.inventory_bridge = bridge
        self._changed()

    @property
    def address(self) -> str:
        """Where the management interface answers; "" when it has no address."""
        plug = self._disk.plugs.get(self.management)
        return plug.address if plug else ""

    def put(self, plug: Plug) -> None:
        """Make a bridge, or make it anew."""
        with self._writing:
            self._disk.plugs = self._disk.plugs | {plug.bridge: plug}
        self._changed()

    def drop(self, bridge: str) -> None:
        with self._writing:
            self._disk.plugs = {name: plug for name, plug in self._disk.plugs.items() if name != bridge}
        self._changed()

    def replace_all(self, plugs: list[Plug]) -> None:
        self._disk.plugs = {plug.bridge: plug for plug in plugs}
        self._changed()
