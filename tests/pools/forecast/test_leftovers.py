"""What counts as left over: told from records alone, and careful with what may be somebody's."""

from dataclasses import replace

import pytest

from pools.forecast.leftovers import Lost, hinted, leftovers_of, targets
from pools.xapi.inventory import Snapshot
from pools.xapi.records import NULL, HostRecord, PBDRecord, PoolRecord, SRRecord, VBDRecord, VDIRecord, VMRecord


def storage() -> dict[str, SRRecord]:
    kinds = {"local": ("ext", "user", False), "filer": ("nfs", "user", True), "discs": ("iso", "iso", False)}
    return {
        name: SRRecord(ref=name, uuid=f"u-{name}", name_label=name, type=kind, content_type=content, shared=shared)
        for name, (kind, content, shared) in kinds.items()
    }


def pool(*vms: VMRecord, on: str = "local", connected: tuple[str, ...] = (), default: str = NULL) -> Snapshot:
    """VMs with one disk each on an SR; which SRs some server is connected to."""
    kept = {sr: sr for sr in storage()}
    discs = {"disc": VDIRecord(ref="disc", SR="discs")}
    drives = {"cd": VBDRecord(ref="cd", VM=vms[0].ref, VDI="disc", type="CD")} if vms else {}
    return Snapshot(
        pools={"pool": PoolRecord(ref="pool", default_SR=default)},
        hosts={"host": HostRecord(ref="host")},
        srs=storage(),
        pbds={sr: PBDRecord(ref=sr, host="host", SR=sr, currently_attached=True) for sr in kept if sr in connected},
        vms={vm.ref: vm for vm in vms},
        vdis={f"vdi-{vm.ref}": VDIRecord(ref=f"vdi-{vm.ref}", SR=on) for vm in vms} | discs,
        vbds={f"vbd-{vm.ref}": VBDRecord(ref=f"vbd-{vm.ref}", VM=vm.ref, VDI=f"vdi-{vm.ref}") for vm in vms} | drives,
    )


def vm(name: str, **more: object) -> VMRecord:
    return VMRecord(ref=name, uuid=f"u-{name}", name_label=name, **more)  # type: ignore[arg-type]


FORGOTTEN = Lost(storage=frozenset({"u-local", "u-discs", "u-filer"}))


def keys(snapshot: Snapshot, lost: Lost = FORGOTTEN) -> set[str]:
    return {each.key for each in leftovers_of(snapshot, lost) if not each.key.startswith("sr:")}


@pytest.mark.parametrize(
    ("found", "key"),
    [
        (vm("web"), "vm:u-web"),
        (vm("form", is_a_template=True), "template:u-form"),
        (vm("point", is_a_template=True, is_a_snapshot=True, power_state="Suspended"), "snapshot:u-point"),
        (vm("asleep", power_state="Suspended", suspend_VDI="gone"), "suspended:u-asleep"),
        (vm("works", power_state="Running"), None),
        (vm("dom0", is_control_domain=True), None),
        (vm("ours", is_default_template=True, is_a_template=True), None),
    ],
    ids=lambda case: case.name_label if isinstance(case, VMRecord) else "",
)
def test_what_lay_on_a_forgotten_servers_own_disks_is_left_over(found: VMRecord, key: str | None) -> None:
    assert keys(pool(found)) == ({key} if key else set())
    assert keys(pool(found), Lost()) == ({key} if key == "suspended:u-asleep" else set())
    assert keys(pool(found, connected=("local",))) == ({key} if key == "suspended:u-asleep" else set())


def test_disks_on_a_filer_that_nobody_is_connected_to_are_not_lost() -> None:
    assert keys(pool(vm("web"), on="filer")) == set()


def test_storage_says_whose_it_was_and_what_stands_in_drives() -> None:
    found = {each.name: each for each in leftovers_of(pool(vm("web")), FORGOTTEN)}
    assert found["discs"].was == "1 ISO image on record, in the drives of web"
    assert "Its data stays (its NFS server)" in found["filer"].why
    assert "left the pool" in found["local"].why
    assert "on purpose" in next(each.why for each in leftovers_of(pool(), Lost()) if each.name == "local")


def test_of_a_pool_that_was_not_read_whole_nothing_is_left_over() -> None:
    whole = pool(vm("web"), default="nowhere")
    assert keys(whole) == {"default_sr:pool", "vm:u-web"}
    assert leftovers_of(replace(whole, unread=frozenset({"vdi"})), FORGOTTEN) == ()


def test_a_setting_can_name_shared_storage_that_is_plugged_in() -> None:
    assert targets(pool(connected=("local", "filer", "discs"))) == {"u-filer": "filer"}


def test_a_page_offers_a_look_at_what_is_on_record_of_those_who_left() -> None:
    stored = pool(vm("web"), vm("other"), default="nowhere")
    lost = Lost(named={"vm:u-web": "VM: web"}, storage=frozenset({"u-local"}))
    assert (hinted(stored, lost), hinted(stored, Lost())) == (3, 1)
