"""SRs, PBDs and VDIs of the joiner: SRs and VDIs keep their UUIDs, PBDs do not."""

from functools import partial

from simulator.xapi.pool.join.copying import Copying, best_effort
from simulator.xapi.rows import Row, add, first, rows
from simulator.xapi.storage.rows import add_pbd

SR_FIELDS = (
    "uuid",
    "name_label",
    "name_description",
    "type",
    "content_type",
    "sm_config",
    "other_config",
    "physical_size",
    "physical_utilisation",
    "virtual_allocation",
)
VDI_FIELDS = (
    "uuid",
    "name_label",
    "name_description",
    "virtual_size",
    "physical_utilisation",
    "type",
    "sharable",
    "read_only",
    "other_config",
    "location",
    "managed",
    "missing",
    "xenstore_data",
    "sm_config",
    "is_a_snapshot",
    "snapshot_time",
    "cbt_enabled",
)


def copy_storage(copying: Copying) -> None:
    for sr in rows(copying.old, "SR"):
        best_effort(f"SR {sr.text('name_label')}", partial(_copy_sr, copying, sr))
    for pbd in copying.old_host.all("PBDs", "PBD"):
        best_effort("PBD", partial(_copy_pbd, copying, pbd))
    for vdi in rows(copying.old, "VDI"):
        best_effort(f"VDI {vdi.text('name_label')}", partial(_copy_vdi, copying, vdi))
    for name in ("crash_dump_sr", "suspend_image_sr"):
        # Both are set from the crash dump SR: a slip of the real code that clients see.
        copying.new_host.set(**{name: copying.stands_for(copying.old_host.text("crash_dump_sr"))})


def unplug_all(host: Row) -> None:
    for pbd in host.all("PBDs", "PBD"):
        pbd.set(currently_attached=False)


def _copy_sr(copying: Copying, old: Row) -> None:
    """SR.introduce; the tools SR becomes the pool's own."""
    if old.flag("is_tools_sr"):
        existing = first(copying.target, "SR", is_tools_sr=True)
    else:
        existing = first(copying.target, "SR", uuid=old.uuid)
    copying.copied(old, existing or add(copying.target, "SR", shared=False, **old.fields(*SR_FIELDS)))


def _copy_pbd(copying: Copying, old: Row) -> None:
    sr = Row(copying.target, "SR", copying.stands_for(old.text("SR")))
    copying.copied(old, add_pbd(copying.new_host, sr, old.mapping("device_config")))


def _copy_vdi(copying: Copying, old: Row) -> None:
    existing = first(copying.target, "VDI", uuid=old.uuid)
    sr = copying.stands_for(old.text("SR"))
    copying.copied(old, existing or add(copying.target, "VDI", SR=sr, **old.fields(*VDI_FIELDS)))
