import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from simulator.world.host import HostMachine
from simulator.xapi.events import events as watching
from tests.simulator.rpc import Rpc, XapiFailure
from tests.simulator.waiting import until

Batch = dict[str, object]


def watch(rpc: Rpc, classes: list[str], token: str = "", timeout: float = 0.0) -> tuple[list[Batch], str]:
    answer = rpc.call("event.from", classes, token, timeout)
    assert isinstance(answer, dict)
    return answer["events"], answer["token"]


def brief(events: list[Batch]) -> list[tuple[object, object, object]]:
    return [(event["class"], event["operation"], event["ref"]) for event in events]


def test_the_first_batch_adds_everything_with_full_records(rpc: Rpc, host: HostMachine) -> None:
    events, token = watch(rpc, ["*"])
    assert {event["operation"] for event in events} == {"add"}
    mine = next(event for event in events if event["ref"] == host.ref)
    assert mine["snapshot"] == rpc.record("host", host.ref)
    assert mine["class"] == "host"
    assert mine["timestamp"] == "0.0"
    assert isinstance(mine["id"], str)
    assert [len(half) for half in token.split(",")] == [20, 20]


def test_classes_without_events_send_none(rpc: Rpc) -> None:
    rpc.call("secret.create", {"value": "x", "other_config": {}})
    events, _ = watch(rpc, ["*"])
    assert {"session", "secret"}.isdisjoint(str(event["class"]) for event in events)


def test_changes_are_coalesced_to_one_entry_per_object(rpc: Rpc) -> None:
    kept = rpc.ref("network.create", {"other_config": {}, "name_label": "kept"})
    _, token = watch(rpc, ["network"])
    made = rpc.ref("network.create", {"other_config": {}, "name_label": "made"})
    gone = rpc.ref("network.create", {"other_config": {}, "name_label": "gone"})
    rpc.call("network.set_name_label", made, "made and changed")
    rpc.call("network.destroy", gone)
    rpc.call("network.set_name_label", kept, "one")
    rpc.call("network.set_name_label", kept, "two")
    events, token = watch(rpc, ["NETWORK"], token)
    assert brief(events) == [("network", "add", made), ("network", "mod", kept)]
    rpc.call("network.destroy", made)
    events, token = watch(rpc, ["network"], token)
    assert brief(events) == [("network", "del", made)]
    assert "snapshot" not in events[0]
    assert watch(rpc, ["network"], token)[0] == []


def test_both_ends_of_a_relation_change(rpc: Rpc, host: HostMachine) -> None:
    network = rpc.ref("network.create", {"other_config": {}, "name_label": "n"})
    _, token = watch(rpc, ["*"])
    pif = host.database.create("PIF", host=host.ref, network=network)
    events, _ = watch(rpc, ["pif", "network", "host"], token)
    assert set(brief(events)) == {
        ("pif", "add", pif),
        ("network", "mod", network),
        ("host", "mod", host.ref),
    }


def test_one_object_can_be_watched(rpc: Rpc, host: HostMachine) -> None:
    events, _ = watch(rpc, [f"Host/{host.ref}", "nothing/like-it"])
    assert brief(events) == [("host", "add", host.ref)]


def test_counts_tell_the_rows_of_every_table(rpc: Rpc) -> None:
    answer = rpc.call("event.from", ["nothing"], "", 0)
    assert isinstance(answer, dict)
    counts = answer["valid_ref_counts"]
    assert counts["pool"] == 1
    assert counts["task"] == 0
    assert set(counts) >= {"host", "vm", "pif", "host_metrics", "session", "message"}
    assert all(name == name.lower() for name in counts)


def test_a_blocked_watch_wakes_with_the_change(rpc: Rpc) -> None:
    _, token = watch(rpc, ["pool"])
    pool = rpc.call("pool.get_all")[0]  # type: ignore[index]
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(watch, rpc, ["pool"], token, 30.0)
        rpc.call("pool.add_to_other_config", pool, "xo:barrier", "1")
        events, _ = waiting.result(10)
    assert events[0]["snapshot"]["other_config"]["xo:barrier"] == "1"  # type: ignore[index]


