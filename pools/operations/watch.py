"""A pool's hosts as its coordinator sees them, kept up to date by its events: nothing is asked again and again."""

from typing import Final, Self

from pools.xapi.gateway import HostState, Xapi
from pools.xapi.inventory import Snapshot
from pools.xapi.tables import Tables

CLASSES: Final = ("host", "host_metrics")


class Watch:
    """Of one session; another session begins a new one."""

    def __init__(self) -> None:
        self._token = ""
        self._tables: Tables = {}
        self.forget()

    @classmethod
    def look(cls, xapi: Xapi) -> Self:
        """Look once, without waiting for what comes."""
        watch = cls()
        watch._tables = {name: xapi.records(name) for name in CLASSES}
        return watch

    def forget(self) -> None:
        """Begin anew: the session is lost, and its token with it."""
        self._token = ""
        self._tables = {name: {} for name in CLASSES}

    def wait(self, xapi: Xapi, seconds: float) -> None:
        """Wait for a change; the first time, read all there is."""
        changes, self._token = xapi.wait_for_change(CLASSES, self._token, seconds)
        for name, rows in self._tables.items():
            rows.update(changes.records.get(name, {}))
            for ref in changes.deleted.get(name, ()):
                rows.pop(ref, None)

    def state(self, uuid: str) -> HostState | None:
        """Return what is known of one host; None when the pool has no such host."""
        snapshot = Snapshot.from_wire(self._tables)
        host = snapshot.host(uuid)
        if host is None:
            return None
        return HostState(uuid=uuid, enabled=host.enabled, live=snapshot.is_live(host), address=host.address)
