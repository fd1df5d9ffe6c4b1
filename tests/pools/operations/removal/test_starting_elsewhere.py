"""What ran on a server that is dead runs on the others, and what is lost with it is what was said."""

from collections.abc import Iterator

import pytest

from pools.forecast.losses import OrphanKind
from pools.models import Operation, OperationState
from pools.services import examination, host_forget, operations, silence
from pools.services.errors import ChecksFailed
from pools.xapi.inventory import Snapshot
from simulator.scenes.model import DiskSpec, HostSpec, PoolSpec, Scene, VmSpec
from simulator.xapi.rows import Row, first
from tests.fixtures.lab import story
from tests.pools.connected import server_of
from tests.pools.forecast.losing import Departure, lying_on, read
from tests.pools.operations.after_join.adding import step
from tests.pools.operations.removal.removing import Removing, removing
from tests.pools.operations.removal.test_promote import draft as promotion

TABLES = ("hosts", "vms", "srs", "vdis")
ON_HEAD = VmSpec(name="on-head", host="head", power_state="Running", disks=(DiskSpec(name="its disk", size_gib=1),))
HEADLESS = Scene(
    name="headless",
    hosts=(HostSpec(name="head"), HostSpec(name="arm-1"), HostSpec(name="arm-2")),
    pools=(PoolSpec(name="P", master="head", members=("arm-1", "arm-2"), vms=(ON_HEAD,)),),
)


@pytest.fixture
def three(transactional_db: None) -> Iterator[Removing]:
    with removing("dead-member", "coordinator") as found:
        yield found


def vm(lab: Removing, name: str) -> Row:
    found = first(lab.sim.host("coordinator").database, "VM", name_label=name)
    assert found
    return found


def draft(lab: Removing, name: str = "dead", **chosen: object) -> Operation:
    server = server_of(lab.sim.host(name))
    operation = host_forget.begin(user=lab.owner, pool=lab.pool, server=server)
    return host_forget.choose(operation=operation, user=lab.owner, stated_dead=name, **chosen)


def ran(lab: Removing, operation: Operation) -> Operation:
    planned = operations.make_plan(operation=operation, user=lab.owner)
    return lab.lab.run(operations.start(operation=planned, user=lab.owner))


def shown(lab: Removing, operation: Operation) -> silence.SilencePage:
    """What the page says when a worker has asked around."""
    examination.ask(operation=operation, user=lab.owner)
    examination.run(str(operation.pk))
    operation.refresh_from_db()
    return silence.page(operation)


def test_vms_on_shared_storage_run_on_another_server_by_their_priority(three: Removing) -> None:
    vm(three, "web").set(ha_restart_priority="restart")
    chosen = [vm(three, name).uuid for name in ("ledger", "web", "cache")]
    operation = ran(three, draft(three, start_vms=chosen))
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    kinds = list(operation.steps.order_by("seq").values_list("kind", flat=True))
    assert kinds == ["DeclareDead", "StartElsewhere", "StartElsewhere", "ForgetHost", "AwaitForgotten"]
    started = operation.steps.filter(kind="StartElsewhere").order_by("seq")
    assert [each.params["vm_name"] for each in started] == ["web", "ledger"]
    for name in ("web", "ledger"):
        assert vm(three, name).to("resident_on", "host").text("name_label") in {"coordinator", "helper"}
    assert vm(three, "cache").text("power_state") == "Halted"


def test_a_vm_that_refuses_holds_up_neither_the_others_nor_the_forgetting(three: Removing) -> None:
    ledger, web = vm(three, "ledger"), vm(three, "web")
    ledger.set(VCPUs_max=512)
    operation = ran(three, draft(three, start_vms=[ledger.uuid, web.uuid]))
    assert operation.state == OperationState.OPEN_POINTS, story(operation)
    assert "1 waits" in operation.journal.order_by("pk").last().text  # type: ignore[union-attr]
    assert web.text("power_state") == "Running"
    assert step(operation, "ForgetHost").state == "done"
    assert operation.steps.get(lane=ledger.uuid).error_code == "NO_HOSTS_AVAILABLE"


def test_ha_forbids_to_forget_a_dead_server_but_not_to_free_its_vms(three: Removing) -> None:
    pool = first(three.sim.host("coordinator").database, "pool")
    assert pool
    pool.set(ha_enabled=True)
    with pytest.raises(ChecksFailed):
        operations.make_plan(operation=draft(three), user=three.owner)
    planned = operations.make_plan(operation=draft(three, forget_host=False), user=three.owner)
    assert [step.kind for step in planned.steps.all()] == ["DeclareDead"]


def test_a_lost_reply_to_a_start_starts_no_vm_twice(three: Removing) -> None:
    three.sim.fault("drop_after", method="Async.VM.start")
    operation = ran(three, draft(three, start_vms=[vm(three, "web").uuid]))
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    assert len(three.sim.calls("VM.start")) == 1


def test_what_a_dead_member_takes_with_it_is_what_was_said(three: Removing) -> None:
    coordinator, dead = three.sim.host("coordinator"), three.sim.host("dead")
    before, there = read(coordinator), lying_on(dead)
    page = shown(three, draft(three))
    assert {each.name: bool(each.on) for each in page.restarts} == {"web": True, "ledger": True, "cache": False}
    operation = ran(three, draft(three, forget_srs=storage_in(page), start_vms=[]))
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    assert_as_said(page, before, read(coordinator), there)
    assert there == lying_on(dead)
    assert {vm.name for vm in page.restarts if vm.lost} == {"cache"}


def assert_as_said(page: silence.SilencePage, before: Snapshot, after: Snapshot, there: set[str]) -> None:
    """The pool lost what was said, and that is what lies on the server's own disks."""
    left = Departure(foretold=page.losses, before=before, after=after, disks=there)
    assert {disk.uuid for disk in page.losses.destroyed} == left.gone == left.disks
    assert {(row.kind, row.uuid) for row in page.losses.orphaned} == left.orphans()


def test_nothing_is_lost_with_a_dead_coordinator_before_it_is_forgotten(transactional_db: None) -> None:
    """What another server takes over is all that the pool had; the rest is said when the dead one is forgotten."""
    with removing(HEADLESS, "head") as lab:
        dead, heir = lab.sim.host("head"), lab.sim.host("arm-1")
        before, there = read(dead), lying_on(dead)
        lab.sim.world.power_off(dead)
        assert ran(lab, promotion(lab, "arm-1", "head")).state == OperationState.SUCCEEDED
        lab.pool.refresh_from_db()
        assert {table: uuids(read(heir), table) for table in TABLES} == {name: uuids(before, name) for name in TABLES}
        page = shown(lab, draft(lab, "head"))
        operation = ran(lab, draft(lab, "head", forget_srs=storage_in(page)))
        assert operation.state == OperationState.SUCCEEDED, story(operation)
        assert_as_said(page, before, read(heir), there)
        assert (OrphanKind.VM, "on-head") in {(row.kind, row.name) for row in page.losses.orphaned}
        assert there == lying_on(dead)


def uuids(pool: Snapshot, table: str) -> set[str]:
    return {each.uuid for each in getattr(pool, table).values()}


def storage_in(page: silence.SilencePage) -> list[str]:
    """The storage among the leftovers."""
    return [key.partition(":")[2] for key, _ in page.leftovers if key.startswith("sr:")]
