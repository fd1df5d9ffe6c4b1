"""Workers, the sweep and persons at the same addresses: nobody waits for a slow server, nobody is overwritten."""

import threading
from concurrent.futures import Future

import pytest
from django.db import connection, transaction

from pools.models import Probe, ProbeState, Server, User
from pools.operations import doorbell
from pools.services import connect, probing
from pools.xapi.errors import XapiUnreachable
from simulator.running import Simulation
from tests.pools.connected import connected
from tests.pools.services.test_probing import looked, target

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tasks that were rung for, with a broker that does not answer."""
    tasks: list[str] = []

    def send(task: str, _row_id: object) -> bool:
        tasks.append(task)
        return False

    monkeypatch.setattr(doorbell, "send", send)
    return tasks


def failing(error: Exception) -> Future[probing.Sight]:
    future: Future[probing.Sight] = Future()
    future.set_exception(error)
    return future


def test_a_server_that_is_slow_to_be_read_holds_no_lock(sim: Simulation, anna: User) -> None:
    probe, _ = looked(anna, *map(target, sim.hosts))
    connect.add(user=anna, probes=[probe])
    sim.fault("hang", host=sim.hosts[0].name, method="event.from")
    worker = threading.Thread(target=add, args=[probe.pk])
    worker.start()
    while not sim.calls("session.login_with_password", host=sim.hosts[0].name)[1:]:
        pass
    with transaction.atomic():
        assert Probe.objects.select_for_update(nowait=True).get(pk=probe.pk).state == ProbeState.ADDING
    sim.world.faults.clear()
    worker.join()


def add(pk: int) -> None:
    probing.examine(pk)
    connection.close()


def test_a_result_that_comes_too_late_changes_nothing(sim: Simulation, anna: User) -> None:
    connect.begin(user=anna, targets=[target(sim.hosts[0])])
    slow = Probe.objects.get()
    assert probing.claimed(slow)
    Probe.objects.update(state=ProbeState.ADDED, login=b"")
    probing.take_in(slow, failing(XapiUnreachable("XENWEB_TIMEOUT", ("somewhere",))))
    stored = Probe.objects.get()
    assert (stored.state, bytes(stored.login), stored.error_code) == (ProbeState.ADDED, b"", "")


def test_what_nobody_thought_of_ends_one_address_and_not_the_batch(sim: Simulation, anna: User) -> None:
    connect.begin(user=anna, targets=[target(sim.hosts[0])])
    probe = Probe.objects.get()
    assert probing.claimed(probe)
    probing.take_in(probe, failing(RuntimeError("odd")))
    stored = Probe.objects.get()
    assert (stored.state, stored.error_code) == (ProbeState.FAILED, "XENWEB_INTERNAL")


def test_a_pin_that_only_a_pool_told_us_gets_no_typed_password(sim: Simulation, anna: User) -> None:
    connected(sim.hosts[0])
    Server.objects.update(pinned_by=None)
    (probe,) = looked(anna, target(sim.hosts[0]), confirm=False)
    assert probe.state == ProbeState.TRUST


def test_many_certificates_are_confirmed_with_one_ring(sim: Simulation, anna: User, sent: list[str]) -> None:
    probes = looked(anna, *map(target, sim.hosts), confirm=False)
    sent.clear()
    assert connect.trust(user=anna, probes=probes) == 2
    assert sent == ["pools.probe_batch"]


def test_a_broker_that_does_not_answer_is_asked_once(sim: Simulation, anna: User, sent: list[str]) -> None:
    probes = looked(anna, *map(target, sim.hosts))
    sent.clear()
    assert connect.add(user=anna, probes=probes) == 2
    assert sent == ["pools.probe"]
