"""Plugging storage in and out, and the life of a storage repository (xapi_pbd.ml, xapi_sr.ml)."""

import uuid as uuids
from collections.abc import Iterator

from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.forwarding import forwarded
from simulator.xapi.machines import machine_of_call
from simulator.xapi.operations import operating, recompute, refuse_if_not_allowed
from simulator.xapi.pool.state import ha_is_on, pool_of
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import Row, add, first, rows
from simulator.xapi.storage.reach import UNPLUG_FAILS, assert_reached
from simulator.xapi.storage.rows import is_attached

UNKNOWN_SIZE = -1


def plug(machine: HostMachine, pbd: Row) -> None:
    """Attach the storage to its host; nothing happens when it is (xapi_pbd.ml: plug)."""
    if pbd.flag("currently_attached"):
        return
    sr = pbd.to("SR", "SR")
    _assert_may_share(sr, pbd)
    assert_reached(machine, sr)
    pbd.set(currently_attached=True)
    refresh_storage(sr)


def unplug(machine: HostMachine, pbd: Row) -> None:
    """Take the storage from its host: refused while a VM that lives there uses a disk of it (xapi_pbd.ml: unplug)."""
    if not pbd.flag("currently_attached"):
        return
    sr = pbd.to("SR", "SR")
    _assert_ha_permits(sr, pbd)
    busy = [vdi for vdi in active_vdis(pbd) if vdi.text("type") != "metadata"]
    if busy:
        raise XapiError("VDI_IN_USE", *(vdi.ref for vdi in busy))
    if machine.world.faults.strikes(UNPLUG_FAILS, machine.name, sr=sr.text("name_label")):
        raise XapiError("SR_BACKEND_FAILURE_73", "", "unmount failed", "")
    pbd.set(currently_attached=False)
    refresh_storage(sr)


def active_vdis(pbd: Row) -> Iterator[Row]:
    """Disks of this storage in the drives of VMs (the control domain too) that live on the PBD's host."""
    for vm in rows(pbd.database, "VM", resident_on=pbd.text("host")):
        for vbd in vm.all("VBDs", "VBD"):
            vdi = vbd.to("VDI", "VDI")
            if vbd.flag("currently_attached") and not vbd.flag("empty") and vdi.text("SR") == pbd.text("SR"):
                yield vdi


def forget(sr: Row) -> None:
    """The rows of a storage go, its data stays where it is; refused while any host has it plugged."""
    if is_attached(sr):
        raise XapiError("SR_HAS_PBD", sr.ref)
    for cls, found in (("PBD", sr.items("PBDs")), ("VDI", sr.items("VDIs"))):
        for ref in found:
            sr.database.delete(cls, ref)
    sr.database.delete("SR", sr.ref)


def refresh_storage(sr: Row) -> None:
    """What is allowed with a storage and its disks follows from what is plugged."""
    recompute(sr)
    for vdi in sr.all("VDIs", "VDI"):
        recompute(vdi)


def _assert_may_share(sr: Row, pbd: Row) -> None:
    if sr.flag("shared"):
        return
    for other in sr.all("PBDs", "PBD"):
        if other.ref != pbd.ref and other.flag("currently_attached"):
            raise XapiError("SR_NOT_SHARABLE", sr.ref, other.text("host"))


def _assert_ha_permits(sr: Row, pbd: Row) -> None:
    """Storage of a protected VM, and that of the statefile, stays plugged (abort_if_storage_attached_...)."""
    if not ha_is_on(sr.database):
        return
    pool = pool_of(sr.database)
    if pbd.to("host", "host").flag("enabled") and not pool.flag("ha_allow_overcommit"):
        users = {vbd.text("VM") for vdi in sr.all("VDIs", "VDI") for vbd in vdi.all("VBDs", "VBD")}
        if any(Row(sr.database, "VM", vm).text("ha_restart_priority") == "restart" for vm in users):
            raise XapiError("HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN")
    if any(vdi in sr.items("VDIs") for vdi in pool.items("ha_statefiles")):
        raise XapiError("HA_IS_ENABLED")


@message("PBD", "plug")
def pbd_plug(call: Call, ref: str) -> None:
    pbd = Row(call.host.database, "PBD", ref)
    with operating(pbd.to("SR", "SR"), "plug", call):
        forwarded(call, pbd.text("host"), lambda machine: plug(machine, pbd))


@message("PBD", "unplug")
def pbd_unplug(call: Call, ref: str) -> None:
    pbd = Row(call.host.database, "PBD", ref)
    with operating(pbd.to("SR", "SR"), "unplug", call):
        forwarded(call, pbd.text("host"), lambda machine: unplug(machine, pbd))


@message("PBD", "create")
def pbd_create(call: Call, record: dict[str, object]) -> str:
    """One for each pair of host and storage (xapi_pbd.ml: create_common)."""
    database = call.host.database
    for name in ("host", "SR", "device_config"):
        if name not in record:
            raise XapiError("INTERNAL_ERROR", "missing field", name, "")
    host, sr = Row(database, "host", str(record["host"])), Row(database, "SR", str(record["SR"]))
    database.get("host", host.ref)
    refuse_if_not_allowed(sr, "pbd_create")
    config, other = record["device_config"], record.get("other_config", {})
    with database.locked():
        existing = first(database, "PBD", host=host.ref, SR=sr.ref)
        if existing:
            raise XapiError("PBD_EXISTS", sr.ref, host.ref, existing.ref)
        if isinstance(config, dict) and "SRmaster" in config:
            told = ("SRmaster", str(config["SRmaster"]), "This key is for internal use only")
            raise XapiError("VALUE_NOT_SUPPORTED", *told)
        pbd = add(database, "PBD", host=host.ref, SR=sr.ref, device_config=config, other_config=other)
    recompute(sr)
    return pbd.ref


