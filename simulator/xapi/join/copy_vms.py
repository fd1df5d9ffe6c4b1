"""VM metadata of the joiner: all VMs but default templates, or none at all (importexport.ml)."""

from simulator.xapi.errors import XapiError
from simulator.xapi.join.copying import Copying
from simulator.xapi.network import add_network, network_of_bridge
from simulator.xapi.rows import NULL, Row, add, first, rows

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


def copy_vms(copying: Copying) -> None:
    """The first VM that cannot come stops all: their import is rolled back as a whole."""
    vms = [vm for vm in rows(copying.old, "VM") if not vm.flag("is_default_template")]
    for vm in vms:
        if first(copying.target, "VM", uuid=vm.uuid):
            raise XapiError("VM_TO_IMPORT_IS_NOT_NEWER_VERSION", vm.ref, "0", "0")
    for vm in vms:
        _copy_vm(copying, vm)


def _copy_vm(copying: Copying, old: Row) -> None:
    names = [name for name in copying.old.schema.classes["VM"].fields if name not in NOT_COPIED]
    dom0 = old.flag("is_control_domain")
    metrics = add(copying.target, "VM_metrics", VCPUs_number=old.number("VCPUs_max"))
    vm = add(
        copying.target,
        "VM",
        metrics=metrics.ref,
        resident_on=copying.new_host.ref if dom0 else NULL,
        affinity=copying.new_host.ref if dom0 else NULL,
        **old.fields(*names),
    )
    copying.copied(old, vm)
    for vbd in old.all("VBDs", "VBD"):
        vdi = copying.stands_for(vbd.text("VDI"))
        add(copying.target, "VBD", VM=vm.ref, VDI=vdi, **_own_fields(vbd))
    for vif in old.all("VIFs", "VIF"):
        network = _network_for(copying, vif.to("network", "network"))
        add(copying.target, "VIF", VM=vm.ref, network=network.ref, **_own_fields(vif))


def _own_fields(row: Row) -> dict[str, object]:
    names = row.database.schema.classes[row.cls].fields
    return row.fields(*(name for name in names if name not in OWN_LINKS))


def _network_for(copying: Copying, old: Row) -> Row:
    """By label, then by bridge, else made anew: so labels that mean two things cross-connect VMs."""
    label, bridge = old.text("name_label"), old.text("bridge")
    found = first(copying.target, "network", name_label=label) or network_of_bridge(copying.target, bridge)
    return found or add_network(copying.target, label, bridge)
