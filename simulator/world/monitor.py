"""What a host tells its pool of its links, some time after they have changed.

networkd looks every 5 s and xapi reads it every 5 s (network.md 1.4, 1.5): PIF_metrics, Bond.links_up, and the message
BOND_STATUS_CHANGED (network.md 5; network_monitor_thread.ml: check_for_changes).
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from simulator.world import reach
from simulator.world.bond_legs import ALWAYS, BondLegs, bonds, renew, usable
from simulator.world.schedule import Schedule
from simulator.xapi.errors import XapiError
from simulator.xapi.events.messages import tell
from simulator.xapi.rows import Row, first, rows

if TYPE_CHECKING:
    from simulator.world.host import HostMachine
    from simulator.world.interfaces import Plug

log = logging.getLogger(__name__)
ALERT, PRIORITY = "BOND_STATUS_CHANGED", 3
ONE_ACTIVE = "active-backup"


@dataclass
class Watched:
    """What is remembered of one machine: its bonds by bridge, and how many legs of each were last told of."""

    bonds: dict[str, BondLegs] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)
    seen: tuple[object, ...] = ()


class Monitor:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watched: dict[str, Watched] = {}
        self.schedule = Schedule()

    def note(self, machine: HostMachine) -> None:
        """Something may have changed: its rows follow when it has been noticed, if a toolstack is there to do so."""
        now = time.monotonic()
        with self._lock:
            watched = self._watched.setdefault(machine.name, Watched())
            seen = _look(machine)
            if seen == watched.seen:
                return
            watched.seen = seen
            self._renew(machine, watched, now)
            moments = {moment for legs in watched.bonds.values() for moment in legs.enabled.values() if moment > now}
        if machine.up:
            for moment in {now, *moments}:
                self._write_after(machine, moment - now)

    def look(self, machine: HostMachine) -> None:
        """A toolstack has started, or its network is back: it tells what it finds, and so do those that it leads."""
        for each in machine.world.installed if machine.is_master else [machine]:
            if each.up and (each is machine or each.database is machine.database):
                self._write_after(each, 0)

    def settle(self, machine: HostMachine) -> None:
        """It has been so for long: rows are true at once, and no message is sent."""
        with self._lock:
            watched = self._watched.setdefault(machine.name, Watched())
            watched.bonds = {
                plug.bridge: BondLegs(plug=plug, enabled=dict.fromkeys(usable(machine, plug), ALWAYS))
                for plug in bonds(machine)
            }
            watched.seen = _look(machine)
            watched.told = {bridge: len(legs.enabled) for bridge, legs in watched.bonds.items()}
        self._write(machine)

    def end(self) -> None:
        self.schedule.end()

    @staticmethod
    def _renew(machine: HostMachine, watched: Watched, now: float) -> None:
        before = watched.bonds
        watched.bonds = {}
        for plug in bonds(machine):
            old = before.get(plug.bridge)
            legs = old if old and old.is_of(plug) else BondLegs(plug=plug)
            legs.plug = plug
            renew(machine, legs, now)
            watched.bonds[plug.bridge] = legs
        watched.told = {bridge: count for bridge, count in watched.told.items() if bridge in watched.bonds}

    def _write_after(self, machine: HostMachine, seconds: float) -> None:
        lag = machine.world.timing.metrics_lag
        self.schedule.after(seconds + lag, partial(self._write_if_it_can, machine))

    def _write_if_it_can(self, machine: HostMachine) -> None:
        try:
            if machine.up and machine.powered and _reaches_master(machine):
                self._write(machine)
        except (XapiError, LookupError) as error:
            log.warning("%s: the state of its links is lost: %r", machine.name, error)

    def _write(self, machine: HostMachine) -> None:
        host = first(machine.database, "host", uuid=machine.uuid)
        if host is None:
            return
        now = time.monotonic()
        with self._lock:
            watched = self._watched.setdefault(machine.name, Watched())
            up = {bridge: (legs.plug, legs.up(now)) for bridge, legs in watched.bonds.items()}
        _write_cards(machine, host)
        for pif in host.all("PIFs", "PIF"):
            network = pif.to("network", "network")
            if not (pif.items("bond_master_of") and network.database.has("network", network.ref)):
                continue
            plug, legs = up.get(network.text("bridge"), (None, set[str]()))
            if plug:
                _write_bond(machine, pif, plug, legs)
                self._tell(machine, watched, plug, len(legs))

    def _tell(self, machine: HostMachine, watched: Watched, plug: Plug, count: int) -> None:
        with self._lock:
            before, total = watched.told.get(plug.bridge), len(plug.nics)
            watched.told[plug.bridge] = count
        if before is None and count != total:
            _send(machine, plug, f"is: {count}/{total} up")
        elif before not in {None, count}:
            _send(machine, plug, f"changed: {count}/{total} up (was {before}/{total})")


def _look(machine: HostMachine) -> tuple[object, ...]:
    cards = tuple((nic.mac, nic.carrier, nic.speed) for nic in machine.hardware.nics)
    legs = tuple((plug.bridge, plug.nics, plug.mode, tuple(usable(machine, plug))) for plug in bonds(machine))
    return machine.powered, machine.reachable, cards, legs


def _reaches_master(machine: HostMachine) -> bool:
    if machine.is_master:
        return True
    pool = next(rows(machine.database, "pool"), None)
    master = first(machine.database, "host", uuid=pool.to("master", "host").uuid) if pool else None
    return master is not None and reach.between(machine, machine.world.machine(master.uuid))


def _write_cards(machine: HostMachine, host: Row) -> None:
    cards = {nic.device: nic for nic in machine.hardware.nics}
    for pif in host.all("PIFs", "PIF"):
        nic = cards.get(pif.text("device"))
        if nic and pif.flag("physical"):
            speed = nic.speed if nic.carrier else 0
            _write(pif.to("metrics", "PIF_metrics"), carrier=nic.carrier, speed=speed, duplex=nic.carrier)


def _write_bond(machine: HostMachine, pif: Row, plug: Plug, legs: set[str]) -> None:
    speeds = [nic.speed for nic in machine.hardware.nics if nic.mac in legs]
    speed = max(speeds, default=0) if plug.mode == ONE_ACTIVE else sum(speeds)
    _write(pif.to("metrics", "PIF_metrics"), carrier=bool(legs), speed=speed, duplex=bool(legs))
    for bond in pif.all("bond_master_of", "Bond"):
        _write(bond, links_up=len(legs))


def _write(row: Row, **fields: object) -> None:
    """Only what changes is an event."""
    if row.database.has(row.cls, row.ref) and row.fields(*fields) != fields:
        row.set(**fields)


def _send(machine: HostMachine, plug: Plug, status: str) -> None:
    names = "+".join(sorted(nic.device for nic in machine.hardware.nics if nic.mac in plug.nics))
    tell(machine, ALERT, PRIORITY, f"The status of the {names} bond {status}")
