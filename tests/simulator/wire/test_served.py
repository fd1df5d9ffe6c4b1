"""Each name of system.listMethods is what the published model says of it: parameters, Async and role."""

import json
from collections.abc import Iterator

import pytest

from simulator.running import running
from simulator.schema import MessageSpec, Type, schema
from simulator.schema.hidden import HIDDEN
from simulator.schema.implicit import implicit_messages
from simulator.wire.endpoint import handle
from simulator.wire.framing import HttpRequest
from simulator.world.host import HostMachine
from simulator.xapi.decoding import wire_time
from simulator.xapi.served import find, names

NAMES = names()
VALUES: dict[str, object] = {"int": 1, "float": 1.0, "bool": True, "set": [], "map": {}, "record": {}}


@pytest.fixture(scope="module")
def lab() -> Iterator[tuple[HostMachine, str]]:
    """A session that may do nothing at all."""
    with running("two-standalone") as sim:
        host = sim.hosts[0]
        now = wire_time(host.now())
        yield host, host.database.create("session", is_local_superuser=False, last_active=now)


def refusal(host: HostMachine, method: str, *params: object) -> list[str]:
    call = json.dumps({"method": method, "params": params, "id": 1}).encode()
    found = json.loads(handle(host, HttpRequest("POST", "/jsonrpc", "HTTP/1.1", {}, call)).body)["error"]
    assert isinstance(found, list), (method, found)
    return found


def published(name: str) -> MessageSpec:
    cls, _, message = name.partition(".")
    spec = schema().classes[cls]
    return spec.messages.get(message) or implicit_messages(spec).get(message) or HIDDEN[name]


def value(kind: Type) -> object:
    if kind.kind == "enum":
        return schema().enums[kind.name][0]
    return VALUES.get(kind.kind, "20260101T00:00:00Z")


def arguments(spec: MessageSpec) -> list[object]:
    return [value(item.type) for item in spec.parameters if item.required]


def test_every_served_message_is_one_of_the_model_with_its_parameters() -> None:
    assert [name for name in NAMES if find(name).spec != published(name)] == []  # type: ignore[union-attr]  # served


def test_withdrawn_messages_are_listed_and_async_forms_are_not() -> None:
    assert {"VMPP.get_all_records", "host_metrics.get_memory_free"} <= set(NAMES)
    assert [name for name in NAMES if name.startswith("Async.")] == []


def test_what_the_model_gives_no_async_form_has_none(lab: tuple[HostMachine, str]) -> None:
    host, session = lab
    for name in NAMES:
        spec = published(name)
        if spec.session and not spec.asynchronous and not spec.removed:
            told = refusal(host, f"Async.{name}", session, *arguments(spec))
            assert told == ["Fault", f"No async mode for this operation (rpc: {name})"]


def test_a_withdrawn_message_looks_at_no_type(lab: tuple[HostMachine, str]) -> None:
    host, session = lab
    for name in NAMES:
        spec = published(name)
        if spec.removed:
            assert refusal(host, name, session, *[None for _ in spec.parameters]) == ["MESSAGE_REMOVED"]


def test_every_message_counts_its_parameters_before_it_looks_at_the_session(lab: tuple[HostMachine, str]) -> None:
    for name in NAMES:
        spec = published(name)
        required = sum(item.required for item in spec.parameters)
        if spec.session:
            told = refusal(lab[0], name)
            assert told == ["MESSAGE_PARAMETER_COUNT_MISMATCH", name, str(required), "-1"]
        if required == len(spec.parameters):
            more = ["x"] * (required + 1)
            told = refusal(lab[0], name, *["x"] * spec.session, *more)
            assert told == ["MESSAGE_PARAMETER_COUNT_MISMATCH", name, str(required), str(required + 1)]


def test_every_message_asks_for_the_role_of_the_model(lab: tuple[HostMachine, str]) -> None:
    host, session = lab
    for name in NAMES:
        spec = published(name)
        if spec.session and not spec.removed:
            told = refusal(host, name, session, *arguments(spec))
            roles = ", ".join(schema().role_sets[spec.role]) or "none but local root"
            text = f"No permission in user session. (Roles with this permission: {roles})"
            assert told == ["RBAC_PERMISSION_DENIED", name.lower(), text]
