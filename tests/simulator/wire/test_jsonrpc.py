import json

import pytest

from simulator.wire.jsonrpc import decode_call, encode_early_failure, encode_failure, encode_success
from simulator.wire.xmlrpc import MalformedCallError


def call(**members: object) -> bytes:
    return json.dumps({"method": "m", "params": [], "id": 7} | members).encode()


def test_version_two_has_either_a_result_or_an_error() -> None:
    asked = decode_call(call(jsonrpc="2.0"))
    assert json.loads(encode_success(asked, 5)) == {"jsonrpc": "2.0", "result": 5, "id": 7}
    assert json.loads(encode_failure(asked, ["CODE", "a"])) == {
        "jsonrpc": "2.0",
        "error": {"code": 1, "message": "CODE", "data": ["a"]},
        "id": 7,
    }


def test_version_one_has_both_one_of_them_null() -> None:
    asked = decode_call(call(id="a"))
    assert json.loads(encode_success(asked, 1.0)) == {"result": 1.0, "error": None, "id": "a"}
    assert json.loads(encode_failure(asked, ["CODE"])) == {"result": None, "error": ["CODE"], "id": "a"}


def test_an_early_failure_is_version_two_with_id_zero() -> None:
    assert json.loads(encode_early_failure(["HOST_STILL_BOOTING"])) == {
        "jsonrpc": "2.0",
        "error": ["HOST_STILL_BOOTING"],
        "id": 0,
    }


def test_void_is_the_empty_string() -> None:
    assert json.loads(encode_success(decode_call(call()), None))["result"] == ""


@pytest.mark.parametrize(
    ("params", "understood"),
    [(None, []), ({"a": 1}, [{"a": 1}]), ([1], [1])],
)
def test_version_two_may_leave_params_out_or_give_one_struct(params: object, understood: object) -> None:
    assert decode_call(call(jsonrpc="2.0", params=params)).params == understood


@pytest.mark.parametrize(
    "members",
    [{"id": None}, {"id": True}, {"id": 1.5}, {"jsonrpc": "1.5"}, {"params": None}, {"method": 5}],
)
def test_what_is_no_call_is_refused(members: dict[str, object]) -> None:
    with pytest.raises(MalformedCallError):
        decode_call(call(**members))


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_words_for_numbers_that_json_does_not_have_are_refused(word: str) -> None:
    with pytest.raises(MalformedCallError):
        decode_call(b'{"method": "pool.get_all", "params": [' + word.encode() + b'], "id": 1}')


@pytest.mark.parametrize("body", [b"", b"[]", b"5", b"[" * 100_000, b"{"])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedCallError):
        decode_call(body)
