"""What a storage driver says when a server does not get at the data of a storage repository."""

from simulator.world.disks import reachable
from simulator.world.faults import latent
from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.rows import Row

PLUG_FAILS = latent("pbd_plug_fails", "a PBD cannot be plugged; data.sr narrows it")
UNPLUG_FAILS = latent("pbd_unplug_fails", "a PBD cannot be unplugged; data.sr narrows it")
# What the storage drivers say of a filer that does not answer (sm: XE_SR_ERRORCODES.xml).
SILENT = {
    "nfs": ("SR_BACKEND_FAILURE_73", "NFS mount error [opterr=mount failed with return code 32]"),
    "lvmoiscsi": ("SR_BACKEND_FAILURE_141", "Unable to connect to iSCSI service on target"),
}
OTHER = ("SR_BACKEND_FAILURE", "The storage does not answer")


def assert_reached(machine: HostMachine, sr: Row) -> None:
    """The storage driver's own error when the filer is silent, or a fault says so."""
    name = sr.text("name_label")
    failing = machine.world.faults.strikes(PLUG_FAILS, machine.name, sr=name)
    if failing or not reachable(machine, sr):
        code, said = SILENT.get(sr.text("type"), OTHER)
        raise XapiError(code, "", said, "")
