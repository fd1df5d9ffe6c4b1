"""PostgreSQL crashes, Valkey freezes, a worker's clock is wrong: the work waits, and goes on without a person."""

import ast
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from launcher import servers
from launcher.valkey import Valkey
from pools.models import Operation, OperationState, ResourceLock, Step, StepState, WorkerPresence
from pools.operations.claims import LEASE
from simulator.world.timing import PROFILES
from tests import source_tree as source
from tests.fault.servers import CrashingPostgres, frozen, own_postgres, sweeping_through
from tests.fault.workers import ROOT, Workers, kill, reaches, sweeping, until
from tests.fixtures.lab import Lab, lab_of, story

pytestmark = [pytest.mark.fault, pytest.mark.slow]
SETTLED = (OperationState.SUCCEEDED, OperationState.OPEN_POINTS, OperationState.NEEDS_ATTENTION, OperationState.STALE)
CLOCK = Path(__file__).parent / "wrong_clock"
WALL_CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "localtime", "gmtime"}


@dataclass
class Scene:
    """A lab with a database of its own, and workers on it."""

    lab: Lab
    postgres: CrashingPostgres
    workers: Workers


@pytest.fixture
def slow_toolstack(monkeypatch: pytest.MonkeyPatch) -> None:
    """The joining server's toolstack takes its time to restart, as real ones do."""
    monkeypatch.setitem(PROFILES, "fast", replace(PROFILES["fast"], down=4))


@pytest.fixture
def scene(service_environment: dict[str, str], slow_toolstack: None, tmp_path: Path) -> Iterator[Scene]:
    with own_postgres() as postgres, lab_of("two-standalone", "fast") as lab:
        environment = service_environment | {"DATABASE_URL": postgres.server.url("xenweb")}
        workers = Workers(environment=environment, folder=tmp_path)
        with sweeping():
            yield Scene(lab, postgres, workers)
            workers.stop()


def waits(operation: Operation, kind: str) -> bool:
    """Whether this step has told people what it waits for."""
    return operation.steps.filter(kind=kind).exclude(note="").exists()


def hold_join(lab: Lab) -> None:
    """The joining server takes pool.join, but neither does it nor answers until ``faults.clear``."""
    lab.sim.fault("delay", method="Async.pool.join", seconds=60)


def until_join_is_held(lab: Lab) -> None:
    until(lambda: not lab.sim.world.faults.waiting(), 20)


def assert_joined_once(lab: Lab, operation: Operation, log: str = "") -> None:
    assert reaches(operation, *SETTLED) == OperationState.SUCCEEDED, story(operation) + log
    assert [call.outcome for call in lab.sim.calls("pool.join")] == ["ok"]
    assert not ResourceLock.objects.exists()
    assert {step.state for step in operation.steps.all()} == {StepState.DONE}


def test_postgres_crashes_while_the_joined_server_restarts(scene: Scene) -> None:
    worker = scene.workers.start()
    operation = scene.lab.started()
    until(lambda: waits(operation, "AwaitMember"), 20)
    scene.postgres.crash()
    time.sleep(1)
    scene.postgres.start()
    assert_joined_once(scene.lab, operation, scene.workers.log)
    assert worker.poll() is None


def test_an_idle_worker_is_known_again_after_a_crash_of_postgres(scene: Scene) -> None:
    scene.workers.start(processes=2)
    before = set(WorkerPresence.objects.values_list("pk", flat=True))
    scene.postgres.crash()
    scene.postgres.start()
    until(lambda: WorkerPresence.objects.exclude(pk__in=before).count() == 2, 15)
    until(lambda: not WorkerPresence.objects.filter(pk__in=before).exists(), 15)


def test_postgres_crashes_between_intent_and_reply(scene: Scene) -> None:
    """The reply comes while there is no database to note it in."""
    hold_join(scene.lab)
    worker = scene.workers.start()
    operation = scene.lab.started()
    until_join_is_held(scene.lab)
    scene.postgres.crash()
    scene.lab.sim.world.faults.clear()
    time.sleep(1)
    scene.postgres.start()
    assert_joined_once(scene.lab, operation, scene.workers.log)
    assert worker.poll() is None


