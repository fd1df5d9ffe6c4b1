"""The VIFs that a bond takes along: those of VMs that live here, or can live nowhere else (get_local_vifs)."""

from collections.abc import Iterable

from simulator.world.faults import latent
from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.rows import Row
from simulator.xapi.vm.place import hosts_for

VIF_MOVE_FAILS = latent(
    "vif_move_fails", "a moved VIF is not plugged: INTERNAL_ERROR; data.vm, network, device narrow it"
)


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


def _is_local(host: Row, vm: Row) -> bool:
    if host.database.has("host", vm.text("resident_on")):
        return vm.text("resident_on") == host.ref
    return hosts_for(vm) in ([], [host])
