import threading

import pytest

from simulator.database import Database
from simulator.schema import schema
from simulator.xapi.errors import XapiError


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


def test_writes_wake_those_who_wait(database: Database) -> None:
    seen: list[int] = []
    waiter = threading.Thread(target=lambda: seen.append(database.wait(0, 10)))
    waiter.start()
    database.create("host")
    waiter.join(10)
    assert seen == [1]


def test_only_the_last_deletions_are_remembered(database: Database) -> None:
    refs = [database.create("VM") for _ in range(600)]
    since = database.generation
    for ref in refs:
        database.delete("VM", ref)
    assert 256 <= len(database.changes("VM", since).deleted) <= 512
    assert database.counts()["vm"] == 0
