"""The VIFs that a bond takes along: those of VMs that live here, or can live nowhere else (get_local_vifs)."""

from collections.abc import Iterable

from simulator.world.faults import latent
from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.network.plugs import bond_above
from simulator.xapi.network.rows import pif_on
from simulator.xapi.rows import Row, rows

VIF_MOVE_FAILS = latent("vif_move_fails")


def local_vifs(host: Row, networks: Iterable[Row]) -> list[Row]:
    """Of running VMs here, and of halted ones, templates and snapshots that could start only here, or nowhere."""
    found = [vif for network in networks for vif in network.all("VIFs", "VIF")]
    return [vif for vif in found if _is_local(host, vif.to("VM", "VM"))]


def move_vif(machine: HostMachine, vif: Row, network: Row) -> None:
    """The row first, then the live interface: when that fails, the row has moved all the same."""
    if vif.text("network") != network.ref:
        vif.set(network=network.ref)
    vm = vif.to("VM", "VM")
    if vm.text("resident_on") != machine.ref or not vif.flag("currently_attached"):
        return
    facts = {"vm": vm.text("name_label"), "network": network.text("name_label"), "device": vif.text("device")}
    if machine.world.faults.strikes(VIF_MOVE_FAILS, machine.name, **facts):
        raise XapiError("INTERNAL_ERROR", "Unable to plug moved VIF")


def running_vifs(host: Row, network: Row) -> list[Row]:
    """Those on a network whose VMs run here."""
    return [vif for vif in network.all("VIFs", "VIF") if vif.to("VM", "VM").text("resident_on") == host.ref]


def possible_hosts(vm: Row) -> list[str]:
    """Hosts on which it could start now (xapi_vm_helpers.ml: assert_can_boot_here, as far as it is told here)."""
    return [host.ref for host in rows(vm.database, "host") if _can_boot(vm, host)]


def _is_local(host: Row, vm: Row) -> bool:
    if host.database.has("host", vm.text("resident_on")):
        return vm.text("resident_on") == host.ref
    return possible_hosts(vm) in ([], [host.ref])


def _can_boot(vm: Row, host: Row) -> bool:
    metrics = host.to("metrics", "host_metrics")
    alive = host.flag("enabled") and host.database.has("host_metrics", metrics.ref) and metrics.flag("live")
    return alive and _has_memory(vm, metrics) and _sees_storage(vm, host) and _sees_networks(vm, host)


def _has_memory(vm: Row, metrics: Row) -> bool:
    return metrics.number("memory_free") >= vm.number("memory_dynamic_min")


def _sees_storage(vm: Row, host: Row) -> bool:
    plugged = {pbd.text("SR") for pbd in host.all("PBDs", "PBD") if pbd.flag("currently_attached")}
    disks = [vbd.to("VDI", "VDI") for vbd in vm.all("VBDs", "VBD") if not vbd.flag("empty")]
    return all(vdi.text("SR") in plugged for vdi in disks if vm.database.has("VDI", vdi.ref))


def _sees_networks(vm: Row, host: Row) -> bool:
    """A network without any PIF is inside of a host and can be anywhere; a bond member carries nothing."""
    for vif in vm.all("VIFs", "VIF"):
        network = vif.to("network", "network")
        here = pif_on(host, network.ref)
        if network.items("PIFs") and (not here or any(bond_above(pif) for pif in here)):
            return False
    return True
