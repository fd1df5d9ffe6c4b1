import pytest

from simulator.world.host import HostMachine
from simulator.xapi.filters import stored_text
from tests.simulator.rpc import Rpc, XapiFailure


@pytest.fixture
def network(rpc: Rpc) -> str:
    return rpc.ref("network.create", {"other_config": {}, "name_label": "Storage", "MTU": 9000, "tags": ["a"]})


def test_every_type_of_lookup_finds_the_object(rpc: Rpc, network: str) -> None:
    row = rpc.record("network", network)
    assert rpc.call("network.get_by_uuid", row["uuid"]) == network
    assert rpc.call("network.get_by_name_label", "Storage") == [network]
    assert rpc.call("network.get_by_name_label", "nothing") == []
    assert rpc.call("network.get_name_label", network) == "Storage"
    assert network in rpc.call("network.get_all")  # type: ignore[operator]
    assert rpc.call("network.get_all_records")[network] == row  # type: ignore[index]


def test_an_unknown_uuid_is_named(rpc: Rpc) -> None:
    with pytest.raises(XapiFailure) as caught:
        rpc.call("network.get_by_uuid", "nope")
    assert caught.value.description == ["UUID_INVALID", "network", "nope"]


def test_maps_refuse_a_second_value_for_a_key(rpc: Rpc, network: str) -> None:
    rpc.call("network.add_to_other_config", network, "k", "1")
    with pytest.raises(XapiFailure) as caught:
        rpc.call("network.add_to_other_config", network, "k", "2")
    assert caught.value.description == ["MAP_DUPLICATE_KEY", "network", "other_config", network, "k"]
    rpc.call("network.remove_from_other_config", network, "k")
    rpc.call("network.remove_from_other_config", network, "k")
    assert rpc.call("network.get_other_config", network) == {}


def test_sets_bear_repetition(rpc: Rpc, network: str) -> None:
    rpc.call("network.add_tags", network, "b")
    rpc.call("network.add_tags", network, "b")
    rpc.call("network.remove_tags", network, "a")
    rpc.call("network.remove_tags", network, "a")
    assert rpc.call("network.get_tags", network) == ["b"]


def test_create_fills_in_defaults_and_ignores_what_may_not_be_set(rpc: Rpc) -> None:
    row = rpc.record(
        "network", rpc.ref("network.create", {"other_config": {}, "name_label": "x", "uuid": "mine", "what": 1})
    )
    assert (row["MTU"], row["managed"], row["uuid"] != "mine") == (1500, True, True)


def test_create_wants_what_has_no_default(rpc: Rpc) -> None:
    with pytest.raises(XapiFailure) as caught:
        rpc.call("PBD.create", {})
    assert caught.value.description == ["INTERNAL_ERROR", "missing field", "host", ""]


@pytest.mark.parametrize("given", ["OpaqueRef:forgotten", "OpaqueRef:NULL", "", "anything"])
def test_a_generated_setter_takes_any_reference(rpc: Rpc, given: str) -> None:
    """Its code is a write to the database, which does not look where it points (gen_db_actions.ml); reading does."""
    pool = rpc.call("pool.get_all")[0]  # type: ignore[index]
    rpc.call("pool.set_default_SR", pool, given)
    assert rpc.call("pool.get_default_SR", pool) == given
    with pytest.raises(XapiFailure) as caught:
        rpc.call("SR.get_record", given)
    assert caught.value.description == ["HANDLE_INVALID", "SR", given]


def test_enums_are_matched_without_regard_to_case(rpc: Rpc, host: HostMachine) -> None:
    pif = host.database.create("PIF", host=host.ref)
    assert rpc.record("PIF", pif)["ip_configuration_mode"] == "None"
    task = rpc.ref("task.create", "t", "")
    rpc.call("task.set_status", task, "SUCCESS")
    assert rpc.record("task", task)["status"] == "success"
    with pytest.raises(XapiFailure, match="Unknown tag/contents"):
        rpc.call("task.set_status", task, "finished")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('field "name__label" = "Storage"', 1),
        ('field "MTU" = "9000"', 1),
        ('field "tags" = "(\'a\')"', 1),
        ('(field "managed" = "true") and (field "name__label" = "Storage")', 1),
        ('(field "name__label" = "Storage") and false', 0),
        ('not field "name__label" = "Storage" or true', 0),
        ('false or ("a" = "a") and (field "name__label" = "Storage")', 1),
    ],
)
def test_filters_compare_stored_text(rpc: Rpc, network: str, text: str, count: int) -> None:
    found = rpc.call("network.get_all_records_where", text)
    assert isinstance(found, dict)
    assert len(found) == count
    assert list(found) == rpc.call("network.get_all_where", text)


@pytest.mark.parametrize("text", ["", 'field "MTU"', "true true", 'field MTU = "1"', "(true", "!", "(" * 5000])
def test_a_filter_that_cannot_be_read_is_an_invalid_value(rpc: Rpc, text: str) -> None:
    with pytest.raises(XapiFailure) as caught:
        rpc.call("network.get_all_where", text)
    assert caught.value.description[:2] == ["INVALID_VALUE", text]


def test_a_filter_on_an_unknown_field_names_it(rpc: Rpc) -> None:
    with pytest.raises(XapiFailure) as caught:
        rpc.call("network.get_all_where", 'field "name_label" = "x"')
    assert caught.value.description == ["INTERNAL_ERROR", "missing field", "name_label", ""]


def test_stored_text_of_containers() -> None:
    assert stored_text(["a", "b"]) == "('a' 'b')"
    assert stored_text({"k": "v"}) == "(('k' 'v'))"
    assert stored_text([]) == "()"


def test_each_host_tells_its_own_time(rpc: Rpc, host: HostMachine) -> None:
    host.clock_skew = -86400 * 365 * 10
    assert str(rpc.call("host.get_servertime", host.ref)) < "2020"
    assert not str(rpc.call("host.get_server_localtime", host.ref)).endswith("Z")


def test_list_methods_names_exactly_what_is_served(rpc: Rpc) -> None:
    names = rpc.bare("system.listMethods")
    assert isinstance(names, list)
    assert {"network.destroy", "event.from", "pool.join", "session.logout"} <= set(names)
    for name in names[::7]:
        with pytest.raises(XapiFailure) as caught:
            rpc.bare(name)
        assert caught.value.description[0] != "MESSAGE_METHOD_UNKNOWN"


def test_messages_are_found_by_what_they_are_about(rpc: Rpc, host: HostMachine) -> None:
    ref = rpc.ref("message.create", "ALERT", 5, "Host", host.uuid, "text")
    epoch = "19700101T00:00:00Z"
    assert list(rpc.call("message.get", "Host", host.uuid, epoch)) == [ref]  # type: ignore[call-overload]
    assert rpc.call("message.get", "VM", host.uuid, epoch) == {}
    assert rpc.call("message.get_since", "29990101T00:00:00Z") == {}
    with pytest.raises(XapiFailure, match="UUID_INVALID"):
        rpc.call("message.create", "ALERT", 5, "VM", "none", "text")
    rpc.call("message.destroy", ref)
    assert rpc.call("message.get_all") == []
