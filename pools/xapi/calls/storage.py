"""Messages of PBDs: how a host is connected to storage."""

from collections.abc import Mapping

from pools.xapi.calls.caller import Caller
from pools.xapi.records import NULL


class StorageCalls(Caller):
    """The storage messages of a session."""

    def pbd_plug(self, pbd: str) -> str:
        """Async.PBD.plug; returns the task's reference."""
        return self._submit("Async.PBD.plug", pbd)

    def pbd_unplug(self, pbd: str) -> str:
        """Async.PBD.unplug; returns the task's reference."""
        return self._submit("Async.PBD.unplug", pbd)

    def vdi_pool_migrate(self, vdi: str, sr: str) -> str:
        """Async.VDI.pool_migrate: live, while a VM uses it; returns the task's reference."""
        return self._submit("Async.VDI.pool_migrate", vdi, sr, {})

    def vdi_copy(self, vdi: str, sr: str) -> str:
        """Async.VDI.copy to another SR, as a whole; the task's result is the copy's reference."""
        return self._submit("Async.VDI.copy", vdi, sr, NULL, NULL)

    def vdi_destroy(self, vdi: str) -> str:
        """Async.VDI.destroy; returns the task's reference."""
        return self._submit("Async.VDI.destroy", vdi)

    def vdi_add_to_other_config(self, vdi: str, key: str, value: str) -> None:
        self._write("VDI.add_to_other_config", vdi, key, value)

    def vbd_destroy(self, vbd: str) -> None:
        """VBD.destroy: the drive goes, the disk stays."""
        self._write("VBD.destroy", vbd)

    def vbd_eject(self, vbd: str) -> str:
        """Async.VBD.eject: the disc leaves the drive; returns the task's reference."""
        return self._submit("Async.VBD.eject", vbd)

    def vbd_insert(self, vbd: str, vdi: str) -> str:
        """Async.VBD.insert: a disc goes into an empty drive; returns the task's reference."""
        return self._submit("Async.VBD.insert", vbd, vdi)

    def vbd_create(self, vm: str, vdi: str, drive: Mapping[str, str]) -> None:
        """VBD.create: a disk stands in a VM, as ``drive`` says."""
        self._write(
            "VBD.create",
            {
                "VM": vm,
                "VDI": vdi,
                "userdevice": drive["userdevice"],
                "bootable": drive["bootable"] == "true",
                "mode": drive["mode"],
                "type": drive["type"],
                "unpluggable": drive["unpluggable"] == "true",
                "empty": False,
                "other_config": {},
                "qos_algorithm_type": "",
                "qos_algorithm_params": {},
            },
        )

    def pool_set_storage(self, setting: str, sr: str) -> None:
        """pool.set_default_SR, set_suspend_image_SR or set_crash_dump_SR; NULL for none."""
        self._write(f"pool.set_{setting}", self._pool_ref(), sr)

    def sr_forget(self, sr: str) -> str:
        """Async.SR.forget: the records go, the data stays; returns the task's reference."""
        return self._submit("Async.SR.forget", sr)
