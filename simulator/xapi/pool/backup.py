"""Copies of a master's database on its members' disks (pool_db_backup.ml, xapi_host.ml: request_backup)."""

import time
from dataclasses import replace

from simulator.world.host import HostMachine
from simulator.world.state_database import SavedDatabase, saved, touched
from simulator.xapi.forwarding import forwarded
from simulator.xapi.machines import machine_of_call
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import rows


def keep_copy(machine: HostMachine) -> None:
    """Write the pool's database, as it is now, to the disk of this member."""
    machine.disk.database_copy = _copy_of(machine)


def _copy_of(machine: HostMachine) -> SavedDatabase:
    with machine.database.locked():
        return saved(machine.database)


class Backups:
    """What one master remembers of the copies it has offered: one member at a time, with a pause before each."""

    def __init__(self) -> None:
        self._next = 0
        self._when = time.monotonic()

    def look(self, master: HostMachine, members: list[HostMachine]) -> None:
        """Give the first copy to all who have none, and then another one to the member whose turn it is."""
        without = [member for member in members if member.disk.database_copy is None]
        if without:
            copy = _copy_of(master)
            for member in without:
                member.disk.database_copy = copy
        if members and time.monotonic() - self._when >= master.world.timing.backup:
            self._when = time.monotonic()
            self._next += 1
            member = members[self._next % len(members)]
            if not _is_current(member):
                keep_copy(member)


def _is_current(member: HostMachine) -> bool:
    copy = member.disk.database_copy
    return copy is not None and tuple(table.touched for table in copy.tables.values()) == touched(member.database)


@message("host", "request_backup")
def host_request_backup(call: Call, host: str, _generation: int, _force: bool) -> None:  # noqa: FBT001 - the wire's
    forwarded(call, host, keep_copy)


@message("pool", "sync_database")
def pool_sync_database(call: Call) -> None:
    """On every member; the first failure is raised. A pool of one only flushes to its disk."""
    master, asking = machine_of_call(call), replace(call, method="host.request_backup")
    for host in rows(master.database, "host"):
        if host.uuid != master.uuid:
            forwarded(asking, host.ref, keep_copy)
