"""Before a server is emptied: every VM that cannot move is named with XAPI's own code, or with what the plan does."""

from collections.abc import Iterator, Mapping

import pytest

from pools.checks.finding import Finding, Severity
from pools.models import Operation, OperationState
from pools.operations.choices import choices_of
from pools.operations.host_remove import HostRemove
from pools.operations.removal.emptying import still_to_move
from pools.services import operations
from pools.xapi.messages import MESSAGES
from pools.xapi.records import TaskRecord, VMRecord
from tests.fixtures.lab import story
from tests.pools.operations.after_join.adding import rows
from tests.pools.operations.removal.removing import Removing, removing

KEPT = {
    "local-disk": "VM_REQUIRES_SR",
    "member-network": "HOST_CANNOT_ATTACH_NETWORK",
    "lone-network": "VM_REQUIRES_NETWORK",
    "old-hardware": "VM_HOST_INCOMPATIBLE_VIRTUAL_HARDWARE_PLATFORM_VERSION",
    "other-vendor": "VM_INCOMPATIBLE_WITH_THIS_HOST",
    "more-features": "VM_INCOMPATIBLE_WITH_THIS_HOST",
    "iommu": "VM_REQUIRES_IOMMU",
    "many-processors": "HOST_NOT_ENOUGH_PCPUS",
    "much-memory": "HOST_NOT_ENOUGH_FREE_MEMORY",
    "blocked": "OPERATION_BLOCKED",
    "paused": "VM_BAD_POWER_STATE",
    "in-use": "OTHER_OPERATION_IN_PROGRESS",
    "immobile": "VM_IS_IMMOBILE",
    "nested": "VM_IS_USING_NESTED_VIRT",
    "not-suspendable": "VM_NON_SUSPENDABLE",
    "without-tools": "VM_LACKS_FEATURE",
    "reset-on-boot": "VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION",
    "pci": "VM_HAS_PCI_ATTACHED",
    "usb": "VM_HAS_VUSBS",
}


@pytest.fixture
def busy(transactional_db: None) -> Iterator[Removing]:
    with removing("busy-member", "boss") as found:
        yield found


def uuid_of(busy: Removing, cls: str, name: str) -> str:
    return str(next(row["uuid"] for row in rows(busy.sim.host("boss"), cls) if row["name_label"] == name))


def found(operation: Operation) -> dict[str, Finding]:
    """What the rules say of each VM, by its name."""
    report = HostRemove().check(HostRemove().facts(operation), choices_of(operation))
    return {finding.theirs: finding for finding in report.findings if "VM" in finding.values}


def with_draft(operation: Operation, **draft: object) -> Operation:
    operation.draft = {**operation.draft, **draft}
    operation.save()
    return operation


def kept(findings: Mapping[str, Finding]) -> dict[str, str]:
    return {name: each.code for name, each in findings.items() if each.severity is Severity.ERROR}


def test_each_vm_that_cannot_move_is_named_with_its_reason_until_something_solves_it(busy: Removing) -> None:
    operation = busy.draft("busy")
    findings = found(operation)
    assert kept(findings) == KEPT
    assert set(KEPT.values()) <= set(MESSAGES)
    assert findings["lone-network"].params == ("lone-network", "Only on busy")
    assert not any(
        "OpaqueRef" in param for each in findings.values() for param in each.params if each.theirs != "in-use"
    )
    spare, boss = busy.sim.host("spare").uuid, busy.sim.host("boss").uuid
    disk, filer = uuid_of(busy, "VDI", "local disk"), uuid_of(busy, "SR", "Filer")
    decisions, key = operation.draft["decisions"], f"vdi:{disk}"
    lone = with_draft(operation, decisions=decisions | {key: {"do": "move", "to": "local storage of spare"}})
    assert "local-disk" in kept(found(lone))
    moved = decisions | {key: {"do": "move", "to": filer}}
    places = {"mail": spare, "pci": spare, "iommu": boss}
    chosen = {uuid_of(busy, "VM", name): host for name, host in places.items()}
    findings = found(with_draft(operation, decisions=moved, vm_targets=chosen))
    assert (findings["local-disk"].severity, findings["local-disk"].ours) == (Severity.INFO, "its disks move first")
    assert findings["iommu"].ours == "to go to boss"
    assert kept(findings).keys() == KEPT.keys() - {"local-disk"}


def emptied(busy: Removing) -> None:
    """Leave on the server only what can move."""
    database = busy.sim.host("boss").database
    for ref, vm in database.records("VM").items():
        if vm["name_label"] in KEPT:
            database.set("VM", ref, power_state="Halted", resident_on="OpaqueRef:NULL")


def home_of(busy: Removing, vm: str) -> object:
    hosts = {ref: row["name_label"] for ref, row in busy.sim.host("boss").database.records("host").items()}
    row = next(row for row in rows(busy.sim.host("boss"), "VM") if row["name_label"] == vm)
    return hosts.get(str(row["resident_on"]))


def test_vms_go_where_they_were_sent_and_one_that_fails_may_be_left_to_xapi(busy: Removing) -> None:
    """XAPI does not answer whether they can: the evacuation itself will tell, and that is said."""
    emptied(busy)
    busy.sim.fault("drop_before", method="host.get_vms_which_prevent_evacuation", times=None)
    busy.sim.fault("vm_migration_fails", data={"vm": "web"}, times=1)
    places = {
        uuid_of(busy, "VM", name): busy.sim.host(host).uuid for name, host in (("web", "boss"), ("mail", "spare"))
    }
    operation = busy.ran("busy", vm_targets=places)
    assert "XENWEB_UNREADABLE" in str(operation.report)
    step = operation.steps.get(title="Move web to boss")
    assert step.error_code == "XENWEB_VM_DID_NOT_MOVE", story(operation)
    assert step.findings[0]["params"][:3] == ["web", "busy", "boss"]
    operations.skip_step(step=step, user=busy.owner, reason="wherever it likes")
    busy.sim.fault("drop_after", method="Async.VM.pool_migrate")
    assert busy.lab.run(operation).state == OperationState.SUCCEEDED, story(operation)
    assert (home_of(busy, "mail"), home_of(busy, "web") in {"boss", "spare"}) == ("spare", True)
    assert len([call for call in busy.sim.calls("Async.VM.pool_migrate") if call.host == "boss"]) == 2


def test_who_is_still_to_move_is_named_with_how_far_it_is() -> None:
    """Each move is a task of its own; of a VM that waits for its turn there is none."""
    mail = VMRecord(ref="1", uuid="1", name_label="mail", current_operations={"OpaqueRef:t": "pool_migrate"})
    web = VMRecord(ref="2", uuid="2", name_label="web", current_operations={"OpaqueRef:gone": "pool_migrate"})
    tasks = {"OpaqueRef:t": TaskRecord(ref="OpaqueRef:t", progress=0.4)}
    assert still_to_move([mail, web], tasks) == "2 still to move: moving mail (40%); waiting web"
    assert still_to_move([web], {}) == "1 still to move: waiting web"
    assert still_to_move([], tasks) == "The last VM has moved"
