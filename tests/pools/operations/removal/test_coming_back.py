"""How a server comes back that left its pool: each phase says what is not as it should be."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.test import override_settings

from pools.checks.after_removal import compare
from pools.checks.host_remove.heirs import heirs
from pools.forecast.come_back import ComeBack
from pools.models import Operation, OperationState, StepState
from pools.services import operations
from pools.xapi.inventory import Snapshot
from pools.xapi.records import HostMetricsRecord, HostRecord, PIFRecord, PoolRecord
from tests.fixtures.lab import story
from tests.pools.operations.after_join.adding import step
from tests.pools.operations.removal.removing import Removing, removing
from tests.simulator.waiting import until

LEAVES = "four-3"
HOME = PIFRecord(ref="p", host="h", device="eth0", MAC="aa", management=True, ip_configuration_mode="Static", IP="::")
BACK = Snapshot(
    pools={"pool": PoolRecord(ref="pool", master="h", tls_verification_enabled=True)},
    hosts={"h": HostRecord(ref="h", uuid="u", name_label="four-3")},
    pifs={"p": replace(HOME, IP="10.0.0.3", netmask="255.0.0.0")},
)
FORETOLD = ComeBack(
    host_uuid="u", name="four-3", device="eth0", mac="AA", mode="Static", address="10.0.0.3", netmask="255.0.0.0"
)


@pytest.fixture
def four(transactional_db: None) -> Iterator[Removing]:
    with removing("pool-of-four", "four-1") as found:
        yield found


def before(lab: Removing, kind: str) -> Operation:
    operation = lab.started(LEAVES)
    return lab.lab.run_steps(operation, step(operation, kind).seq - 1)


def test_a_password_that_does_not_open_it_is_said_at_once(four: Removing) -> None:
    operation = before(four, "AwaitOwnPool")
    four.sim.fault("wrong_password", host=LEAVES, times=None)
    four.lab.run(operation)
    found = step(operation, "AwaitOwnPool")
    assert (found.state, found.error_code) == (StepState.NEEDS_ATTENTION, "SESSION_AUTHENTICATION_FAILED")
    four.sim.world.faults.clear()
    assert four.lab.run_again(operation).state == OperationState.SUCCEEDED, story(operation)


def test_what_is_not_as_foretold_is_shown_and_can_be_accepted(four: Removing) -> None:
    operation = before(four, "CompareComeBack")
    leaver = four.sim.host(LEAVES)
    until(lambda: not leaver.disk.first_boot)
    (host,) = leaver.database.records("host")
    leaver.database.set("host", host, name_label="another name")
    four.lab.run(operation)
    found = step(operation, "CompareComeBack")
    assert found.error_code == "XENWEB_RETURNED_OTHERWISE", story(operation)
    assert [each["params"] for each in found.findings] == [["name", LEAVES, "another name"]]
    operations.skip_step(step=found, user=four.owner, reason="renamed it myself")
    assert four.lab.run(operation).state == OperationState.SUCCEEDED, story(operation)


def test_storage_that_cannot_be_unplugged_is_the_end_of_this_plan(four: Removing) -> None:
    """What was unplugged before it stays so: another eject needs another plan."""
    operation = before(four, "EjectHost")
    four.sim.fault("pbd_unplug_fails", host=LEAVES, data={"sr": "DVD drives"}, times=None)
    four.lab.run(operation)
    found = step(operation, "EjectHost")
    assert found.state == StepState.FAILED, story(operation)
    evidence = found.attempts.last().evidence  # type: ignore[union-attr]
    assert "It began: 1 of " in evidence["Last proven"]
    assert "xe pbd-plug" in evidence["Look at"]
    four.sim.world.faults.clear()
    four.lab.run_again(operation)
    assert step(operation, "EjectHost").error_code == "XENWEB_SENT_ONCE"
    assert len(four.sim.calls("pool.eject", host="four-1")) == 1


def test_a_lost_reply_hands_the_role_over_once(four: Removing) -> None:
    four.sim.fault("drop_after", method="Async.pool.designate_new_master")
    operation = four.ran("four-1", next_coordinator=four.sim.host("four-2").uuid)
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    assert len(four.sim.calls("pool.designate_new_master", host="four-1")) == 1


def test_nothing_is_ejected_while_the_pool_is_busy_with_something_else(four: Removing) -> None:
    """XAPI would let it wait for up to two hours, and then begin."""
    operation = before(four, "ProveNothingElseIsLost")
    (pool,) = four.sim.host("four-1").database.records("pool")
    four.sim.host("four-1").database.set("pool", pool, current_operations={"OpaqueRef:x": "cert_refresh"})
    four.lab.run(operation)
    found = step(operation, "ProveNothingElseIsLost")
    assert [each["code"] for each in found.findings] == ["XENWEB_POOL_BUSY"], story(operation)
    assert four.sim.calls("pool.eject") == []


def test_a_server_that_is_as_foretold_differs_in_nothing() -> None:
    assert compare(FORETOLD, BACK) == []


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("name", {"name": "other"}),
        ("NIC of management", {"device": "eth1"}),
        ("MAC of management", {"mac": "bb"}),
        ("VLAN of management", {"vlan": 7}),
        ("management address", {"address": "10.0.0.4"}),
        ("gateway", {"gateway": "10.0.0.1"}),
        ("TLS verification", {"tls_verification": False}),
    ],
)
def test_each_thing_that_differs_is_named(what: str, told: dict[str, object]) -> None:
    assert what in {finding.params[0] for finding in compare(replace(FORETOLD, **told), BACK)}  # type: ignore[arg-type]


def test_who_is_at_work_and_has_most_memory_is_recommended() -> None:
    hosts = {
        name: HostRecord(ref=name, uuid=name, name_label=name, enabled=name != "off", metrics=name)
        for name in ("leaves", "small", "large", "off")
    }
    metrics = {
        name: HostMetricsRecord(ref=name, live=True, memory_total=len(name) * (name != "small")) for name in hosts
    }
    pifs = {name: replace(HOME, ref=name, host=name) for name in hosts}
    pool = Snapshot(
        pools={"pool": PoolRecord(ref="pool", master="leaves")}, hosts=hosts, host_metrics=metrics, pifs=pifs
    )
    assert [(heir.uuid, heir.doubts) for heir in heirs(pool, ["leaves"])] == [
        ("large", ()),
        ("small", ()),
        ("off", ("is disabled",)),
    ]


def test_a_server_that_still_believes_in_its_pool_is_told_how_to_leave_it(four: Removing) -> None:
    """It lost its new role on the way down; the pool does not know it any more."""
    operation = before(four, "AwaitToolstack")
    leaver = four.sim.host(LEAVES)
    until(lambda: leaver.up and not leaver.disk.first_boot)
    leaver.pool_conf = f"slave:{four.sim.host('four-1').address}"
    four.sim.world.restart(leaver, after=0)
    with override_settings(PATIENCE=1):
        four.lab.run(operation)
    found = step(operation, "AwaitToolstack")
    assert found.error_code == "XENWEB_STILL_A_MEMBER", story(operation)
    assert found.error_params[0] == LEAVES
