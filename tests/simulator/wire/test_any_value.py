"""Any value at any place of any message, over both transports: a legal answer, and no error of this program."""

import json
import re
import xmlrpc.client
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.running import running
from simulator.schema import Type, schema
from simulator.wire.endpoint import handle
from simulator.wire.framing import HttpProblemError, HttpRequest, Reply
from simulator.wire.xmlrpc import encode_value
from simulator.world.host import HostMachine
from simulator.xapi.served import find, names
from tests.simulator.rpc import Rpc

# They block, or end what asks: each has tests of its own.
LEFT_OUT = re.compile(
    r"event\.(from|next)|session\.|emergency|management_disable|restart_agent|host\.(reboot|shutdown)"
)
PYTHON = re.compile(r"(Attribute|Type|Key|Index|Assertion|ZeroDivision|Recursion|Lookup|Unbound\w*)Error")
METHODS = [name for name in names() if not LEFT_OUT.search(name)]
TEXT = st.one_of(st.text(max_size=12), st.sampled_from(["", "OpaqueRef:NULL", "*", "true", "20260101T00:00:00Z"]))
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXT)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=8,
)
FEW = settings(max_examples=100, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def lab() -> Iterator[tuple[HostMachine, str]]:
    with running("two-standalone") as sim:
        yield sim.hosts[0], Rpc(sim.hosts[0]).session


def post(host: HostMachine, path: str, body: bytes) -> Reply:
    return handle(host, HttpRequest("POST", path, "HTTP/1.1", {}, body))


@given(method=st.sampled_from(METHODS), params=st.lists(VALUES, max_size=6), known=st.booleans())
@FEW
def test_json_gets_json(lab: tuple[HostMachine, str], method: str, params: list[object], known: bool) -> None:  # noqa: FBT001
    host, session = lab
    call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": [session, *params] if known else params}
    reply = post(host, "/jsonrpc", json.dumps(call).encode())
    found = json.loads(reply.body, parse_constant=pytest.fail)
    assert ("result" in found) != ("error" in found)
    assert not PYTHON.search(str(found.get("error", ""))), (method, params, found)


@given(method=st.sampled_from(METHODS), params=st.lists(VALUES, max_size=6))
@FEW
def test_xml_gets_xml(lab: tuple[HostMachine, str], method: str, params: list[object]) -> None:
    host, session = lab
    written = "".join(f"<param>{encode_value(value)}</param>" for value in [session, *params])
    body = f"<methodCall><methodName>{method}</methodName><params>{written}</params></methodCall>"
    try:
        text = post(host, "/", body.encode("utf-8", "replace")).body.decode()
    except HttpProblemError as problem:
        text = problem.text
    else:
        xmlrpc.client.loads(text)
    assert not PYTHON.search(text), (method, params, text)


@dataclass(frozen=True)
class Chosen:
    """The so-manieth object of a class, whichever that is when the call is made."""

    cls: str
    number: int

    def ref(self, host: HostMachine) -> str:
        known = host.database.refs(self.cls) if self.cls in host.database.tables else []
        return [*known, "OpaqueRef:NULL", "OpaqueRef:none"][self.number % (len(known) + 2)]


def of_type(kind: Type) -> st.SearchStrategy[object]:
    """Right by its type: references of what is there, and of nothing."""
    if kind.kind == "ref":
        return st.builds(Chosen, st.just(kind.name), st.integers(0, 60))
    if kind.kind == "enum":
        return st.sampled_from([*schema().enums.get(kind.name, ()), "nonsense"])
    if kind.kind == "set" and kind.item:
        return st.lists(of_type(kind.item), max_size=3)
    if kind.kind == "map" and kind.item:
        return st.dictionaries(TEXT, of_type(kind.item), max_size=3)
    simple: dict[str, st.SearchStrategy[object]] = {"int": st.integers(-5, 5000), "bool": st.booleans()}
    return simple.get(kind.kind, VALUES if kind.kind == "record" else TEXT)


def settled(value: object, host: HostMachine) -> object:
    if isinstance(value, Chosen):
        return value.ref(host)
    if isinstance(value, dict):
        return {key: settled(item, host) for key, item in value.items()}
    return [settled(item, host) for item in value] if isinstance(value, list) else value


@given(data=st.data(), method=st.sampled_from(METHODS))
@settings(FEW, max_examples=400)
def test_arguments_of_the_right_types_never_break_a_message(
    lab: tuple[HostMachine, str], data: st.DataObject, method: str
) -> None:
    host, session = lab
    handler = find(method)
    assert handler
    params = [settled(data.draw(of_type(item.type)), host) for item in handler.spec.parameters]
    call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": [session, *params]}
    found = json.loads(post(host, "/jsonrpc", json.dumps(call).encode()).body)
    assert not PYTHON.search(str(found.get("error", ""))), (method, params, found)


def test_the_host_has_survived_it(lab: tuple[HostMachine, str]) -> None:
    assert Rpc(lab[0]).call("pool.get_all")
