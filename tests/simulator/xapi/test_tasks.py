import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from simulator.schema import MessageSpec
from simulator.world.host import HostMachine
from simulator.xapi.decoding import wire_time
from simulator.xapi.errors import XapiError
from simulator.xapi.registry import HANDLERS, Call, message
from tests.simulator.rpc import Rpc, XapiFailure, xml_call

DEADLINE = 10


@pytest.fixture
def work() -> Iterator[threading.Event]:
    """A message of the tests' own, pool.work, that runs until it is let go or cancelled."""
    go = threading.Event()
    spec = MessageSpec(name="work", asynchronous=True)

    @message("pool", "work", spec=spec)
    def pool_work(call: Call) -> list[str]:
        assert call.task is not None
        call.task.set_progress(0.5)
        while not go.wait(0.01):
            call.task.check_cancelled()
        return ["done"]

    with taken_back("pool.work"):
        yield go
        go.set()


@contextmanager
def taken_back(name: str) -> Iterator[None]:
    try:
        yield
    finally:
        del HANDLERS[name]


def until(rpc: Rpc, task: str, field: str, value: object) -> dict[str, object]:
    """The task's record once a field has this value."""
    deadline = time.monotonic() + DEADLINE
    while (row := rpc.record("task", task))[field] != value:
        assert time.monotonic() < deadline, row
    return row


def test_an_async_call_gives_a_task_that_tells_the_result_as_xml(rpc: Rpc, work: threading.Event) -> None:
    task = rpc.ref("Async.pool.work")
    pending = until(rpc, task, "progress", 0.5)
    assert (pending["status"], pending["result"], pending["name_label"]) == ("pending", "", "Async.pool.work")
    assert pending["finished"] == "19700101T00:00:00Z"
    work.set()
    done = until(rpc, task, "status", "success")
    assert done["result"] == "<value><array><data><value>done</value></data></array></value>"
    assert done["progress"] == 1.0
    assert done["allowed_operations"] == []


def test_a_refused_async_call_fails_its_task(rpc: Rpc) -> None:
    task = rpc.ref("Async.network.destroy", "OpaqueRef:none")
    row = until(rpc, task, "status", "failure")
    assert row["error_info"] == ["HANDLE_INVALID", "network", "OpaqueRef:none"]


def test_a_dead_session_or_a_wrong_count_gives_no_task(rpc: Rpc) -> None:
    before = rpc.call("task.get_all")
    for params in (("OpaqueRef:dead", "OpaqueRef:none"), (rpc.session,)):
        with pytest.raises(XapiFailure):
            rpc.bare("Async.network.destroy", *params)
    assert rpc.call("task.get_all") == before


def test_a_cancelled_task_says_so_by_its_status(rpc: Rpc, work: threading.Event) -> None:
    task = rpc.ref("Async.pool.work")
    rpc.call("task.cancel", task)
    assert until(rpc, task, "status", "cancelled")["error_info"] == []


def test_destroying_a_pending_task_waits_for_its_end(rpc: Rpc, work: threading.Event) -> None:
    task = rpc.ref("Async.pool.work")
    rpc.call("task.destroy", task)
    assert rpc.record("task", task)["status"] == "pending"
    work.set()
    deadline = time.monotonic() + DEADLINE
    while task in str(rpc.call("task.get_all")):
        assert time.monotonic() < deadline


def test_a_sync_call_shows_a_task_while_it_runs(rpc: Rpc, work: threading.Event) -> None:
    assert rpc.session
    caller = threading.Thread(target=rpc.call, args=("pool.work",))
    caller.start()
    deadline = time.monotonic() + DEADLINE
    while not rpc.call("task.get_by_name_label", "pool.work"):
        assert time.monotonic() < deadline
    work.set()
    caller.join(DEADLINE)
    assert rpc.call("task.get_all") == []


def test_the_status_is_the_last_thing_written(rpc: Rpc, work: threading.Event) -> None:
    task = rpc.ref("Async.pool.work")
    token, seen = "", list[dict[str, object]]()
    work.set()
    while not seen or seen[-1]["status"] == "pending":
        batch = rpc.call("event.from", [f"task/{task}"], token, 5.0)
        assert isinstance(batch, dict)
        token = batch["token"]
        seen += [event["snapshot"] for event in batch["events"]]
    for row in seen[:-1]:
        assert row["status"] == "pending"
    assert seen[-1]["result"]