def test_a_process_that_cannot_renew_its_lease_ends_before_it_runs_out(scene: Scene) -> None:
    """A frozen database hangs everybody who asks it, as a cut cable would."""
    hold_join(scene.lab)
    worker = scene.workers.start()
    operation = scene.lab.started()
    until_join_is_held(scene.lab)
    owner = int(WorkerPresence.objects.get(step__kind="JoinPool").name.rpartition(":")[2])
    with scene.postgres.frozen():
        until(lambda: not Path(f"/proc/{owner}").exists(), LEASE)
        scene.lab.sim.world.faults.clear()
        until(lambda: bool(scene.lab.sim.calls("pool.join")), 5)
    assert_joined_once(scene.lab, operation, scene.workers.log)
    assert worker.poll() is None


@pytest.fixture
def broker() -> Iterator[Valkey]:
    with servers.private_directory() as directory, servers.valkey(directory) as found, sweeping_through(found):
        yield found


def test_a_frozen_valkey_costs_no_work(
    transactional_db: None, service_environment: dict[str, str], broker: Valkey, tmp_path: Path
) -> None:
    workers = Workers(environment=service_environment | {"REDIS_URL": broker.url()}, folder=tmp_path)
    with lab_of("two-standalone", "fast") as lab:
        try:
            worker = workers.start()
            operation = lab.started()
            until(lambda: bool(lab.sim.calls("pool.join")), 20)
            with frozen(broker):
                time.sleep(8)
            assert_joined_once(lab, operation, workers.log)
            assert worker.poll() is None
        finally:
            workers.stop()
    assert told(operation) == [f"{step.title}: {word}" for step in operation.steps.all() for word in ("begun", "done")]


def told(operation: Operation) -> list[str]:
    """What the journal says of the steps' beginnings and ends."""
    lines = operation.journal.filter(kind="step").values_list("text", flat=True)
    return [line for line in lines if line.endswith((": begun", ": done"))]


def clock_off(seconds: int) -> dict[str, str]:
    """The environment of a Python process whose wall clock is wrong."""
    return {"PYTHONPATH": str(CLOCK), "XENWEB_CLOCK_OFF": str(seconds)}


@pytest.mark.parametrize("clock", ["time.time()", "datetime.now().timestamp()", "timezone.now().timestamp()"])
def test_the_wrong_clock_is_wrong(clock: str) -> None:
    program = f"import time; from datetime import datetime; from django.utils import timezone; print({clock})"
    environment = os.environ | clock_off(3600)
    said = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True).stdout
    assert float(said) - time.time() == pytest.approx(3600, abs=60)


def test_a_worker_whose_clock_is_wrong_works_like_any_other(lab: Lab, workers: Workers) -> None:
    workers.start(failpoint="", processes=2, **clock_off(3600))
    operation = lab.started()
    assert_joined_once(lab, operation, workers.log)


def test_a_clock_that_is_ahead_steals_no_lease(lab: Lab, workers: Workers) -> None:
    hold_join(lab)
    first = workers.start(processes=1)
    operation = lab.started()
    until_join_is_held(lab)
    workers.start(failpoint="", processes=2, **clock_off(3600))
    time.sleep(3)
    assert Step.objects.get(kind="JoinPool").fence == 1
    kill(first)
    lab.sim.world.faults.clear()
    assert_joined_once(lab, operation, workers.log)
    assert Step.objects.get(kind="JoinPool").fence == 2


def test_the_engine_asks_no_wall_clock() -> None:
    """It decides by the database's clock, and by the monotonic one within an attempt."""
    asked = [
        f"{path.name}:{node.lineno}"
        for path in (ROOT / "pools" / "operations").glob("*.py")
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WALL_CLOCKS
    ]
    assert asked == []
