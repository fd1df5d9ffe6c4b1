"""VM metadata of the joiner: all VMs but default templates, or none at all (importexport.ml, import.ml)."""

from dataclasses import dataclass, field

from simulator.world.faults import latent
from simulator.xapi.errors import XapiError
from simulator.xapi.network.rows import add_network, network_of_bridge
from simulator.xapi.pool.join.copying import Copying
from simulator.xapi.rows import Row, add, first, rows

NOT_COPIED = {
    "resident_on",
    "scheduled_to_be_resident_on",
    "affinity",
    "metrics",
    "guest_metrics",
    "consoles",
    "VIFs",
    "VBDs",
    "VUSBs",
    "VTPMs",
    "VGPUs",
    "crash_dumps",
    "attached_PCIs",
    "suspend_VDI",
    "suspend_SR",
    "snapshot_of",
    "snapshots",
    "parent",
    "children",
    "appliance",
    "protection_policy",
    "snapshot_schedule",
    "groups",
    "blobs",
    "allowed_operations",
    "current_operations",
}
OWN_LINKS = {"VM", "VDI", "network", "metrics", "allowed_operations", "current_operations", "uuid"}
LINKS_AMONG_VMS = ("snapshot_of", "parent")
OF_A_VM = (("VBDs", "VBD"), ("VIFs", "VIF"))
MAC_SEED = "mac_seed"
IMPORT_FAILS = latent("join_vm_import_fails", "no VM of a joiner comes to the pool; data.vm narrows it")


@dataclass
class Import:
    """One import, with what it has made so far: all of that goes again when a VM cannot come."""

    copying: Copying
    made: list[Row] = field(default_factory=list)

    def add(self, cls: str, **fields: object) -> Row:
        self.made.append(add(self.copying.target, cls, **fields))
        return self.made[-1]

    def roll_back(self) -> None:
        for row in reversed(self.made):
            row.database.delete(row.cls, row.ref)


def copy_vms(copying: Copying) -> None:
    """The first VM that cannot come stops all."""
    vms = [vm for vm in rows(copying.old, "VM") if not vm.flag("is_default_template")]
    replaced = [old for old in (_precheck(copying, vm) for vm in vms) if old]
    running = Import(copying)
    try:
        for vm in vms:
            _copy_vm(running, vm)
        for vm in vms:
            _link(copying, vm)
    except (XapiError, LookupError):
        running.roll_back()
        raise
    for old in replaced:
        _destroy(old)


def _precheck(copying: Copying, vm: Row) -> Row | None:
    """The VM of the pool that this one replaces (import.ml: precheck, assert_can_restore_backup)."""
    seed = vm.mapping("other_config").get(MAC_SEED)
    for other in rows(copying.target, "VM"):
        if other.uuid != vm.uuid and seed and other.mapping("other_config").get(MAC_SEED) == seed:
            raise XapiError("DUPLICATE_MAC_SEED", seed)
    existing = first(copying.target, "VM", uuid=vm.uuid)
    if existing is None:
        return None
    if existing.text("power_state") != "Halted":
        raise XapiError("VM_BAD_POWER_STATE", existing.ref, "Halted", existing.text("power_state"))
    if existing.number("version") >= vm.number("version"):
        versions = existing.text("version"), vm.text("version")
        raise XapiError("VM_TO_IMPORT_IS_NOT_NEWER_VERSION", existing.ref, *versions)
    return existing


def _copy_vm(running: Import, old: Row) -> None:
    """A suspended VM stays so; whatever else it was, a guest is halted now."""
    copying = running.copying
    faults, joiner = copying.machine.world.faults, copying.machine.name
    if faults.strikes(IMPORT_FAILS, joiner, vm=old.text("name_label")):
        raise XapiError("IMPORT_ERROR", "the transfer of its metadata failed")
    names = [name for name in copying.old.schema.classes["VM"].fields if name not in NOT_COPIED]
    dom0 = old.flag("is_control_domain")
    metrics = running.add("VM_metrics", VCPUs_number=old.number("VCPUs_max"))
    fields = old.fields(*names) | {"metrics": metrics.ref}
    if dom0:
        fields |= {"resident_on": copying.new_host.ref, "affinity": copying.new_host.ref}
    elif old.text("power_state") != "Suspended":
        fields |= {"power_state": "Halted", "domid": -1}
    vm = running.add("VM", **fields)
    copying.copied(old, vm)
    for vbd in old.all("VBDs", "VBD"):
        vdi = copying.stands_for(vbd.text("VDI"))
        running.add("VBD", VM=vm.ref, VDI=vdi, **_own_fields(vbd, attached=dom0))
    for vif in old.all("VIFs", "VIF"):
        network = _network_for(running, vif.to("network", "network"))
        running.add("VIF", VM=vm.ref, network=network.ref, **_own_fields(vif, attached=dom0))


def _link(copying: Copying, old: Row) -> None:
    """What names another VM or a disk; appliance, protection policy and schedule are dropped."""
    links = {name: copying.stands_for(old.text(name)) for name in (*LINKS_AMONG_VMS, "suspend_VDI", "suspend_SR")}
    Row(copying.target, "VM", copying.stands_for(old.ref)).set(**links)


def _own_fields(row: Row, *, attached: bool) -> dict[str, object]:
    names = row.database.schema.classes[row.cls].fields
    fields = row.fields(*(name for name in names if name not in OWN_LINKS))
    return fields | {"currently_attached": attached and row.flag("currently_attached")}


def _network_for(running: Import, old: Row) -> Row:
    """By label, then by bridge, else made anew: so labels that mean two things cross-connect VMs."""
    target, label, bridge = running.copying.target, old.text("name_label"), old.text("bridge")
    found = first(target, "network", name_label=label) or network_of_bridge(target, bridge)
    if found is None:
        found = add_network(target, label, bridge)
        running.made.append(found)
    return found


def _destroy(vm: Row) -> None:
    for name, cls in OF_A_VM:
        for each in vm.all(name, cls):
            vm.database.delete(cls, each.ref)
    vm.database.delete("VM", vm.ref)
