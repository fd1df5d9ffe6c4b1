"""Whether a server reaches a filer: over a network on which the filer answers, with a card that has a link."""

from simulator.scenes.model import StorageSpec
from simulator.world import reach
from simulator.world.faults import latent
from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.rows import Row

PLUG_FAILS = latent("pbd_plug_fails")
UNPLUG_FAILS = latent("pbd_unplug_fails")
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
    spec = machine.world.storages.get(name)
    if failing or (spec and not _answers(machine, spec)):
        code, said = SILENT.get(sr.text("type"), OTHER)
        raise XapiError(code, "", said, "")


def _answers(machine: HostMachine, spec: StorageSpec) -> bool:
    """A filer of which the scene names no network is reached from everywhere."""
    if not spec.networks:
        return True
    host = Row(machine.database, "host", machine.ref)
    for pif in host.all("PIFs", "PIF"):
        network = pif.to("network", "network")
        here = pif.flag("currently_attached") and pif.text("IP") and network.text("name_label") in spec.networks
        if here and reach.lit(machine, network.text("bridge")):
            return True
    return False
