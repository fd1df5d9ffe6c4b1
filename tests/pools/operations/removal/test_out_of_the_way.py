"""VMs that keep a server in its pool are mended or stopped by a plan of its own, before the removal and within it."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus

import pytest

from pools.models import Operation, OperationState, ResourceLock
from pools.services import examination, fixes, operations, planning
from pools.services.errors import ResourceBusy
from simulator.xapi.rows import Row, add
from simulator.xapi.rows import rows as rows_of
from tests.fixtures.lab import story
from tests.fixtures.people import SignIn
from tests.pools.connected import server_of
from tests.pools.operations.removal.removing import Removing, removing
from tests.pools.operations.removal.test_evacuating import KEPT, emptied, found, kept, uuid_of

GUESTS = {"mail": "eject", "paused": "unpause", "pci": "clean", "without-tools": "hard", "lone-network": "suspend"}
ENDED = ["Running", "Running", "Halted", "Halted", "Suspended"]
BEFORE = ["Running", "Paused", "Running", "Running", "Running"]


@pytest.fixture
def busy(transactional_db: None) -> Iterator[Removing]:
    with removing("busy-member", "boss") as found:
        yield found


def vm(busy: Removing, name: str) -> Row:
    return next(rows_of(busy.sim.host("boss").database, "VM", name_label=name))


def disc_in(busy: Removing, name: str) -> Row:
    """Put a disc of the server's own drive into a VM's."""
    machine = busy.sim.host("busy")
    pbds = rows_of(machine.database, "PBD", host=machine.ref)
    drive = next(sr for pbd in pbds if (sr := pbd.to("SR", "SR")).text("type") == "udev")
    disc = add(machine.database, "VDI", SR=drive.ref, name_label="installer", sharable=False, read_only=True)
    facts = {"type": "CD", "mode": "RO", "empty": False, "userdevice": "3", "currently_attached": True}
    return add(machine.database, "VBD", VM=vm(busy, name).ref, VDI=disc.ref, other_config={}, **facts)


def states(busy: Removing) -> list[str]:
    return [vm(busy, name).text("power_state") for name in GUESTS]


def begun(busy: Removing, parent: Operation, chosen: Mapping[str, str]) -> Operation:
    """Choose for VMs by name, have the plan made, and start it."""
    page = fixes.FixPage(kind="fix_guests", server=server_of(busy.sim.host("busy")), parent=parent)
    vms = {uuid_of(busy, "VM", name): way for name, way in chosen.items()}
    operation = fixes.begin(page=page, user=busy.owner, chosen={"minutes": 5, "vms": vms})
    planning.run(str(operation.pk))
    operation.refresh_from_db()
    assert operation.state == OperationState.PLANNED, operation.report
    return operations.start(operation=operation, user=busy.owner)


def test_a_disc_a_pause_and_vms_are_out_of_the_way_until_that_is_undone(busy: Removing, sign_in: SignIn) -> None:
    drive = disc_in(busy, "mail")
    parent = busy.draft("busy")
    examination.run(str(parent.pk))
    parent.refresh_from_db()
    assert kept(found(parent)) == KEPT | {"mail": "VM_REQUIRES_SR"}
    operation = busy.lab.run(begun(busy, parent, GUESTS))
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    assert (drive.flag("empty"), states(busy)) == (True, ENDED)
    assert kept(found(parent)).keys() == KEPT.keys() - GUESTS.keys()
    sign_in(busy.owner).get(f"/operations/{parent.pk}/losses/")
    parent.refresh_from_db()
    assert examination.state(parent).running, "what the fix changed is read again by itself"
    operations.undo(operation=operation, user=busy.owner)
    busy.lab.run(operation)
    assert operation.state == OperationState.UNDONE, story(operation)
    assert (drive.to("VDI", "VDI").text("name_label"), states(busy)) == ("installer", BEFORE)


def test_a_vm_that_refuses_half_way_is_moved_by_itself_from_the_page_and_the_rest_goes_on(
    busy: Removing, sign_in: SignIn
) -> None:
    emptied(busy)
    busy.sim.fault("vm_migration_fails", data={"vm": "web"}, times=1)
    operation = busy.ran("busy")
    step = operation.steps.get(kind="EvacuateHost")
    assert step.error_code == "XENWEB_EVACUATION_STOPPED", story(operation)
    otto, url = sign_in(busy.owner), f"/operations/{operation.pk}/fix/guests/{busy.sim.host('busy').uuid}/"
    shown = otto.get(f"/operations/{operation.pk}/").content.decode()
    assert "The connection was lost" in shown
    assert f'href="{url}"' in shown
    assert otto.post(url, {"minutes": "5"}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    fix = begun(busy, operation, {"web": "migrate"})
    with pytest.raises(ResourceBusy):
        operations.retry_step(step=step, user=busy.owner)
    assert busy.lab.run(fix).state == OperationState.SUCCEEDED, story(fix)
    assert set(ResourceLock.objects.values_list("operation", flat=True)) == {operation.pk}
    assert busy.lab.run_again(operation).state == OperationState.SUCCEEDED, story(operation)
    assert not ResourceLock.objects.exists()
