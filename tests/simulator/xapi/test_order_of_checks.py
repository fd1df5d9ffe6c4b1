"""Every refusal has its place and its exact shape (the order in which xapi looks at a call)."""

import pytest

from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from tests.simulator.rpc import Rpc, XapiFailure, xml_call

DEAD = "OpaqueRef:dead"


def refusal(rpc: Rpc, method: str, *params: object) -> list[str]:
    with pytest.raises(XapiFailure) as caught:
        rpc.bare(method, *params)
    return caught.value.description


def test_a_stranger_is_session_invalid(rpc: Rpc) -> None:
    assert refusal(rpc, "pool.get_all", DEAD) == ["SESSION_INVALID", DEAD]


def test_the_count_is_checked_before_the_session(rpc: Rpc) -> None:
    assert refusal(rpc, "host.get_record", DEAD) == [
        "MESSAGE_PARAMETER_COUNT_MISMATCH",
        "host.get_record",
        "1",
        "0",
    ]


def test_types_are_checked_before_the_session(rpc: Rpc) -> None:
    assert refusal(rpc, "host.get_record", DEAD, 5) == [
        "INTERNAL_ERROR",
        "Failure(\"Expected string, got 'I(5)'\")",
    ]


def test_a_missing_session_is_no_string(rpc: Rpc) -> None:
    assert refusal(rpc, "pool.get_all", None) == ["INTERNAL_ERROR", "Failure(\"Expected string, got 'N'\")"]


def test_the_session_is_checked_before_an_unknown_name(rpc: Rpc) -> None:
    assert refusal(rpc, "pool.nope", DEAD) == ["SESSION_INVALID", DEAD]
    assert refusal(rpc, "pool.nope", rpc.session) == ["MESSAGE_METHOD_UNKNOWN", "pool.nope"]
    assert refusal(rpc, "pool.nope") == ["MESSAGE_METHOD_UNKNOWN", "pool.nope"]


def test_a_read_only_field_has_no_setter(rpc: Rpc, host: HostMachine) -> None:
    found = refusal(rpc, "host.set_uuid", rpc.session, host.ref, "x")
    assert found == ["MESSAGE_METHOD_UNKNOWN", "host.set_uuid"]


def test_withdrawn_fields_stay_in_records_but_lose_their_getter(rpc: Rpc, host: HostMachine) -> None:
    metrics = str(rpc.record("host", host.ref)["metrics"])
    assert "memory_free" in rpc.record("host_metrics", metrics)
    assert refusal(rpc, "host_metrics.get_memory_free", rpc.session, metrics) == ["MESSAGE_REMOVED"]
    assert refusal(rpc, "VMPP.get_all_records", rpc.session) == ["MESSAGE_REMOVED"]


def test_getters_have_no_async_form(rpc: Rpc, host: HostMachine) -> None:
    assert refusal(rpc, "Async.host.get_uuid", rpc.session, host.ref) == [
        "Fault",
        "No async mode for this operation (rpc: host.get_uuid)",
    ]


def test_the_old_spelling_is_understood(rpc: Rpc) -> None:
    assert rpc.call("host_metrics_get_all") == rpc.call("host_metrics.get_all")


@pytest.mark.parametrize("ref", ["OpaqueRef:NULL", "", "OpaqueRef:foreign"])
def test_a_dangling_reference_is_named_with_its_class(rpc: Rpc, ref: str) -> None:
    assert refusal(rpc, "PIF.get_record", rpc.session, ref) == ["HANDLE_INVALID", "PIF", ref]


def test_text_that_xml_cannot_carry_is_an_early_failure(rpc: Rpc) -> None:
    found = refusal(rpc, "pool.get_by_uuid", rpc.session, "a\x01")
    assert found == ["INVALID_VALUE", "Invalid UTF-8 string in parameter", "S(a?)"]


def test_an_emergency_answers_everything_but_emergency_calls(rpc: Rpc, host: HostMachine) -> None:
    host.emergency_error = XapiError("HOST_STILL_BOOTING")
    assert refusal(rpc, "session.login_with_password", "root", "x") == ["HOST_STILL_BOOTING"]
    local = rpc.bare("session.slave_local_login_with_password", host.username, host.password)
    assert str(local).startswith("OpaqueRef:")
    answer = rpc.post("/jsonrpc", b'{"method":"pool.get_all","params":[],"id":"a"}')
    assert answer.text == '{"jsonrpc":"2.0","error":["HOST_STILL_BOOTING"],"id":0}'


def test_surplus_arguments_are_ignored_only_where_some_are_optional(rpc: Rpc, host: HostMachine) -> None:
    login = (host.username, host.password)
    assert rpc.bare("session.login_with_password", *login)
    assert rpc.bare("session.login_with_password", *login, "1", "me", "more")
    assert refusal(rpc, "pool.get_all", rpc.session, "more")[0] == "MESSAGE_PARAMETER_COUNT_MISMATCH"


def test_integers_are_text_in_xml_and_numbers_in_json(rpc: Rpc) -> None:
    network = rpc.ref("network.create", {"MTU": "9000", "other_config": {}})
    assert rpc.call("network.get_MTU", network) == 9000
    text = rpc.post("/", xml_call("network.get_MTU", rpc.session, network)).text
    assert "<name>Value</name><value>9000</value>" in text


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, "9999999999999999999"])
def test_integers_have_64_bits(rpc: Rpc, number: object) -> None:
    fields = {"name_label": "wide", "name_description": "", "MTU": number, "other_config": {}}
    with pytest.raises(XapiFailure) as caught:
        rpc.call("network.create", fields)
    assert caught.value.description == ["INTERNAL_ERROR", 'Failure("int_of_string")']


@pytest.mark.parametrize("number", ["nan", "inf", "1e999", 10**400], ids=["nan", "inf", "1e999", "10**400"])
def test_floats_are_numbers(rpc: Rpc, number: object) -> None:
    task = rpc.call("task.create", "mine", "")
    with pytest.raises(XapiFailure) as caught:
        rpc.call("task.set_progress", task, number)
    assert caught.value.description == ["INTERNAL_ERROR", 'Failure("float_of_string")']


def test_is_alive_gives_back_its_first_parameter(rpc: Rpc) -> None:
    assert rpc.bare("system.isAlive:x", "me") == "me"
    assert refusal(rpc, "system.isAlive:x") == ["INTERNAL_ERROR", 'Failure("hd")']