@message("PBD", "destroy")
def pbd_destroy(call: Call, ref: str) -> None:
    pbd = Row(call.host.database, "PBD", ref)
    sr = pbd.to("SR", "SR")
    if pbd.flag("currently_attached"):
        raise XapiError("OPERATION_NOT_ALLOWED", "PBD is currently attached")
    pbd.database.delete("PBD", ref)
    if sr.database.has("SR", sr.ref):
        recompute(sr)


@message("PBD", "set_device_config")
def pbd_set_device_config(call: Call, ref: str, value: dict[str, str]) -> None:
    Row(call.host.database, "PBD", ref).set(device_config=value)


@message("SR", "forget")
def sr_forget(call: Call, ref: str) -> None:
    sr = Row(call.host.database, "SR", ref)
    refuse_if_not_allowed(sr, "forget")
    forget(sr)


@message("SR", "destroy")
def sr_destroy(call: Call, ref: str) -> None:
    """Its rows and its data go: it must be empty, unplugged, and have a PBD to do it by."""
    sr = Row(call.host.database, "SR", ref)
    if sr.mapping("other_config").get("indestructible") == "true":
        raise XapiError("SR_INDESTRUCTIBLE", ref)
    refuse_if_not_allowed(sr, "destroy")
    forget(sr)


@message("SR", "introduce")
def sr_introduce(call: Call, uuid: str, *about: object) -> str:
    """A row for storage that exists; nothing is plugged. About: name, description, type, content, shared, sm_config."""
    database = call.host.database
    if uuid and database.find("SR", uuid=uuid):
        raise XapiError("SR_UUID_EXISTS", uuid)
    return _introduced(call, uuid or str(uuids.uuid4()), *about).ref


@message("SR", "create")
def sr_create(call: Call, host: str, device_config: dict[str, str], physical_size: int, *about: object) -> str:
    """New storage, plugged where it can be: shared storage on every host, other storage on this one."""
    database = call.host.database
    database.get("host", host)
    kind, shared = str(about[2]).lower(), bool(about[4])
    if first(database, "SM", type=kind) is None:
        raise XapiError("SR_UNKNOWN_DRIVER", kind)

    def work(machine: HostMachine) -> str:
        sr = _introduced(call, str(uuids.uuid4()), *about)
        sr.set(physical_size=physical_size, physical_utilisation=0)
        try:
            assert_reached(machine, sr)
        except XapiError:
            database.delete("SR", sr.ref)
            raise
        for place in database.refs("host") if shared else [host]:
            pbd = add(database, "PBD", host=place, SR=sr.ref, device_config=device_config, other_config={})
            _plug_if_possible(call, pbd)
        recompute(sr)
        return sr.ref

    return str(forwarded(call, host, work))


def _plug_if_possible(call: Call, pbd: Row) -> None:
    """SR.create only logs hosts that cannot plug (xapi_sr.ml: create)."""
    try:
        forwarded(call, pbd.text("host"), lambda machine: plug(machine, pbd))
    except XapiError:
        return


def _introduced(call: Call, uuid: str, *about: object) -> Row:
    name, description, kind, content, shared, sm_config = about
    sr = add(
        call.host.database,
        "SR",
        uuid=uuid,
        name_label=name,
        name_description=description,
        type=str(kind).lower(),
        content_type=content,
        shared=shared,
        sm_config=sm_config,
        physical_size=UNKNOWN_SIZE,
        physical_utilisation=UNKNOWN_SIZE,
        other_config={},
    )
    recompute(sr)
    return sr


@message("SR", "scan")
def sr_scan(call: Call, ref: str) -> None:
    """Look at the storage anew; it needs a host that has it plugged."""
    sr = Row(call.host.database, "SR", ref)
    refuse_if_not_allowed(sr, "scan")
    assert_plugged_somewhere(sr)
    with operating(sr, "scan", call):
        machine_of_call(call).life.pause(0)
        used = sum(vdi.number("physical_utilisation") for vdi in sr.all("VDIs", "VDI"))
        wanted = sum(vdi.number("virtual_size") for vdi in sr.all("VDIs", "VDI"))
        sr.set(physical_utilisation=used, virtual_allocation=wanted)


def assert_plugged_somewhere(sr: Row) -> None:
    """A storage call goes to a host that has the storage plugged (message_forwarding.ml: do_op_on_...)."""
    if not is_attached(sr):
        raise XapiError("SR_HAS_NO_PBDS", sr.ref)


@message("SR", "update")
def sr_update(call: Call, ref: str) -> None:
    refuse_if_not_allowed(Row(call.host.database, "SR", ref), "update")


@message("SR", "set_shared")
def sr_set_shared(call: Call, ref: str, value: bool) -> None:  # noqa: FBT001 - the wire's own order
    """Storage that several hosts have plugged stays shared."""
    sr = Row(call.host.database, "SR", ref)
    if not value and len(sr.items("PBDs")) > 1:
        raise XapiError("SR_HAS_MULTIPLE_PBDS", ref)
    sr.set(shared=value)


@message("SR", "get_supported_types")
def sr_get_supported_types(call: Call) -> list[str]:
    return sorted({driver.text("type") for driver in rows(call.host.database, "SM")})
