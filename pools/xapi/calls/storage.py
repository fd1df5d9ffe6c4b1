"""Messages of PBDs: how a host is connected to storage."""

from pools.xapi.calls.caller import Caller


class StorageCalls(Caller):
    """The storage messages of a session."""

    def pbd_plug(self, pbd: str) -> str:
        """Async.PBD.plug; returns the task's reference."""
        return self._submit("Async.PBD.plug", pbd)

    def pbd_unplug(self, pbd: str) -> str:
        """Async.PBD.unplug; returns the task's reference."""
        return self._submit("Async.PBD.unplug", pbd)

    def sr_forget(self, sr: str) -> str:
        """Async.SR.forget: the records go, the data stays; returns the task's reference."""
        return self._submit("Async.SR.forget", sr)
