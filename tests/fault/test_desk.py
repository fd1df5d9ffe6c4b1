"""The desk serves what people wait for while every worker is busy, does no steps, and ends when it is told to."""

import signal
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from django.utils import timezone

from pools.models import OperationState, Probe, ProbeState, StepState, WorkerPresence
from pools.operations import doorbell
from pools.services import connect, readiness
from pools.xapi.endpoint import Login
from simulator.world.timing import PROFILES
from tests.fault.workers import Workers, reaches, until
from tests.fixtures.lab import Lab, lab_of, story

pytestmark = pytest.mark.fault


@pytest.fixture
def parts(
    transactional_db: None, valkey: redis.Redis, service_environment: dict[str, str], tmp_path: Path
) -> Iterator[Workers]:
    """The product's own processes; only a desk keeps the time here."""
    found = Workers(environment=service_environment, folder=tmp_path)
    yield found
    found.stop()


def target(lab: Lab) -> connect.Target:
    host = lab.sim.hosts[0]
    return connect.Target(
        address=host.address, port=host.port, login=Login(username=host.username, password=host.password)
    )


def forgotten(lab: Lab) -> Probe:
    """An address that was examined yesterday and never added: only the sweep takes it away."""
    row = connect.new_probe(user=lab.owner, batch=uuid.uuid4(), target=target(lab))
    Probe.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(days=1), state=ProbeState.READY)
    return row


def test_addresses_and_the_sweep_are_served_while_every_worker_is_busy(parts: Workers, lab: Lab) -> None:
    lab.sim.fault("delay", method="Async.pool.join", seconds=60)
    parts.start_product()
    operation = lab.started()
    until(lambda: not lab.sim.world.faults.waiting(), 20)
    parts.desk()
    old, batch = forgotten(lab), connect.begin(user=lab.owner, targets=[target(lab)])
    until(lambda: Probe.objects.get(batch=batch).state == ProbeState.ADDED, 15)
    until(lambda: not Probe.objects.filter(pk=old.pk).exists(), 10)
    assert operation.steps.get(kind="JoinPool").state == StepState.RUNNING
    lab.sim.world.faults.clear()
    assert reaches(operation, OperationState.SUCCEEDED) == OperationState.SUCCEEDED, story(operation)


def test_the_desk_does_no_steps_and_is_no_worker(parts: Workers, lab: Lab) -> None:
    operation = lab.started()
    old = forgotten(lab)
    parts.desk()
    until(lambda: not Probe.objects.filter(pk=old.pk).exists(), 15)
    assert not WorkerPresence.objects.exists()
    assert readiness.readiness() == {"database": True, "broker": True, "worker": False}
    operation.refresh_from_db()
    assert operation.state == OperationState.QUEUED


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT])
def test_a_desk_that_waits_for_a_server_ends_in_time(parts: Workers, lab: Lab, number: signal.Signals) -> None:
    desk = parts.desk()
    lab.sim.fault("delay", method="session.login_with_password", seconds=60)
    connect.begin(user=lab.owner, targets=[target(lab)])
    until(lambda: not lab.sim.world.faults.waiting(), 15)
    desk.send_signal(number)
    assert desk.wait(5) == -signal.SIGALRM


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT])
def test_a_worker_told_to_end_lets_go_of_a_step_that_waits(
    parts: Workers, number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PROFILES, "fast", replace(PROFILES["fast"], down=20))
    with lab_of("two-standalone", "fast") as lab:
        worker = parts.start_product()
        operation = lab.started()
        waiting = operation.steps.filter(kind="AwaitMember").exclude(note="")
        until(waiting.exists, 20)
        worker.send_signal(number)
        assert worker.wait(5) == 0
        assert waiting.get().owner is None


def test_an_operation_makes_way_for_steps_only(valkey: redis.Redis) -> None:
    doorbell.send("pools.sweep", 1)
    assert not doorbell.others_wait()
    doorbell.ring(1)
    assert doorbell.others_wait()
