"""Messages of virtual machines: their power, and where they run."""

from pools.xapi.calls.caller import Caller


class VMCalls(Caller):
    """The VM messages of a session; each returns its task's reference."""

    def vm_clean_shutdown(self, vm: str) -> str:
        """Async.VM.clean_shutdown: the guest is asked, and takes its time."""
        return self._submit("Async.VM.clean_shutdown", vm)

    def vm_hard_shutdown(self, vm: str) -> str:
        """Async.VM.hard_shutdown: as if its power was cut."""
        return self._submit("Async.VM.hard_shutdown", vm)

    def vm_suspend(self, vm: str) -> str:
        """Async.VM.suspend: its memory goes to a disk image."""
        return self._submit("Async.VM.suspend", vm)

    def vm_pause(self, vm: str) -> str:
        """Async.VM.pause."""
        return self._submit("Async.VM.pause", vm)

    def vm_unpause(self, vm: str) -> str:
        """Async.VM.unpause."""
        return self._submit("Async.VM.unpause", vm)

    def vm_start(self, vm: str) -> str:
        """Async.VM.start: not paused, not by force."""
        return self._submit("Async.VM.start", vm, False, False)

    def vm_resume(self, vm: str) -> str:
        """Async.VM.resume: not paused, not by force."""
        return self._submit("Async.VM.resume", vm, False, False)

    def vm_pool_migrate(self, vm: str, host: str) -> str:
        """Async.VM.pool_migrate: live, to another host of the same pool."""
        return self._submit("Async.VM.pool_migrate", vm, host, {"live": "true"})
