import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from simulator.database import Changes, Database
from simulator.schema import schema
from simulator.world.state_database import restored, saved
from simulator.xapi.errors import XapiError
from tests.simulator.waiting import until


@pytest.fixture
def database() -> Database:
    return Database(schema())


def test_a_row_has_every_field_of_the_model(database: Database) -> None:
    row = database.get("PIF", database.create("PIF"))
    assert list(row) == list(schema().classes["PIF"].fields)
    assert row["MTU"] == 0
    assert row["ip_configuration_mode"] == "None"


def test_an_unknown_field_is_a_mistake_of_the_caller(database: Database) -> None:
    with pytest.raises(KeyError, match="host has no field colour"):
        database.create("host", colour="red")


def test_copies_do_not_reach_into_the_database(database: Database) -> None:
    ref = database.create("network", other_config={"a": "1"})
    row = database.get("network", ref)
    assert isinstance(row["other_config"], dict)
    row["other_config"]["b"] = "2"
    assert database.field("network", ref, "other_config") == {"a": "1"}


def test_a_reference_writes_the_set_on_the_other_side(database: Database) -> None:
    host, other = database.create("host"), database.create("host")
    pif = database.create("PIF", host=host)
    assert database.field("host", host, "PIFs") == [pif]
    database.set("PIF", pif, host=other)
    assert database.field("host", host, "PIFs") == []
    assert database.field("host", other, "PIFs") == [pif]
    database.delete("PIF", pif)
    assert database.field("host", other, "PIFs") == []


def test_a_set_writes_the_references_on_the_other_side(database: Database) -> None:
    pif = database.create("PIF")
    first, second = database.create("Bond", slaves=[pif]), database.create("Bond")
    assert database.field("PIF", pif, "bond_slave_of") == first
    database.set("Bond", second, slaves=[pif])
    assert database.field("PIF", pif, "bond_slave_of") == second
    assert database.field("Bond", first, "slaves") == []


def test_two_sets_keep_each_other_in_step(database: Database) -> None:
    update = database.create("pool_update")
    host = database.create("host", updates=[update])
    assert database.field("pool_update", update, "hosts") == [host]
    database.set("host", host, updates=[])
    assert database.field("pool_update", update, "hosts") == []


def test_a_deleted_owner_leaves_a_dangling_reference(database: Database) -> None:
    host = database.create("host")
    pbd = database.create("PBD", host=host)
    database.delete("host", host)
    assert database.field("PBD", pbd, "host") == host
    with pytest.raises(XapiError, match="HANDLE_INVALID"):
        database.get("host", host)


@contextmanager
def waiting(database: Database, *classes: str) -> Iterator[list[int]]:
    """A thread that waits for a write of these classes; the pulse at which it woke."""
    woken: list[int] = []
    since = database.pulse
    thread = threading.Thread(target=lambda: woken.append(database.wait_pulse(since, 10, classes)))
    thread.start()
    until(lambda: database.waiting == 1)
    yield woken
    thread.join(10)


def test_a_write_wakes_those_who_wait_for_its_class(database: Database) -> None:
    with waiting(database, "host", "VM") as woken:
        database.create("host")
    assert woken == [1]


def test_a_write_leaves_those_alone_who_wait_for_another_class(database: Database) -> None:
    with waiting(database, "host") as woken:
        for _ in range(3):
            database.create("VM")
        assert woken == []
        database.create("host")
    assert woken == [4]


def test_a_deletion_wakes_everybody_since_a_session_may_have_gone(database: Database) -> None:
    vm = database.create("VM")
    with waiting(database, "host") as woken:
        database.delete("VM", vm)
    assert woken == [2]


def test_only_the_last_deletions_are_remembered(database: Database) -> None:
    refs = [database.create("VM") for _ in range(600)]
    since = database.generation
    for ref in refs:
        database.delete("VM", ref)
    assert 256 <= len(database.changes("VM", since).deleted) <= 512
    assert database.counts()["vm"] == 0


def test_changes_are_in_the_order_of_creation_whatever_was_written_last(database: Database) -> None:
    old = [database.create("VM") for _ in range(3)]
    since = database.generation
    new = [database.create("VM") for _ in range(3)]
    for ref in (new[2], old[2], new[0], old[0]):
        database.touch("VM", ref)
    database.delete("VM", new[1])
    database.delete("VM", old[1])
    assert database.changes("VM", since) == Changes([new[0], new[2]], [old[0], old[2]], [old[1]])


def test_an_object_is_found_by_the_uuid_it_has_now(database: Database) -> None:
    first, second = (database.create("VM", uuid=uuid) for uuid in ("a", "b"))
    database.set("VM", first, uuid="b")
    assert database.find("VM", uuid="b") == [second, first]
    assert database.find("VM", uuid="b", name_label="other") == []
    database.delete("VM", second)
    assert database.by_uuid("VM", "b") == first
    with pytest.raises(XapiError, match="UUID_INVALID"):
        database.by_uuid("VM", "a")


def quickest(work: Callable[[], object]) -> float:
    """Seconds that it takes at best."""
    took = []
    for _ in range(50):
        begun = time.perf_counter()
        work()
        took.append(time.perf_counter() - begun)
    return min(took)


def test_what_a_question_costs_does_not_depend_on_how_many_objects_there_are(database: Database) -> None:
    other = Database(schema())
    for each, count in ((other, 10), (database, 5000)):
        for number in range(count):
            each.create("VM", uuid=str(number))
        each.touch("VM", each.by_uuid("VM", "0"))

    def changes(each: Database) -> float:
        return quickest(lambda: each.changes("VM", each.generation - 1))

    def lookup(each: Database) -> float:
        return quickest(lambda: each.by_uuid("VM", "9"))

    assert changes(database) < 10 * changes(other)
    assert lookup(database) < 10 * lookup(other)


def test_a_restored_database_knows_what_was_written_last(database: Database) -> None:
    first, second = database.create("VM"), database.create("VM")
    database.touch("VM", first)
    since = database.generation
    database.touch("VM", first)
    again = restored(schema(), saved(database))
    assert again.changes("VM", since).modified == [first]
    assert again.field("VM", again.by_uuid("VM", str(database.field("VM", second, "uuid"))), "uuid")
