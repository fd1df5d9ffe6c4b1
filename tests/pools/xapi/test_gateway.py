"""Reading and changing a pool: one fetch, one send, tasks to their end."""

from dataclasses import replace
from datetime import UTC

import pytest

from pools.xapi.errors import XapiFailure, XapiUnreachable
from pools.xapi.gateway import DEFAULT, open_session
from pools.xapi.inventory import Snapshot
from pools.xapi.records import TaskRecord
from simulator.running import Simulation
from tests.pools.xapi.conftest import Reach


class Recorder:
    """Keeps what the gateway tells the owner of a change."""

    def __init__(self, *, refuse: bool = False) -> None:
        self.told: list[tuple[object, ...]] = []
        self.refuse = refuse

    def before_write(self, method: str, arguments: tuple[str, ...]) -> None:
        self.told.append(("before", method, arguments))
        if self.refuse:
            raise LookupError("not now")

    def after_write(self, method: str, task_ref: str) -> None:
        self.told.append(("after", method, task_ref))


def test_all_records_come_in_one_fetch_over_one_encoding(sim: Simulation, reach: Reach) -> None:
    endpoint, login = reach(sim.hosts[0])
    with open_session(endpoint, login) as xapi:
        tables = xapi.snapshot()
        assert xapi.unread == frozenset()
    assert set(tables) == set(DEFAULT)
    snapshot = Snapshot.from_wire(tables)
    assert snapshot.master.name_label == sim.hosts[0].name
    assert snapshot.management_pif(snapshot.master) is not None
    methods = [call.method for call in sim.calls()]
    assert methods == ["session.login_with_password", "event.from", "session.logout"]
    assert {call.transport for call in sim.calls()} == {"jsonrpc"}


def test_only_the_fields_that_are_read_are_kept(sim: Simulation, reach: Reach) -> None:
    endpoint, login = reach(sim.hosts[0])
    with open_session(endpoint, login) as xapi:
        (vm, *_) = xapi.snapshot()["vm"].values()
    assert "name_label" in vm
    assert "HVM_boot_params" not in vm


def test_a_server_without_json_rpc_is_read_over_xml_rpc(sim: Simulation, reach: Reach) -> None:
    endpoint, login = reach(sim.hosts[0])
    with open_session(endpoint, login) as xapi:
        expected = Snapshot.from_wire(xapi.snapshot())
    sim.world.calllog.clear()
    sim.fault("http_500", method="session.login_with_password")
    with open_session(endpoint, login) as xapi:
        assert Snapshot.from_wire(xapi.snapshot()) == expected
        assert xapi.clock().tzinfo is UTC
    assert {call.transport for call in sim.calls()[1:]} == {"xmlrpc"}


def test_the_clock_shows_the_servers_error(sim: Simulation, reach: Reach) -> None:
    sim.fault("clock_skew", host=sim.hosts[0].name, seconds=3600.0)
    endpoint, login = reach(sim.hosts[0])
    with open_session(endpoint, login) as xapi:
        assert 3590 < xapi.clock_skew() < 3610


def test_a_change_is_told_before_and_after(sim: Simulation, reach: Reach) -> None:
    endpoint, login = reach(sim.hosts[0])
    hooks = Recorder()
    with open_session(endpoint, login) as session:
        xapi = session.recorded_by(hooks)
        pool = xapi._pool_ref()
        xapi.pool_set_name_label("Größe <b>&amp;")
        xapi.pool_set_name_description("")
        assert Snapshot.from_wire(xapi.snapshot()).pool.name_label == "Größe <b>&amp;"
    assert hooks.told[:2] == [
        ("before", "pool.set_name_label", (pool, "Größe <b>&amp;")),
        ("after", "pool.set_name_label", ""),
    ]


def test_what_a_hook_raises_prevents_the_call(sim: Simulation, reach: Reach) -> None:
    endpoint, login = reach(sim.hosts[0])
    with open_session(endpoint, login) as xapi, pytest.raises(LookupError):
        xapi.recorded_by(Recorder(refuse=True)).pool_join(sim.hosts[1].address, login)
    assert sim.calls("pool.join") == []


def test_no_intent_is_told_when_the_server_cannot_be_reached(sim: Simulation, reach: Reach) -> None:
    endpoint, login = reach(sim.hosts[0])
    hooks = Recorder()
    with open_session(endpoint, login) as session:
        xapi = session.recorded_by(hooks)
        sim.fault("power_off", host=sim.hosts[0].name)
        with pytest.raises(XapiUnreachable) as caught:
            xapi.pool_join(sim.hosts[1].address, login)
    assert caught.value.sent is False
    assert hooks.told == []


def test_a_control_character_is_refused_before_anything_is_sent(sim: Simulation, reach: Reach) -> None:
    endpoint, login = reach(sim.hosts[0])
    with open_session(endpoint, login) as xapi, pytest.raises(XapiFailure, match="INVALID_VALUE"):
        xapi.pool_set_name_label("bad \x01 name")
    assert sim.calls("pool.set_name_label") == []


def test_a_join_is_a_task_that_is_followed_to_its_end(sim: Simulation, reach: Reach) -> None:
    coordinator, joiner = sim.hosts[:2]
    sim.world.timing = replace(sim.world.timing, fuse=60)  # the joiner's restart would end its session and its task
    (_, pool_login), (endpoint, login) = reach(coordinator), reach(joiner)
    hooks, seen = Recorder(), list[TaskRecord]()
    with open_session(endpoint, login) as session:
        xapi = session.recorded_by(hooks)
        ref = xapi.pool_join(coordinator.address, pool_login)
        task = xapi.wait_task(ref, 20, seen.append)
        assert (task.status, task.progress, task.name_label) == ("success", 1.0, "Async.pool.join")
    masked = (coordinator.address, "root", "•••")
    assert hooks.told == [("before", "Async.pool.join", masked), ("after", "Async.pool.join", ref)]
    assert len(sim.calls("pool.join")) == 1


def test_a_task_that_takes_longer_is_returned_as_it_is(sim: Simulation, reach: Reach) -> None:
    endpoint, login = reach(sim.hosts[0])
    with open_session(endpoint, login) as xapi:
        ref = str(xapi._channel.read("task.create", "long", ""))
        assert xapi.wait_task(ref, 0.1).status == "pending"
        xapi.task_destroy(ref)


def test_a_task_that_is_gone_leaves_the_outcome_unknown(sim: Simulation, reach: Reach) -> None:
    endpoint, login = reach(sim.hosts[0])
    host = sim.hosts[0]
    with open_session(endpoint, login) as xapi:
        ref = str(xapi._channel.read("task.create", "long", ""))
        with pytest.raises(XapiUnreachable, match="XENWEB_TASK_GONE") as caught:
            xapi.wait_task(ref, 5, lambda _: host.database.delete("task", ref) if exists(sim, ref) else None)
    assert caught.value.sent is True


def exists(sim: Simulation, ref: str) -> bool:
    return ref in sim.hosts[0].database.refs("task")


def test_waiting_ends_with_a_change(sim: Simulation, reach: Reach) -> None:
    endpoint, login = reach(sim.hosts[0])
    with open_session(endpoint, login) as xapi:
        known, token = xapi.wait_for_change(["host", "pool"], "", 5)
        assert set(known.records) == {"host", "pool"}
        xapi.pool_set_name_label("Changed")
        changed, later = xapi.wait_for_change(["host", "pool"], token, 5)
        assert [record["name_label"] for record in changed.records["pool"].values()] == ["Changed"]
        assert xapi.wait_for_change(["host"], later, 0)[0].records == {}
