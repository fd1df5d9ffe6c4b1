"""Who is alive: members beat, masters look at the beats (db_gc.ml: check_host_liveness, detect_rolling_upgrade)."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from simulator.world import reach
from simulator.world.host import HostMachine
from simulator.world.life import again_and_again
from simulator.world.role import slave_of
from simulator.xapi.errors import XapiError
from simulator.xapi.machines import pool_row
from simulator.xapi.operations import recompute
from simulator.xapi.pool.backup import Backups
from simulator.xapi.pool.ha_plan import refresh_plan
from simulator.xapi.pool.state import UPGRADING, ha_is_on, is_upgrading
from simulator.xapi.rows import Row, first, rows

if TYPE_CHECKING:
    from simulator.world.world import World

log = logging.getLogger(__name__)
VERSIONS = ("platform_version", "xapi_build", "xapi")
Key = tuple[str, str]  # name of the master, uuid of the member


class Heartbeats:
    """What all masters of a world remember of beats; one thread looks after all of them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._heard: dict[Key, float] = {}
        self._silent: set[Key] = set()
        self._seen: dict[str, int] = {}
        self._backups: dict[str, Backups] = {}

    def start(self) -> None:
        again_and_again(self._world.life, lambda: self._world.timing.liveness_check, self.look)

    def look(self) -> None:
        """One round over every pool whose master runs."""
        machines = {machine.uuid: machine for machine in self._world.installed}
        for master in self._world.installed:
            if master.is_master and master.up and master.settled:
                try:
                    self._look_at_pool(master, machines)
                except (XapiError, LookupError) as error:
                    log.debug("%s: %r", master.name, error)

    def _look_at_pool(self, master: HostMachine, machines: dict[str, HostMachine]) -> None:
        hosts = list(rows(master.database, "host"))
        if len(hosts) > 1:
            self._look_at_members(master, [host for host in hosts if host.uuid != master.uuid], machines)
        if self._seen.get(master.name) != master.database.generation:
            detect_rolling_upgrade(master)
            refresh_protection(master)
            self._seen[master.name] = master.database.generation

    def _look_at_members(self, master: HostMachine, hosts: list[Row], machines: dict[str, HostMachine]) -> None:
        beating = []
        for host in hosts:
            member = machines.get(host.uuid)
            self._look_at(master, host, member)
            if member and beats(member, master):
                beating.append(member)
        self._backups.setdefault(master.name, Backups()).look(master, beating)

    def _look_at(self, master: HostMachine, host: Row, member: HostMachine | None) -> None:
        """Dead after a long silence; alive again when the silence ends, unless it said that it goes."""
        key, now = (master.name, host.uuid), time.monotonic()
        if member and beats(member, master):
            self._heard[key] = now
            if key in self._silent:
                self._silent.discard(key)
                set_live(host, live=True)
        elif now - self._heard.setdefault(key, now) > self._world.timing.heartbeat and key not in self._silent:
            self._silent.add(key)
            set_live(host, live=False)


def beats(member: HostMachine, master: HostMachine) -> bool:
    """Whether this member's heartbeats arrive at this master."""
    mine = member.up and member.role == slave_of(master.address) and member.emergency_error is None
    return mine and reach.between(member, master)


def set_live(host: Row, *, live: bool) -> None:
    metrics = host.to("metrics", "host_metrics")
    if host.database.has("host_metrics", metrics.ref) and metrics.flag("live") != live:
        metrics.set(live=live)
        recompute(host)


def mark_as_dead(machine: HostMachine) -> None:
    """At once, before an orderly shutdown or reboot (xapi_host_helpers.ml: mark_host_as_dead)."""
    host = first(machine.database, "host", uuid=machine.uuid)
    if host:
        set_live(host, live=False)


def refresh_protection(master: HostMachine) -> None:
    """HA looks again and again how many hosts may fail (xapi_ha.ml: the background thread)."""
    if ha_is_on(master.database):
        refresh_plan(pool_row(master))


def detect_rolling_upgrade(master: HostMachine) -> None:
    """A pool whose hosts differ in version counts as being upgraded."""
    pool = first(master.database, "pool")
    if pool is None:
        return
    software = [host.mapping("software_version") for host in rows(master.database, "host")]
    versions = {tuple(each.get(key, "") for key in VERSIONS) for each in software if each}
    upgrading = is_upgrading(pool.database)
    if len(versions) > 1 and not upgrading:
        pool.put("other_config", UPGRADING, "true")
    elif len(versions) <= 1 and upgrading:
        pool.drop("other_config", UPGRADING)