def test_an_empty_batch_comes_at_the_time_out(rpc: Rpc) -> None:
    _, token = watch(rpc, ["pool"])
    start = time.monotonic()
    events, later = watch(rpc, ["pool"], token, 0.3)
    assert time.monotonic() - start >= 0.3
    assert events == []
    assert watch(rpc, ["pool"], later)[0] == []


def test_a_logout_ends_a_blocked_watch(rpc: Rpc) -> None:
    _, token = watch(rpc, ["pool"])
    failures: list[list[str]] = []

    def block() -> None:
        try:
            watch(rpc, ["pool"], token, 30.0)
        except XapiFailure as failure:
            failures.append(failure.description)

    blocked = threading.Thread(target=block)
    blocked.start()
    rpc.call("session.logout")
    blocked.join(10)
    assert failures == [["SESSION_INVALID", rpc.session]]


@pytest.mark.parametrize("token", ["x", "1", "1,2,3", "-1,0"])
def test_a_token_of_another_kind_is_refused(rpc: Rpc, token: str) -> None:
    with pytest.raises(XapiFailure) as caught:
        watch(rpc, ["*"], token)
    assert caught.value.description == ["EVENT_FROM_TOKEN_PARSE_FAILURE", token]


def test_inject_is_a_barrier(rpc: Rpc) -> None:
    pool = rpc.call("pool.get_all")[0]  # type: ignore[index]
    token = rpc.ref("event.inject", "pool", pool)
    events, _ = watch(rpc, ["*"], token)
    assert ("pool", "mod", pool) in brief(events)
    with pytest.raises(XapiFailure, match="HANDLE_INVALID"):
        rpc.call("event.inject", "Pool", pool)


def test_messages_come_first_and_count_apart(rpc: Rpc, host: HostMachine) -> None:
    _, token = watch(rpc, ["*"])
    rpc.call("network.create", {"other_config": {}, "name_label": "n"})
    alert = rpc.ref("message.create", "ALERT", 3, "Host", host.uuid, "body")
    events, token = watch(rpc, ["*"], token)
    assert brief(events)[0] == ("message", "add", alert)
    assert events[0]["id"] == "0"
    pool = rpc.call("pool.get_all")[0]  # type: ignore[index]
    again, _ = watch(rpc, ["message"], rpc.ref("event.inject", "pool", pool))
    assert brief(again) == [("message", "add", alert)]


def test_a_burst_of_writes_on_a_blocked_watch_is_one_batch(
    rpc: Rpc, host: HostMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Protocol.md 4.1: a pause between two looks; a long one here, since calls come slower than xapi's own writes."""
    _, token = watch(rpc, ["network"])
    made = [rpc.ref("network.create", {"other_config": {}}) for _ in range(3)]
    _, token = watch(rpc, ["network"], token)
    monkeypatch.setattr(watching, "FIRST_PAUSE", 0.2)
    monkeypatch.setattr(host.world, "timing", replace(host.world.timing, batching=0.2))
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(watch, rpc, ["network"], token, 30.0)
        until(lambda: host.database.waiting == 1)
        for ref in made:
            rpc.call("network.set_name_label", ref, "renamed")
        found, _ = waiting.result(10)
    assert brief(found) == [("network", "mod", ref) for ref in made]


def test_a_negative_time_out_is_no_duration_and_waits_for_a_day(rpc: Rpc, host: HostMachine) -> None:
    _, token = watch(rpc, ["pool"])
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(watch, rpc, ["pool"], token, -1.0)
        until(lambda: host.database.waiting == 1)
        host.database.touch("pool", host.database.refs("pool")[0])
        assert len(waiting.result(10)[0]) == 1
