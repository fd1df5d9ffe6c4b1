"""Making and destroying disks of VMs (xapi_vdi.ml: create, destroy)."""

from simulator.world import disks
from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.forwarding import forwarded
from simulator.xapi.operations import recompute, refuse_if_not_allowed
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import Row, add
from simulator.xapi.storage_calls import assert_plugged_somewhere

NEEDED = ("SR", "virtual_size", "type", "sharable", "read_only", "other_config")
TAKEN = (*NEEDED, "name_label", "name_description", "xenstore_data", "sm_config", "tags")


@message("VDI", "create")
def vdi_create(call: Call, given: dict[str, object]) -> str:
    """On a host that has the SR plugged, where there is room."""
    for name in NEEDED:
        if name not in given:
            raise XapiError("INTERNAL_ERROR", "missing field", name, "")
    sr = Row(call.host.database, "SR", str(given["SR"]))
    refuse_if_not_allowed(sr, "vdi_create")
    assert_plugged_somewhere(sr)
    host = next(pbd.text("host") for pbd in sr.all("PBDs", "PBD") if pbd.flag("currently_attached"))
    return str(forwarded(call, host, lambda machine: _make(machine, sr, given).ref))


@message("VDI", "destroy")
def vdi_destroy(call: Call, ref: str) -> None:
    """Its data goes; refused while a VM uses it."""
    vdi = Row(call.host.database, "VDI", ref)
    sr = vdi.to("SR", "SR")
    if any(vbd.flag("currently_attached") for vbd in vdi.all("VBDs", "VBD")):
        raise XapiError("VDI_IN_USE", ref, "destroy")
    size = vdi.number("physical_utilisation")
    vdi.database.delete("VDI", ref)
    if vdi.database.has("SR", sr.ref):
        _use(sr, -size)


def _make(machine: HostMachine, sr: Row, given: dict[str, object]) -> Row:
    size = int(str(given["virtual_size"]))
    disks.assert_room(machine, sr, size)
    fields = {name: given[name] for name in TAKEN if name in given}
    made = add(sr.database, "VDI", managed=True, missing=False, physical_utilisation=size, **fields)
    recompute(made)
    _use(sr, size)
    return made


def _use(sr: Row, more: int) -> None:
    """What is in use follows, and with it what may be done."""
    used = {name: max(sr.number(name) + more, 0) for name in ("physical_utilisation", "virtual_allocation")}
    sr.set(**used)
    recompute(sr)
