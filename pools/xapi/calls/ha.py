"""Messages of high availability."""

from collections.abc import Mapping, Sequence

from pools.xapi.calls.caller import Caller


class HaCalls(Caller):
    """The high-availability messages of a session."""

    def pool_disable_ha(self) -> str:
        """Async.pool.disable_ha; returns the task's reference."""
        return self._submit("Async.pool.disable_ha")

    def pool_enable_ha(self, heartbeat_srs: Sequence[str], configuration: Mapping[str, str]) -> str:
        """Async.pool.enable_ha with heartbeat disks on these SRs; returns the task's reference."""
        return self._submit("Async.pool.enable_ha", tuple(heartbeat_srs), configuration)

    def pool_set_ha_host_failures_to_tolerate(self, failures: int) -> None:
        """pool.set_ha_host_failures_to_tolerate."""
        self._write("pool.set_ha_host_failures_to_tolerate", self._pool_ref(), str(failures))
