"""What goes wrong during a join: each has an end that says what is known, and a way on."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from pools import connections
from pools.models import Attempt, Operation, OperationState, ResourceLock, Step, StepState
from pools.services import operations
from pools.xapi.endpoint import Login
from pools.xapi.messages import MESSAGES
from simulator.scenes.spoil_state import run_vm
from simulator.world.host import HostMachine
from tests.fixtures.lab import Lab, lab_of, story
from tests.simulator.waiting import until


def join(operation: Operation) -> Step:
    return operation.steps.get(kind="JoinPool")


def at_work(coordinator: HostMachine, uuid: str) -> bool:
    """Whether the pool shows a server live and enabled."""
    tables = coordinator.database
    shown = next((row for row in tables.records("host").values() if row["uuid"] == uuid), None)
    return bool(shown and shown["enabled"] and tables.records("host_metrics")[str(shown["metrics"])]["live"])


def halted(operation: Operation, code: str) -> Step:
    """The join is parked, with this code, and waits for a person."""
    assert operation.state == OperationState.OPEN_POINTS, story(operation)
    step = join(operation)
    assert step.error_code == code
    assert code in MESSAGES
    assert step.owner is None
    return step


def test_a_lost_reply_is_no_reason_to_join_twice(lab: Lab) -> None:
    lab.sim.fault("drop_after", method="Async.pool.join")
    operation = lab.succeeded()
    assert len(lab.sim.calls("pool.join")) == 1
    assert Attempt.objects.filter(step=join(operation)).last().outcome == "done"  # type: ignore[union-attr]


def test_a_call_that_proves_not_to_have_arrived_is_sent_again(lab: Lab) -> None:
    lab.sim.fault("drop_before", method="Async.pool.join")
    operation = lab.succeeded()
    assert [call.outcome for call in lab.sim.calls("pool.join")].count("ok") == 1
    assert join(operation).state == StepState.DONE


def test_a_refusal_is_shown_with_the_code_of_xapi_and_can_be_retried(lab: Lab) -> None:
    operation = lab.run_steps(lab.started(), 1)
    run_vm(lab.sim.hosts[1], lab.sim.hosts[0])
    step = halted(lab.run(operation), "JOINING_HOST_CANNOT_HAVE_RUNNING_VMS")
    assert step.state == StepState.FAILED
    halt_vms(lab.sim.hosts[1])
    assert lab.run_again(operation).state == OperationState.SUCCEEDED


def halt_vms(host: HostMachine) -> None:
    for ref, vm in host.database.records("VM").items():
        if not vm["is_control_domain"]:
            host.database.set("VM", ref, power_state="Halted")


def test_a_toolstack_that_crashes_before_anything_was_copied_is_joined_again(lab: Lab) -> None:
    lab.sim.fault("toolstack_crash", host=lab.sim.hosts[1].name, step="after checks")
    operation = lab.succeeded()
    assert join(operation).attempts.count() == 1
    assert len(lab.sim.calls("pool.join")) == 2


def test_a_host_that_dies_during_its_join_recovers_by_retry(transactional_db: None, impatient: None) -> None:
    with lab_of("two-standalone", "fast") as lab:
        joiner = lab.sim.hosts[1]
        operation = lab.started()
        with power_cut_during_join(lab):
            lab.run(operation)
        step = halted(operation, "XENWEB_OUTCOME_UNKNOWN")
        evidence = step.attempts.last().evidence  # type: ignore[union-attr]
        assert "Async.pool.join" in evidence["In doubt"]
        assert joiner.uuid in evidence["Look at"]
        lab.sim.world.power_on(joiner)
        assert lab.run_again(operation).state == OperationState.SUCCEEDED


@contextmanager
def power_cut_during_join(lab: Lab) -> Iterator[None]:
    """Pull the plug of the joining host as soon as its join runs."""

    def cut() -> None:
        while not lab.sim.calls("pool.join"):
            time.sleep(0.005)
        lab.sim.world.power_off(lab.sim.hosts[1])

    thread = threading.Thread(target=cut, daemon=True)
    thread.start()
    yield
    thread.join()


def test_a_wrong_password_fails_the_first_step_and_sends_nothing(lab: Lab) -> None:
    operation = lab.started()
    connections.save_login(lab.servers[1].pool, Login(username="root", password="changed meanwhile"), lab.owner)
    lab.run(operation)
    assert operation.state == OperationState.NEEDS_ATTENTION
    assert operation.steps.get(seq=1).error_code == "SESSION_AUTHENTICATION_FAILED"
    assert not lab.sim.calls("pool.join")


def test_a_changed_certificate_stops_before_anything_is_sent(lab: Lab) -> None:
    operation = lab.started()
    lab.sim.fault("certificate_replaced", host=lab.sim.hosts[1].name)
    lab.run(operation)
    assert operation.steps.get(seq=1).error_code == "XENWEB_CERTIFICATE_CHANGED"
    assert not lab.sim.calls("pool.join")


def test_an_unknown_outcome_names_the_call_and_what_to_look_at(lab: Lab, impatient: None) -> None:
    joiner = lab.sim.hosts[1]
    operation = lab.started()
    lab.sim.fault("host_record_lost", host="*")
    lab.run(operation)
    step = halted(operation, join(operation).error_code)
    evidence = step.attempts.last().evidence  # type: ignore[union-attr]
    assert "xe host-list" in evidence["Look at"]
    assert joiner.uuid in evidence["Look at"]
    assert evidence["Last proven"]
    assert not ResourceLock.objects.filter(operation=operation).exists()


def test_a_person_who_looked_can_say_that_it_happened(lab: Lab, impatient: None) -> None:
    operation = lab.started()
    lab.sim.fault("host_record_lost", host="*")
    lab.run(operation)
    operations.mark_step(step=join(operation), user=lab.owner, done=True, reason="seen on the console")
    assert join(operation).state == StepState.DONE
    operation.refresh_from_db()
    assert operation.state == OperationState.RUNNING


def test_a_server_that_names_another_coordinator_is_no_member_yet(lab: Lab, impatient: None) -> None:
    """The pool shows it live and enabled, but the server itself says something else."""
    operation = lab.run_steps(lab.started(), 2)
    coordinator, joiner = lab.sim.hosts
    lab.sim.world.timing = replace(lab.sim.world.timing, heartbeat=3600)  # who reports elsewhere counts as dead soon
    until(lambda: joiner.up and at_work(coordinator, joiner.uuid))
    joiner.role = "slave:127.64.9.9"
    lab.run(operation)
    step = operation.steps.get(kind="AwaitMember")
    assert step.state == StepState.UNKNOWN, story(operation)
    assert "names 127.64.9.9 as its coordinator" in step.attempts.last().evidence["Missing"]  # type: ignore[union-attr]


def test_a_member_that_is_silent_for_a_moment_is_waited_for(lab: Lab) -> None:
    """The pool shows it live and enabled, but it does not answer just now."""
    operation = lab.run_steps(lab.started(), 2)
    joiner = lab.sim.hosts[1]
    until(lambda: joiner.role != "master" and joiner.settled)
    lab.sim.fault("drop_before", host=joiner.name, method="session.login_with_password", times=4)
    assert lab.run(operation).state == OperationState.SUCCEEDED, story(operation)
