"""VMs as rows: control domains, templates, guests."""

from dataclasses import dataclass

from simulator.scenes.model import VmSpec
from simulator.xapi.host.memory import refresh_free_memory
from simulator.xapi.rows import NULL, Row, add, first
from simulator.xapi.storage.rows import add_disk

MIB = 1024**2


@dataclass(frozen=True, kw_only=True)
class NewVm:
    name: str
    memory: int = 2048 * MIB
    vcpus: int = 2
    power_state: str = "Halted"
    fields: dict[str, object] | None = None


def add_vm(host: Row, new: NewVm) -> Row:
    """A VM with its metrics; one that is not halted lives on `host`."""
    alive = new.power_state in {"Running", "Paused"}
    metrics = add(host.database, "VM_metrics", memory_actual=new.memory if alive else 0, VCPUs_number=new.vcpus)
    usual: dict[str, object] = {
        "name_label": new.name,
        "power_state": new.power_state,
        "memory_static_max": new.memory,
        "memory_dynamic_max": new.memory,
        "memory_dynamic_min": new.memory,
        "memory_static_min": new.memory // 2,
        "VCPUs_max": new.vcpus,
        "VCPUs_at_startup": new.vcpus,
        "metrics": metrics.ref,
        "resident_on": host.ref if alive else NULL,
        "affinity": host.ref,
        "HVM_boot_policy": "BIOS order",
        "platform": {"cores-per-socket": "1"},
        "other_config": {},
    }
    vm = add(host.database, "VM", **(usual | (new.fields or {})))
    if alive:
        refresh_free_memory(host)
    return vm


def add_control_domain(host: Row, uuid: str) -> Row:
    name = f"Control domain on host: {host.text('name_label')}"
    fields: dict[str, object] = {"is_control_domain": True, "uuid": uuid, "domid": 0, "HVM_boot_policy": ""}
    dom0 = add_vm(host, NewVm(name=name, memory=4096 * MIB, vcpus=8, power_state="Running", fields=fields))
    host.set(control_domain=dom0.ref)
    return dom0


def add_template(host: Row, name: str) -> Row:
    fields: dict[str, object] = {
        "is_a_template": True,
        "is_default_template": True,
        "affinity": NULL,
        "other_config": {"default_template": "true"},
    }
    return add_vm(host, NewVm(name=name, fields=fields))


def add_guest(host: Row, spec: VmSpec) -> Row:
    """A guest of a scene with its disks and interfaces."""
    fields: dict[str, object] = {}
    pool = first(host.database, "pool")
    if spec.power_state in {"Running", "Paused", "Suspended"} and pool:
        info = pool.mapping("cpu_info")
        fields["last_boot_CPU_flags"] = {"vendor": info["vendor"], "features": info["features_hvm_host"]}
    vm = add_vm(
        host,
        NewVm(
            name=spec.name,
            memory=spec.memory_mib * MIB,
            vcpus=spec.vcpus,
            power_state=spec.power_state,
            fields=fields,
        ),
    )
    for place, disk in enumerate(spec.disks):
        _attach_disk(vm, place, add_disk(_sr_named(host, disk.sr), disk.name, disk.size_gib))
    for place, network in enumerate(spec.networks):
        _attach_interface(vm, place, network)
    return vm


def remove(vm: Row) -> None:
    """The row, and all that is nobody else's: drives, interfaces, consoles, metrics. Disks stay."""
    for name, cls in (("VBDs", "VBD"), ("VIFs", "VIF"), ("consoles", "console")):
        for each in vm.items(name):
            vm.database.delete(cls, each)
    for name, cls in (("metrics", "VM_metrics"), ("guest_metrics", "VM_guest_metrics")):
        if vm.database.has(cls, vm.text(name)):
            vm.database.delete(cls, vm.text(name))
    vm.database.delete("VM", vm.ref)


def _sr_named(host: Row, name: str) -> Row:
    """The host's own comes first: every server has a local storage of the same name."""
    near = [pbd.to("SR", "SR") for pbd in host.all("PBDs", "PBD")]
    sr = next((sr for sr in near if sr.text("name_label") == name), None) or first(host.database, "SR", name_label=name)
    if sr is None:
        raise LookupError(f"no storage called {name!r} on {host.text('name_label')}")
    return sr


def _attach_disk(vm: Row, place: int, vdi: Row) -> None:
    add(
        vm.database,
        "VBD",
        VM=vm.ref,
        VDI=vdi.ref,
        userdevice=str(place),
        device=f"xvd{'abcdefghijklmnop'[place]}",
        bootable=place == 0,
        mode="RW",
        type="Disk",
        empty=False,
        currently_attached=vm.text("power_state") == "Running",
        other_config={},
    )


def _attach_interface(vm: Row, place: int, name: str) -> None:
    network = first(vm.database, "network", name_label=name)
    if network is None:
        raise LookupError(f"no network called {name!r} for {vm.text('name_label')}")
    add(
        vm.database,
        "VIF",
        VM=vm.ref,
        network=network.ref,
        device=str(place),
        MAC=f"02:16:3e:{vm.uuid[:2]}:{vm.uuid[2:4]}:{place:02x}",
        MTU=1500,
        currently_attached=vm.text("power_state") == "Running",
        other_config={},
    )
