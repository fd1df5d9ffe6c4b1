"""A join that XAPI calls a success may have lost something: each loss is told apart, and nothing is sent twice."""

import pytest

from pools import connections
from pools.models import Attempt, Credential, OperationState, Pool
from pools.xapi.endpoint import Login
from simulator.scenes.spoil_state import run_vm
from tests.fixtures.lab import Lab, story
from tests.pools.canary import rows_with
from tests.pools.operations.after_join.adding import adding, scene_with_ha, step

OWN = "its-own-password-4711"
FILER = "Heartbeat filer"


@pytest.fixture
def other_password(lab: Lab) -> Lab:
    """The joiner had a password of its own."""
    lab.sim.hosts[1].password = OWN
    connections.save_login(lab.servers[1].pool, Login(username="root", password=OWN), lab.owner)
    return lab


def test_the_stored_login_follows_the_join(other_password: Lab) -> None:
    lab = other_password
    operation = lab.run_steps(lab.started(), 4)
    assert step(operation, "ProveLogin").state == "done", story(operation)
    server = lab.servers[1]
    old = server.pool
    server.refresh_from_db()
    assert server.pool == lab.coordinator.pool
    assert not Credential.objects.filter(pool=old).exists()
    assert Pool.objects.get(pk=old.pk).retired_at
    asked = lab.sim.calls("session.slave_local_login_with_password")
    assert [call.host for call in asked] == ["xs-02"]


def test_a_member_that_kept_its_old_password_waits_for_a_person(other_password: Lab, hurried: None) -> None:
    lab = other_password
    lab.sim.fault("password_not_fetched", host="xs-02")
    operation = lab.run(lab.started())
    assert step(operation, "ProveLogin").error_code == "XENWEB_PASSWORD_NOT_TAKEN", story(operation)
    assert rows_with(OWN) == []
    lab.sim.hosts[1].password = lab.sim.hosts[0].password
    assert lab.run_again(operation).state == OperationState.SUCCEEDED, story(operation)


def spoiled(lab: Lab, kind: str) -> tuple[str, list[str]]:
    """Run with a fault; returns the code at which the joiner waits, and what was found."""
    lab.sim.fault(kind, host="xs-02")
    operation = lab.run(lab.started())
    assert operation.state == OperationState.OPEN_POINTS, story(operation)
    halted = operation.steps.exclude(error_code="").get()
    return halted.error_code, [str(finding["code"]) for finding in halted.findings]


def test_a_lost_host_record_is_said_by_the_server_itself(lab: Lab) -> None:
    assert spoiled(lab, "host_record_lost") == ("HOST_UNKNOWN_TO_MASTER", [])
    assert len(lab.sim.calls("pool.join")) == 1


def test_lost_metadata_is_said_thing_by_thing(lab: Lab, hurried: None) -> None:
    code, findings = spoiled(lab, "join_metadata_lost")
    assert code == "XENWEB_NOT_AS_FORECAST"
    assert "XENWEB_STORAGE_NOT_AS_FORECAST" in findings


def test_vms_that_did_not_come_are_said(lab: Lab, hurried: None) -> None:
    run_vm(lab.sim.hosts[1], lab.sim.hosts[0])
    database = lab.sim.hosts[1].database
    for ref in database.records("VM"):
        database.set("VM", ref, power_state="Halted")
    assert spoiled(lab, "join_vm_import_fails") == ("XENWEB_NOT_AS_FORECAST", ["XENWEB_VMS_NOT_THERE"])


@pytest.mark.usefixtures("transactional_db")
@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_a_plug_without_a_reply_is_settled_by_what_is_plugged(fault: str) -> None:
    with adding(scene_with_ha(), "ha-coordinator", ["new-1"]) as added:
        operation = added.lab.run_steps(added.started("new-1", ha=True), 4)
        database = added.sim.host("ha-coordinator").database
        filer = next(ref for ref, sr in database.records("SR").items() if sr["name_label"] == FILER)
        for ref, pbd in database.records("PBD").items():
            if (pbd["SR"], pbd["host"]) == (filer, added.sim.host("new-1").ref):
                database.set("PBD", ref, currently_attached=False)
        added.sim.fault(fault, method="Async.PBD.plug")
        operation = added.lab.run(operation)
        assert operation.state == OperationState.SUCCEEDED, story(operation)
        assert Attempt.objects.filter(step=step(operation, "PlugStorage"), call="Async.PBD.plug").exists()
