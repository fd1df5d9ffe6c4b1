"""What a client sees after Pool.join has said success."""

from collections.abc import Iterator

import pytest

from simulator.running import Simulation, running
from simulator.xapi.machines import host_row, pool_row
from simulator.xapi.network.rows import add_network
from tests.simulator.pool.joining import is_enabled, joined, record, refusal
from tests.simulator.rpc import Rpc, XapiFailure
from tests.simulator.waiting import until


@pytest.fixture
def fast() -> Iterator[Simulation]:
    with running("two-standalone", profile="fast") as found:
        yield found


def told(rpc: Rpc, method: str, *arguments: object) -> str:
    """Error code of a call, the kind of broken connection, or ok."""
    try:
        rpc.call(method, *arguments)
    except XapiFailure as failure:
        return failure.description[0]
    except OSError as error:
        return type(error).__name__
    return "ok"


def test_success_comes_before_the_restart_and_the_new_host_is_neither_live_nor_enabled(fast: Simulation) -> None:
    joiner, master = fast.hosts
    assert refusal(joiner, master) == []
    host = record(master, "host", joiner.uuid)
    metrics = Rpc(master).record("host_metrics", host["metrics"])
    assert (host["enabled"], metrics["live"]) == (False, False)
    assert (host["cpu_info"], host["name_description"]) == ({}, "Default install")
    assert Rpc(joiner).call("pool.get_all")


def test_the_joiner_goes_away_and_comes_back_as_a_member(fast: Simulation) -> None:
    joiner, master = fast.hosts
    old = Rpc(joiner)
    assert refusal(joiner, master) == []
    seen: list[str] = []

    def comes_back() -> bool:
        outcome = told(old, "pool.get_all")
        seen.extend([outcome] if outcome not in seen else [])
        return outcome == "SESSION_INVALID"

    until(comes_back)
    assert "ConnectionRefusedError" in seen
    emergency = ["HOST_HAS_NO_MANAGEMENT_IP", "HOST_STILL_BOOTING"]
    assert [code for code in seen if code in emergency] == emergency
    assert told(Rpc(joiner), "pool.get_all") == "HOST_IS_SLAVE"


def test_the_task_can_be_read_until_the_toolstack_ends(fast: Simulation) -> None:
    joiner, master = fast.hosts
    rpc = Rpc(joiner)
    task = rpc.call("Async.pool.join", master.address, master.username, master.password)
    assert rpc.record("task", task)["status"] == "pending"
    until(lambda: rpc.record("task", task)["status"] == "success")
    until(lambda: told(rpc, "task.get_status", task) == "SESSION_INVALID")


def test_host_uuids_stay_and_those_of_pifs_pbds_and_the_pool_change(sim: Simulation) -> None:
    joiner, master = sim.hosts
    before = {cls: uuids(joiner.database.records(cls)) for cls in ("PIF", "PBD", "SR", "host", "pool")}
    old_ref = joiner.ref
    joined(sim, joiner, master)
    after = {cls: uuids(master.database.records(cls)) for cls in before}
    assert before["host"] < after["host"]
    assert not before["PIF"] & after["PIF"]
    assert not before["PBD"] & after["PBD"]
    assert not before["pool"] & after["pool"]
    assert joiner.ref != old_ref


def uuids(records: dict[str, dict[str, object]]) -> set[object]:
    return {row["uuid"] for row in records.values()}


def test_networks_of_cards_are_shared_by_bridge(sim: Simulation) -> None:
    joiner, master = sim.hosts
    bridges = sorted(str(row["bridge"]) for row in master.database.records("network").values())
    joined(sim, joiner, master)
    after = sorted(str(row["bridge"]) for row in master.database.records("network").values())
    assert after == bridges
    for row in master.database.records("network").values():
        assert len(row["PIFs"]) == (2 if str(row["bridge"]).startswith("xenbr") else 0)  # type: ignore[arg-type]


