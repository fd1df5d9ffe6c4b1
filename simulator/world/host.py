"""A server: its hardware, what is written on its disk, and the toolstack that runs on it."""

from __future__ import annotations

import hmac
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from simulator.database import Database
from simulator.scenes.model import HostSpec
from simulator.wire.certificates import HostCertificate
from simulator.world import reach
from simulator.world.certificates import certificate_for
from simulator.world.disk import Disk
from simulator.world.faults import WRONG_PASSWORD
from simulator.world.hardware import CPUS, Hardware, Nic, assemble
from simulator.world.interfaces import Interfaces
from simulator.world.lazy import Part
from simulator.world.life import Life
from simulator.world.link import Link
from simulator.world.role import MASTER
from simulator.world.software import EDITION_RANKS, SOFTWARE
from simulator.xapi.access.sessions import SessionStore
from simulator.xapi.errors import XapiError

if TYPE_CHECKING:
    from simulator.world.world import World

NAMESPACE = uuid.UUID("6f2f2c70-63b5-4d0b-9b39-7d4f2a4a1c11")


@dataclass(frozen=True)
class Place:
    """Where a machine stands: the seed of its identity, and its address."""

    seed: str
    address: str
    port: int


class HostMachine:
    """`pool_conf` is the role on disk; `role` the one that the running toolstack has read from it."""

    def __init__(self, world: World, spec: HostSpec, place: Place) -> None:
        self.world = world
        self.spec = spec
        self.name = spec.name
        self.home = self.address = place.address  # `home` is the scene's; the other follows management
        self.port = place.port
        self.uuid = self.identity("host")
        self.username = spec.username
        self.password = spec.password
        self.hardware: Hardware = assemble(spec, place.seed)
        installed = SOFTWARE | {"hostname": spec.name} | spec.software
        self.software = {key: value for key, value in installed.items() if value}  # an empty one is one that it lacks
        self.api_version = spec.api_version
        self.edition_ranks = EDITION_RANKS if spec.licence_daemon else None
        self.clock_skew = spec.clock_skew
        self._certificate: HostCertificate | None = None
        self.part: Part | None = None  # what it will be installed with, until then
        self._database: Database | None = None
        self.life = Life()
        self._link = Link(lit=spec.powered)
        self.powered = spec.powered
        order = {nic.mac: spec.nic_order.get(nic.device, nic.position) for nic in self.hardware.nics}
        self.take_disk(Disk(nic_order=order))
        self.role = MASTER
        self.emergency_error: XapiError | None = None
        self.booted_at = self.now() - 86_400  # it has run for a day when the scene begins
        self.up = False
        self.settled = True  # False from the moment a restart is certain to the end of the start-up
        self.sessions = SessionStore(self)
        self.lock = threading.RLock()
        self.plugging = threading.RLock()  # one plug or unplug at a time
        self.bonding = threading.RLock()  # one Bond.create or destroy at a time
        self.exchange = threading.RLock()  # one joiner at a time may exchange certificates with this master

    def identity(self, what: str) -> str:
        """A UUID that is the same at every start of the same scene."""
        return str(uuid.uuid5(NAMESPACE, f"{self.world.scene.name}/{self.name}/{what}"))

    def look(self) -> None:
        """Before anything that only an installed server has is seen or changed."""
        if self.part and not self.part.installed:
            self.part.open()

    @property
    def installed(self) -> bool:
        return self.part is None or self.part.installed

    @property
    def database(self) -> Database:
        """The pool's; of its own until it reads the master's."""
        self.look()
        if self._database is None:
            self._database = Database(self.world.schema)
        return self._database

    @database.setter
    def database(self, database: Database) -> None:
        self._database = database

    @property
    def disk(self) -> Disk:
        self.look()
        return self._disk

    @property
    def interfaces(self) -> Interfaces:
        self.look()
        return self._interfaces

    @property
    def link(self) -> Link:
        self.look()
        return self._link

    @property
    def ref(self) -> str:
        return self.database.by_uuid("host", self.uuid)

    @property
    def is_master(self) -> bool:
        return self.role == MASTER

    @property
    def home_vlan(self) -> int:
        """The switches' VLAN on which its management address lives."""
        vlan = self.spec.management.vlan
        return vlan if vlan >= 0 else self.world.scene.management_vlan

    @property
    def reachable(self) -> bool:
        """Whether a client's packets arrive; kept up to date by world.reach."""
        return self.link.lit

    def await_light(self, has_left: Callable[[], bool]) -> None:
        """Stall while packets do not arrive; what somebody sent who has left since is lost."""
        self.link.wait(self.life, has_left)

    def move_to(self, address: str) -> None:
        """Answer at another address: connections to the old one are cut."""
        self.address = address
        if self.up:
            self.world.listen_anew(self)

    @property
    def certificate(self) -> HostCertificate:
        """Made or found in the folder when somebody first looks at it."""
        with self.lock:
            if self._certificate is None:
                self._certificate = certificate_for(self.world.folder, self.name, self.home)
            return self._certificate

    @property
    def pool_conf(self) -> str:
        return self.disk.role

    @pool_conf.setter
    def pool_conf(self, role: str) -> None:
        self.disk.role = role

    @property
    def auto_enable(self) -> bool:
        return self.disk.auto_enable

    @auto_enable.setter
    def auto_enable(self, wanted: bool) -> None:
        self.disk.auto_enable = wanted

    def take_disk(self, disk: Disk) -> None:
        """Put a disk into this machine, with all that stands on it."""
        self._disk = disk
        self._interfaces = Interfaces(disk, lambda: reach.refresh(self))

    def position(self, nic: Nic) -> int:
        """The place that this server gives a card; it need not be the number in its device name."""
        return self.disk.nic_order.get(nic.mac, nic.position)

    def now(self) -> float:
        """The clock of the server, right or wrong."""
        return time.time() + self.clock_skew

    def check_password(self, username: str, password: str) -> bool:
        if self.world.faults.happens(WRONG_PASSWORD, self.name):
            return False
        known = f"{self.username}\0{self.password}".encode()
        return hmac.compare_digest(known, f"{username}\0{password}".encode())

    def replace_certificate(self) -> None:
        """Another key and certificate; open connections are cut, as stunnel's restart does."""
        with self.lock:
            self._certificate = certificate_for(self.world.folder, self.name, self.address, fresh=True)
        if self.up:
            self.world.listen_anew(self)

    def use_cpu(self, model: str) -> None:
        self.hardware = replace(self.hardware, cpu=CPUS[model])