def test_clients_may_keep_tasks_of_their_own(rpc: Rpc) -> None:
    task = rpc.ref("task.create", "backup", "nightly")
    rpc.call("task.set_progress", task, 0.25)
    rpc.call("task.add_to_other_config", task, "applies_to", "x")
    rpc.call("task.set_status", task, "success")
    row = rpc.record("task", task)
    assert (row["progress"], row["status"], row["other_config"]) == (0.25, "success", {"applies_to": "x"})
    rpc.call("task.destroy", task)
    assert rpc.call("task.get_all") == []


def test_an_unforeseen_error_is_an_internal_error(rpc: Rpc) -> None:
    @message("pool", "break", spec=MessageSpec(name="break"))
    def broken(_call: Call) -> None:
        raise XapiError("HOST_OFFLINE", "OpaqueRef:1") if _call.task else ZeroDivisionError("by zero")

    with taken_back("pool.break"), pytest.raises(XapiFailure) as caught:
        rpc.call("pool.break")
    assert caught.value.description == ["INTERNAL_ERROR", "ZeroDivisionError: by zero"]


def test_cancelling_is_noted_under_the_tasks_own_reference(rpc: Rpc) -> None:
    """protocol.md §3: ``current_operations {<ref>: cancel}``; a task of the client's own stays pending."""
    task = rpc.ref("task.create", "mine", "")
    rpc.call("task.cancel", task)
    assert rpc.record("task", task)["current_operations"] == {task: "cancel"}


def test_only_work_that_says_so_can_be_cancelled(rpc: Rpc, work: threading.Event) -> None:
    """Network.md 5: calls of pools and networks leave allowed_operations empty."""
    assert rpc.record("task", rpc.ref("Async.pool.work"))["allowed_operations"] == []


def age(host: HostMachine, task: str, **fields: object) -> None:
    host.database.set("task", task, created="20000101T00:00:00Z", **fields)


def test_tasks_that_nobody_destroys_go_by_themselves(rpc: Rpc, host: HostMachine) -> None:
    """Protocol.md 3: completed for 65 minutes, or pending for a day without progress."""
    names = ("completed", "stuck", "slow", "young")
    tasks = {name: rpc.ref("task.create", name, "") for name in names}
    age(host, tasks["completed"], status="success", finished="20000101T00:00:00Z")
    age(host, tasks["stuck"])
    age(host, tasks["slow"], progress=0.5)
    rpc.call("task.create", "one more", "")
    left = [row["name_label"] for row in host.database.records("task").values()]
    assert left == ["slow", "young", "one more"]


def test_beyond_two_hundred_young_tasks_the_oldest_completed_goes(rpc: Rpc, host: HostMachine) -> None:
    now = wire_time(host.now())
    oldest = host.database.create("task", status="success", finished="20260101T00:00:00Z", created=now)
    host.database.set("task", oldest, finished=wire_time(host.now() - 60))
    for _ in range(200):
        host.database.create("task", status="success", finished=now, created=now)
    rpc.call("task.create", "one more", "")
    assert not host.database.has("task", oldest)
    assert len(host.database.refs("task")) == 201


def test_each_event_has_the_generation_of_its_own_object(rpc: Rpc, host: HostMachine) -> None:
    first, second = (host.database.create("network", name_label=name) for name in ("a", "b"))
    answer = rpc.call("event.from", ["network"], "", 0)
    assert isinstance(answer, dict)
    ids = {event["ref"]: int(event["id"]) for event in answer["events"]}
    assert ids[first] < ids[second] <= int(answer["token"].split(",")[0])


@pytest.mark.parametrize("path", ["/", "/jsonrpc"])
def test_headers_of_a_call_mark_its_task(rpc: Rpc, work: threading.Event, path: str) -> None:
    """Protocol.md 3 and 1.9."""
    above = rpc.ref("task.create", "above", "")
    body = {"method": "Async.pool.work", "params": [rpc.session], "id": 1}
    given = xml_call("Async.pool.work", rpc.session) if path == "/" else json.dumps(body).encode()
    rpc.post(path, given, {"X-Http-Other-Config-Batch": "7", "Subtask-Of": above})
    below = rpc.record("task", above)["subtasks"]
    assert isinstance(below, list)
    [row] = [rpc.record("task", task) for task in below]
    assert (row["other_config"], row["subtask_of"], row["name_label"]) == (
        {"http:batch": "7"},
        above,
        "Async.pool.work",
    )
