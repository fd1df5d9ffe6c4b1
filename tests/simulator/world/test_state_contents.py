"""What a state file keeps of a world, and in what state the world goes on."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from simulator.running import Simulation, running
from simulator.scenes.loader import load, names
from simulator.world import reach, state_database
from simulator.world.host import HostMachine
from simulator.world.interfaces import Plug
from tests.simulator.pool.joining import is_enabled, record, refusal
from tests.simulator.rpc import Rpc
from tests.simulator.waiting import until

MANY = 64  # the time that they would take shows nothing new; tests/simulator/speed has the large estate


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "lab" / "state.json"


def rows(sim: Simulation) -> list[object]:
    """All rows of every database, with the types of their values."""
    databases = {id(host.database): host.database for host in sim.hosts}.values()
    return [
        [(cls, repr(database.records(cls)), types(database.records(cls))) for cls in database.tables]
        for database in databases
    ]


def types(value: object) -> object:
    if isinstance(value, dict):
        return {key: types(item) for key, item in value.items()}
    return [types(item) for item in value] if isinstance(value, list) else type(value)


def disk(host: HostMachine) -> tuple[object, ...]:
    """Without the copy of the database: its turn may come at any moment."""
    return (
        host.uuid, host.password, host.role, host.powered, host.booted_at, host.clock_skew,
        replace(host.disk.copied(), database_copy=None), host.api_version, host.software,
        host.edition_ranks, host.hardware, host.address,
        host.certificate.fingerprint(),
    )  # fmt: skip


@pytest.mark.parametrize("scene", [name for name in names() if len(load(name).hosts) <= MANY])
def test_every_scene_comes_back_as_it_was(scene: str, state: Path) -> None:
    with running(scene, state=state) as sim:
        before = rows(sim), [disk(host) for host in sim.hosts]
    with running(scene, state=state) as sim:
        assert (rows(sim), [disk(host) for host in sim.hosts]) == before


def test_what_faults_changed_stays_changed(state: Path) -> None:
    with running("two-standalone", state=state) as sim:
        first, second = sim.hosts
        sim.fault("power_off", host=first.name)
        sim.fault("clock_skew", host=second.name, seconds=300)
        sim.fault("certificate_replaced", host=second.name)
        second.use_cpu("rome")
        shown = second.certificate.fingerprint()
    with running("two-standalone", state=state) as sim:
        first, second = sim.hosts
        assert (first.powered, first.up, second.up) == (False, False, True)
        assert (second.clock_skew, second.hardware.cpu.vendor) == (300, "AuthenticAMD")
        assert second.certificate.fingerprint() == shown
        sim.fault("power_on", host=first.name)
        until(lambda: first.settled)
        assert is_enabled(first, first.uuid)


def test_a_member_that_was_starting_starts_again(state: Path) -> None:
    with running("two-standalone", state=state) as sim:
        joiner, master = sim.hosts
        sim.fault("toolstack_crash", host=joiner.name, step="sync", times=None)
        assert refusal(joiner, master) == []
        until(lambda: joiner.pool_conf != "master")
    assert [machine["settled"] for machine in json.loads(state.read_text())["machines"]] == [False, True]
    with running("two-standalone", state=state) as sim:
        joiner, master = sim.hosts
        until(lambda: is_enabled(master, joiner.uuid))
        assert joiner.role == f"slave:{master.address}"
        assert joiner.database is master.database
        until(lambda: joiner.settled)
        assert record(master, "host", joiner.uuid)["cpu_info"]


def test_a_join_that_was_under_way_can_be_asked_for_again(state: Path) -> None:
    with running("two-standalone", profile="real", state=state) as sim:
        joiner, master = sim.hosts
        Rpc(joiner).call("Async.pool.join", master.address, master.username, master.password)
        until(lambda: len(master.database.refs("host")) == 2)
    with running("two-standalone", state=state) as sim:
        joiner, master = sim.hosts
        assert (joiner.role, is_enabled(master, joiner.uuid)) == ("master", False)
        assert refusal(joiner, master) == []
        until(lambda: is_enabled(master, joiner.uuid))


def test_an_old_token_sees_what_happened_since_and_sessions_are_gone(state: Path) -> None:
    with running("two-standalone", state=state) as sim:
        rpc = Rpc(sim.hosts[0])
        kept, gone = sim.hosts[0].database.refs("network")[:2]
        token = rpc.call("event.from", ["network"], "", 0.1)["token"]  # type: ignore[index]
        rpc.call("network.set_name_label", kept, "renamed")
        sim.hosts[0].database.delete("network", gone)
    with running("two-standalone", state=state) as sim:
        assert sim.hosts[0].database.refs("session") == []
        rpc = Rpc(sim.hosts[0])
        answer = rpc.call("event.from", ["network"], token, 0.1)
        assert isinstance(answer, dict)
        assert [(event["operation"], event["ref"]) for event in answer["events"]] == [("mod", kept), ("del", gone)]
        rpc.call("network.set_name_label", kept, "again")
        [event] = rpc.call("event.from", ["network"], answer["token"], 5.0)["events"]  # type: ignore[index]
        assert event["snapshot"]["name_label"] == "again"


def test_what_ran_on_a_pool_does_not_outlive_the_process(state: Path) -> None:
    other = {"OpaqueRef:an-update": "apply_updates"}
    with running("two-standalone", state=state) as sim:
        database = sim.hosts[0].database
        operations = other | {"OpaqueRef:x": "exchange_certificates_on_join", "OpaqueRef:y": "eject"}
        database.set("pool", database.refs("pool")[0], current_operations=operations)
    with running("two-standalone", state=state) as sim:
        database = sim.hosts[0].database
        assert database.field("pool", database.refs("pool")[0], "current_operations") == other


def test_all_that_stands_on_a_disk_comes_back(state: Path) -> None:
    with running("two-standalone", state=state) as sim:
        first = sim.hosts[0]
        first.disk.database_copy = state_database.saved(first.database)
        first.disk.pool_secret = "known to the pool"
        first.interfaces.put(Plug(bridge="xapi7", nics=(first.hardware.nics[0].mac,), vlan=7, properties={"a": "b"}))
        before = first.disk.copied()
    with running("two-standalone", state=state) as sim:
        assert sim.hosts[0].disk == before
        assert [nic.device for nic in reach.lit(sim.hosts[0], "xapi7")] == ["eth0"]


def damaged(text: str, **changes: object) -> str:
    return json.dumps(json.loads(text) | changes)


def with_a_row(text: str, cls: str, field: str, value: object) -> str:
    data = json.loads(text)
    row = next(iter(data["databases"][0]["tables"][cls]["rows"].values()))
    row["fields"][field] = value
    return json.dumps(data)


@pytest.mark.parametrize(
    "text",
    [
        lambda _: "",
        lambda _: "[]",
        lambda _: '{"scene": 1}',
        lambda _: "[" * 100_000,
        lambda text: damaged(text, format=0),
        lambda text: damaged(text, fingerprint="of the scene before it was edited"),
        lambda text: damaged(text, machines=[]),
        lambda text: damaged(text, databases=[]),
        lambda text: damaged(text, colour="red"),
        lambda text: with_a_row(text, "host", "colour", "red"),
        lambda text: with_a_row(text, "host", "enabled", "yes"),
        lambda text: with_a_row(text, "pool", "last_update_sync", 1),
        lambda text: with_a_row(text, "host", "PBDs", [1]),
    ],
)
def test_what_cannot_be_used_is_kept_aside(state: Path, text: object, caplog: pytest.LogCaptureFixture) -> None:
    with running("two-standalone", state=state):
        pass
    assert callable(text)
    useless = text(state.read_text())
    state.write_text(useless)
    with running("two-standalone", state=state) as sim:
        assert Rpc(sim.hosts[0]).call("pool.get_all")
    assert state.with_name("state.json.broken").read_text() == useless
    assert "the scene starts afresh" in caplog.text
    assert json.loads(state.read_text())["machines"]


def test_a_disk_that_refuses_is_said_once_and_tried_again(state: Path, caplog: pytest.LogCaptureFixture) -> None:
    with running("two-standalone", state=state, certificates=state.parent.with_name("keys")) as sim:
        database = sim.hosts[0].database
        shutil.rmtree(state.parent)
        database.set("pool", database.refs("pool")[0], name_label="unwritten")
        until(lambda: "cannot be written for now" in caplog.text)
        state.parent.mkdir()
        until(lambda: state.is_file() and "unwritten" in state.read_text())
    assert caplog.text.count("cannot be written for now") == 1
