"""Messages of high availability."""

from collections.abc import Mapping, Sequence

from pools.xapi.calls.caller import Caller
from pools.xapi.errors import XapiFailure


class HaCalls(Caller):
    """The high-availability messages of a session."""

    def heartbeat_srs(self, statefiles: Sequence[str]) -> tuple[str, ...]:
        """Return the uuids of the SRs on which these heartbeat disks (pool.ha_statefiles) lie; gone ones are left."""
        found = {self._sr_of(vdi) for vdi in statefiles}
        return tuple(sorted(found - {""}))

    def _sr_of(self, vdi: str) -> str:
        try:
            return self._text("SR.get_uuid", self._text("VDI.get_SR", vdi))
        except XapiFailure as failure:
            if failure.code not in {"HANDLE_INVALID", "UUID_INVALID"}:
                raise
            return ""

    def pool_disable_ha(self) -> str:
        """Async.pool.disable_ha; returns the task's reference."""
        return self._submit("Async.pool.disable_ha")

    def pool_enable_ha(self, heartbeat_srs: Sequence[str], configuration: Mapping[str, str]) -> str:
        """Async.pool.enable_ha with heartbeat disks on these SRs; returns the task's reference."""
        return self._submit("Async.pool.enable_ha", tuple(heartbeat_srs), configuration)

    def vm_set_ha_restart_priority(self, vm: str, priority: str) -> None:
        """VM.set_ha_restart_priority; empty: HA does not restart it."""
        self._write("VM.set_ha_restart_priority", vm, priority)

    def pool_set_ha_host_failures_to_tolerate(self, failures: int) -> None:
        """pool.set_ha_host_failures_to_tolerate."""
        self._write("pool.set_ha_host_failures_to_tolerate", self._pool_ref(), str(failures))
