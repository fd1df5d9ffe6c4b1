"""The older way to hear of changes (protocol.md 4.3): register, next, unregister."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.simulator.rpc import Rpc, XapiFailure


def pool_of(rpc: Rpc) -> str:
    found = rpc.call("pool.get_all")
    assert isinstance(found, list)
    return str(found[0])


def heard(rpc: Rpc) -> list[dict[str, object]]:
    events = rpc.call("event.next")
    assert isinstance(events, list)
    return events


def test_what_changes_after_the_registration_comes_as_a_bare_array(rpc: Rpc) -> None:
    rpc.call("event.register", ["pool", "network"])
    rpc.call("pool.set_name_label", pool_of(rpc), "one")
    network = rpc.ref("network.create", {"other_config": {}})
    first, second = heard(rpc)
    assert (first["class"], first["operation"], first["ref"]) == ("network", "add", network)
    assert (second["class"], second["operation"]) == ("pool", "mod")
    assert [first["id"], second["id"]] == ["1", "2"]
    assert rpc.call("event.get_current_id") == 3
    assert str(first["timestamp"]).rstrip(".").isdigit()


def test_next_blocks_until_something_matches(rpc: Rpc) -> None:
    rpc.call("event.register", ["pool"])
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(heard, rpc)
        rpc.call("network.create", {"other_config": {}})
        assert not waiting.done()
        rpc.call("pool.set_name_label", pool_of(rpc), "two")
        assert [event["class"] for event in waiting.result(10)] == ["pool"]


def test_who_did_not_register_is_told_a_hash_and_not_his_session(rpc: Rpc) -> None:
    for forget in (False, True):
        if forget:
            rpc.call("event.register", ["*"])
            rpc.call("event.unregister", ["*"])
        with pytest.raises(XapiFailure) as caught:
            rpc.call("event.next")
        code, told = caught.value.description
        assert code == "SESSION_NOT_REGISTERED"
        assert told.startswith("trackid=")
        assert rpc.session not in told
