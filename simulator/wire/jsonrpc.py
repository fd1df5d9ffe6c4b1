"""JSON-RPC as xapi speaks it: 2.0 when the call says so, its own 1.0 otherwise, no batches."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simulator.wire.xmlrpc import MalformedCallError


@dataclass(frozen=True)
class JsonCall:
    """`version` is "1.0" or "2.0" and decides the shape of the answer."""

    method: str
    params: list[Any]
    id: int | str
    version: str


def no_number(word: str) -> float:
    """NaN and Infinity are Python's, not JSON's."""
    raise ValueError(f"{word} is no number")


def decode_call(body: bytes) -> JsonCall:
    try:
        data = json.loads(body.decode("utf-8", "surrogateescape"), parse_constant=no_number)
    except (ValueError, RecursionError) as error:
        raise MalformedCallError(str(error)) from error
    if not isinstance(data, dict) or not isinstance(data.get("method"), str):
        raise MalformedCallError("expected an object with a method")
    return JsonCall(data["method"], _params(data), _id(data), _version(data))


def _version(data: dict[str, Any]) -> str:
    if "jsonrpc" not in data:
        return "1.0"
    if data["jsonrpc"] != "2.0":
        raise MalformedCallError("unknown jsonrpc version")
    return "2.0"


def _id(data: dict[str, Any]) -> int | str:
    found = data.get("id")
    if isinstance(found, bool) or not isinstance(found, int | str):
        raise MalformedCallError("id: expected an integer or a string")
    return found


def _params(data: dict[str, Any]) -> list[Any]:
    """2.0 may leave params out, or give one struct; 1.0 wants an array."""
    params = data.get("params")
    if isinstance(params, list):
        return params
    if "jsonrpc" in data and params is None:
        return []
    if "jsonrpc" in data and isinstance(params, dict):
        return [params]
    raise MalformedCallError("params: expected an array")


def encode_success(call: JsonCall, value: object) -> bytes:
    value = "" if value is None else value
    if call.version == "2.0":
        return _dump({"jsonrpc": "2.0", "result": value, "id": call.id})
    return _dump({"result": value, "error": None, "id": call.id})


def encode_failure(call: JsonCall, description: Sequence[str]) -> bytes:
    if call.version == "1.0":
        return _dump({"result": None, "error": list(description), "id": call.id})
    error = {"code": 1, "message": description[0], "data": list(description[1:])}
    return _dump({"jsonrpc": "2.0", "error": error, "id": call.id})


def encode_early_failure(description: Sequence[str]) -> bytes:
    """Errors before the dispatcher are version 2.0 whatever was asked, an array, and id 0."""
    return _dump({"jsonrpc": "2.0", "error": list(description), "id": 0})


def _dump(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
