"""What the ejected server does to itself, step by step; nothing of it is taken back (xapi_pool.ml: eject_self)."""

from simulator.world.disks import contents
from simulator.world.host import HostMachine
from simulator.world.role import MASTER
from simulator.xapi.errors import XapiError
from simulator.xapi.machines import host_row
from simulator.xapi.network.management_file import conf_of
from simulator.xapi.operations import operating, refuse_if_not_allowed
from simulator.xapi.pool.eject import checks
from simulator.xapi.rows import Row, first, rows
from simulator.xapi.storage.repositories import forget, unplug
from simulator.xapi.vm.rows import remove

EXTERNAL_AUTH = {"external_auth_type": "", "external_auth_service_name": "", "external_auth_configuration": {}}


def eject_self(machine: HostMachine) -> None:
    """The reply comes before the reboot."""
    host, world = host_row(machine), machine.world
    checks.run(host)
    world.step(machine, "eject: after checks")
    lost = local_srs(host)
    domains = control_domains(host, lost)
    contents(machine)
    unplug_all(machine, host)
    world.step(machine, "eject: after unplug")
    for sr in lost:
        forget(sr)
    world.step(machine, "eject: after forget")
    leave_cluster(host)
    host.set(**EXTERNAL_AUTH)
    write_management(machine, host)
    for vm in domains:
        remove(vm)
    become_master(machine)
    world.step(machine, "eject: after role")
    world.reboot(machine, after=world.timing.fuse)
    world.step(machine, "eject: reboot")


def unplug_all(machine: HostMachine, host: Row) -> None:
    """One after the other; the first that is in use stops it, and those before stay unplugged."""
    pbds = host.all("PBDs", "PBD")
    for pbd in pbds:
        machine.life.pause(machine.world.timing.storage / len(pbds))
        sr = pbd.to("SR", "SR")
        refuse_if_not_allowed(sr, "unplug")
        with operating(sr, "unplug"):
            unplug(machine, pbd)


def local_srs(host: Row) -> list[Row]:
    """Those with exactly one PBD, this host's: a shared one too."""
    found = [pbd.to("SR", "SR") for pbd in host.all("PBDs", "PBD")]
    return [sr for sr in found if host.database.has("SR", sr.ref) and len(sr.items("PBDs")) == 1]


def control_domains(host: Row, srs: list[Row]) -> list[Row]:
    """Resident here, or resident nowhere with a disk on what is lost."""
    lost = {sr.ref for sr in srs}
    found = []
    for vm in rows(host.database, "VM", is_control_domain=True):
        nowhere = not host.database.has("host", vm.text("resident_on"))
        if vm.text("resident_on") == host.ref or (nowhere and _srs_of(vm) & lost):
            found.append(vm)
    return found


def _srs_of(vm: Row) -> set[str]:
    disks = [vbd.to("VDI", "VDI") for vbd in vm.all("VBDs", "VBD")]
    return {vdi.text("SR") for vdi in disks if vm.database.has("VDI", vdi.ref)}


def leave_cluster(host: Row) -> None:
    """Only an enabled member can leave, and not the last one (xapi_cluster_host.ml: destroy)."""
    member = first(host.database, "Cluster_host", host=host.ref)
    if member is None:
        return
    if not member.flag("enabled"):
        raise XapiError("CLUSTERING_DISABLED", member.ref)
    if len(member.to("cluster", "Cluster").items("cluster_hosts")) == 1:
        raise XapiError("CLUSTER_HOST_IS_LAST", member.ref)
    host.database.delete("Cluster_host", member.ref)


def write_management(machine: HostMachine, host: Row) -> None:
    machine.disk.last_update_hash = host.text("last_update_hash")
    machine.disk.management_conf = conf_of(host)


def become_master(machine: HostMachine) -> None:
    """Role, and what a member has of its pool; its local database, with auto_enable, stays."""
    disk = machine.disk
    disk.pool_secret, disk.database_copy, disk.ha_armed = "", None, False
    disk.certificates = {}
    disk.network_reset = {}
    disk.first_boot = True
    disk.role = MASTER
