"""A server leaves its pool while the worker is killed in every step: the next one goes on."""

from collections.abc import Iterator

import pytest

from pools.models import Operation, OperationState
from simulator.scenes.loader import parse
from tests.fault.workers import Workers, until
from tests.fixtures.lab import Lab, story
from tests.pools.operations.after_join.adding import rows
from tests.pools.operations.removal.removing import Removing, removing

pytestmark = pytest.mark.fault

SCENE = """
name: leaving
hosts:
  - name: one
    srs: [{name: Filer, type: nfs, shared: true, size_gib: 2000, device_config: {server: 10.0.9.7, serverpath: /p}}]
  - {name: two}
  - {name: three}
pools:
  - name: Pool
    master: one
    members: [two, three]
    default_sr: Filer
    vms:
      - {name: web, host: one, power_state: Running, memory_mib: 512, disks: [{name: web disk, sr: Filer}]}
      - {name: archive, host: one, disks: [{name: cold, size_gib: 1, sr: Local storage}]}
"""
CHANGES = {"HandOver", "DisableHost", "EvacuateHost", "EjectHost", "EnableAgain"}


@pytest.fixture
def leaving(transactional_db: None) -> Iterator[Removing]:
    with removing(parse(SCENE, "leaving.yaml"), "one") as found:
        yield found


@pytest.fixture
def lab(leaving: Removing) -> Lab:
    return leaving.lab


def moving(found: Removing) -> dict[str, object]:
    """The halted VM's disk goes to the filer, everything else is accepted."""
    coordinator = found.sim.host("one")
    filer = next(row["uuid"] for row in rows(coordinator, "SR") if row["name_label"] == "Filer")
    disk = next(row["uuid"] for row in rows(coordinator, "VDI") if row["name_label"] == "cold")
    return {**found.accept("one"), f"vdi:{disk}": {"do": "move", "to": filer}}


@pytest.mark.parametrize("point", ["claimed", "reply_received"])
def test_a_worker_that_is_killed_in_every_step_is_replaced_every_time(
    leaving: Removing, workers: Workers, point: str
) -> None:
    """From the hand-over to the server's return, one death in each step: nothing is sent twice, and it is all done.

    A copy of a disk whose reply nobody kept is left to a person: it cannot be told from one that somebody else made.
    """
    decisions = moving(leaving) if point == "claimed" else leaving.accept("one")
    operation = leaving.started("one", next_coordinator=leaving.sim.host("two").uuid, decisions=decisions)
    workers.start(failpoint=f"*:{point}", processes=1, XENWEB_PATIENCE="15")
    under_way = {OperationState.QUEUED, OperationState.RUNNING}
    until(lambda: Operation.objects.get(pk=operation.pk).state not in under_way, 90)
    operation.refresh_from_db()
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    died = {path.suffix.removeprefix(".") for path in workers.folder.glob("failpoint.*")}
    kinds = set(operation.steps.values_list("kind", flat=True))
    assert died == (kinds if point == "claimed" else CHANGES)
    assert len(leaving.sim.calls("pool.designate_new_master", host="one")) == 1
    assert len([call for call in leaving.sim.calls("pool.eject") if call.host == "two"]) == 1
