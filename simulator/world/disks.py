"""Where data really is: on the disks of servers and on filers, whatever rows say.

A disk remembers the SRs that were made on it until it is wiped, so that rows that are gone, forgotten or copied
elsewhere never bring data along.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.scenes.model import StorageSpec
from simulator.scenes.validate import build
from simulator.world import reach
from simulator.xapi.errors import XapiError
from simulator.xapi.rows import Row, first, rows

if TYPE_CHECKING:
    from simulator.world.hardware import LocalDisk
    from simulator.world.host import HostMachine
    from simulator.world.interfaces import Plug
    from simulator.world.world import World

NO_DATA = frozenset({"udev", "iso"})  # drives and shares that hold no disks of VMs


def contents(machine: HostMachine) -> dict[str, dict[str, str]]:
    """By SR: the VDIs (name by UUID) that lie on the server's own disks."""
    found = {uuid: dict(vdis) for uuid, vdis in machine.disk.volumes.items()}
    for sr in local_srs(machine):
        if sr.uuid not in machine.disk.wiped:
            found[sr.uuid] = {vdi.uuid: vdi.text("name_label") for vdi in sr.all("VDIs", "VDI")}
    if found != machine.disk.volumes:
        machine.disk.volumes = found
    return found


def wipe(machine: HostMachine) -> dict[str, dict[str, str]]:
    """Erase the server's own disks, as its first boot after an eject does; gives what is lost for ever."""
    lost = contents(machine)
    machine.disk.volumes = {}
    machine.disk.wiped = tuple(dict.fromkeys((*machine.disk.wiped, *lost)))
    return lost


def local_srs(machine: HostMachine) -> list[Row]:
    """SRs of the server's database that only this server holds."""
    host = first(machine.database, "host", uuid=machine.uuid)
    found = [pbd.to("SR", "SR") for pbd in host.all("PBDs", "PBD")] if host else []
    return [sr for sr in found if machine.database.has("SR", sr.ref) and is_local(sr)]


def is_local(sr: Row) -> bool:
    return not sr.flag("shared") and sr.text("type") not in NO_DATA


def reachable(machine: HostMachine, sr: Row) -> bool:
    """Whether this server gets at the data of an SR: it lies on its own disks, or on a filer that answers it."""
    if is_local(sr):
        elsewhere = any(sr.uuid in other.disk.volumes for other in machine.world.installed if other is not machine)
        return sr.uuid not in machine.disk.wiped and (sr.uuid in machine.disk.volumes or not elsewhere)
    spec = machine.world.storages.get(sr.text("name_label"))
    return spec is None or answers(spec, machine)


def answers(spec: StorageSpec, machine: HostMachine) -> bool:
    """A filer answers on its networks and its VLAN; one that names none answers whoever has any link."""
    if not spec.online:
        return False
    bridges = [plug.bridge for plug in machine.interfaces.plugs.values() if plug.address and _on(spec, machine, plug)]
    return any(_passes(spec, machine, bridge) for bridge in bridges)


def assert_room(machine: HostMachine, sr: Row, wanted: int) -> None:
    """SR_FULL with what was asked for and what is left."""
    left = max(sr.number("physical_size") - sr.number("physical_utilisation"), 0)
    if is_full(machine, sr):
        left = 0
    if wanted > left and sr.number("physical_size") > 0:
        raise XapiError("SR_FULL", str(wanted), str(left))


def is_full(machine: HostMachine, sr: Row) -> bool:
    """Whether the disks or the filer below an SR take nothing more."""
    if is_local(sr):
        return any(disk.full for disk in machine.hardware.disks[:1])
    spec = machine.world.storages.get(sr.text("name_label"))
    return bool(spec and spec.full)


def fill(machine: HostMachine, disk: LocalDisk, *, full: bool) -> None:
    """Fill a server's disk, or make room again; the SRs, which are on the first one, tell so."""
    disk.full = full
    for sr in local_srs(machine) if disk in machine.hardware.disks[:1] else ():
        used = sum(vdi.number("physical_utilisation") for vdi in sr.all("VDIs", "VDI"))
        sr.set(physical_utilisation=sr.number("physical_size") if full else used)


def change_storage(world: World, name: str, fields: dict[str, object]) -> StorageSpec:
    """Set a filer up otherwise: `online`, `full`, its networks, its VLAN."""
    if name not in world.storages:
        raise LookupError(f"no storage {name!r} in scene {world.scene.name}")
    old = world.storages[name]
    said = vars(old) | {"networks": list(old.networks)} | fields
    world.storages[name] = replace(build(StorageSpec, said, file="storages", path=name), name=name)
    return world.storages[name]


def _on(spec: StorageSpec, machine: HostMachine, plug: Plug) -> bool:
    """Whether a bridge belongs to one of the networks of a filer."""
    labels = [network.text("name_label") for network in rows(machine.database, "network", bridge=plug.bridge)]
    return not spec.networks or any(label in spec.networks for label in labels)


def _passes(spec: StorageSpec, machine: HostMachine, bridge: str) -> bool:
    nics = reach.lit(machine, bridge)
    if spec.vlan is None:
        return bool(nics)
    tag = machine.interfaces.plugs[bridge].vlan
    return any(reach.vlan_on(machine, nic, tag) == spec.vlan for nic in nics)