def test_local_storage_comes_along_and_is_plugged(sim: Simulation) -> None:
    joiner, master = sim.hosts
    (local,) = joiner.database.find("SR", name_label="Local storage")
    uuid = str(joiner.database.field("SR", local, "uuid"))
    joined(sim, joiner, master)
    storage = record(master, "SR", uuid)
    assert len(master.database.find("SR", is_tools_sr=True)) == 1
    pbds = [master.database.get("PBD", ref) for ref in storage["PBDs"]]  # type: ignore[attr-defined]
    assert [(pbd["host"], pbd["currently_attached"]) for pbd in pbds] == [(joiner.ref, True)]


def test_the_password_becomes_the_pools(sim: Simulation) -> None:
    joiner, master = sim.hosts
    master.password = "the pool's own"
    joined(sim, joiner, master)
    assert joiner.password == "the pool's own"
    assert Rpc(joiner).bare("session.slave_local_login_with_password", "root", "the pool's own")


def test_nothing_listens_for_sessions_of_the_old_pool(sim: Simulation) -> None:
    joiner, master = sim.hosts
    old = Rpc(joiner)
    assert told(old, "pool.get_all") == "ok"
    joined(sim, joiner, master)
    assert told(old, "pool.get_all") == "SESSION_INVALID"


def test_an_event_stream_on_the_joiner_is_cut(fast: Simulation) -> None:
    joiner, master = fast.hosts
    rpc = Rpc(joiner)
    token = rpc.call("event.from", ["pool"], "", 0.1)["token"]  # type: ignore[index]
    assert refusal(joiner, master) == []
    assert told(rpc, "event.from", ["pool"], token, 20.0) not in {"ok", "TimeoutError"}


def test_fifteen_hosts_join_one_after_the_other() -> None:
    with running("sixteen-standalone") as sim:
        master, *others = sim.hosts
        for joiner in others:
            assert refusal(joiner, master) == []
        until(lambda: all(is_enabled(master, host.uuid) for host in others))
        assert len(sim.calls("pool.join")) == len(others)
        assert len(Rpc(master).call("host.get_all")) == len(sim.hosts)  # type: ignore[arg-type]


def test_pool_level_things_are_lost(sim: Simulation) -> None:
    """[D] pool.md 2.2: nothing copies them."""
    joiner, master = sim.hosts
    mine, theirs = (pool_row(host) for host in (joiner, master))
    mine.set(name_label="Mine", tags=["mine"], other_config={"mine": "yes"})
    mine.set(guest_agent_config={"auto_update_enabled": "false"})
    lost = ("subject", "VMSS", "VM_appliance", "Repository", "blob", "message", "task")
    here = {joiner.database.create(cls) for cls in lost if cls != "message"}
    joiner.database.insert("message", {"name": "MINE", "obj_uuid": joiner.uuid})
    before = theirs.fields("name_label", "tags", "default_SR")
    joined(sim, joiner, master)
    assert theirs.fields("name_label", "tags", "default_SR") == before
    assert "mine" not in theirs.mapping("other_config")
    assert theirs.mapping("guest_agent_config") == {}
    assert not here & {ref for cls in lost for ref in master.database.refs(cls)}
    assert [master.database.refs(cls) for cls in lost[:-1]] == [[]] * len(lost[:-1])


def test_a_cpu_without_vendor_is_an_internal_error(sim: Simulation) -> None:
    """[D] pool.md 1.2, row 13b: no guard around the lookup."""
    joiner, master = sim.hosts
    host_row(joiner).drop("cpu_info", "vendor")
    assert refusal(joiner, master)[0] == "INTERNAL_ERROR"
    assert refusal(joiner, master, "pool.join_force") == []


def test_private_networks_are_not_recreated(sim: Simulation) -> None:
    """[D] pool.md 2.2: xapi0 is a name that network.create keeps for the server."""
    joiner, master = sim.hosts
    add_network(joiner.database, "Private", "xapi0")
    joined(sim, joiner, master)
    assert master.database.find("network", name_label="Private") == []
