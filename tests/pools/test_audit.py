"""The audit: every action is there, and nothing can be changed unseen."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from pools.models import AuditEntry, AuditHead, User
from pools.services import audit
from pools.services.audit_chain import verify
from tests.fixtures.people import Places, SignIn


@pytest.fixture
def written(alice: User) -> list[AuditEntry]:
    return [audit.record(actor=alice, action="pool.connected", subject=f"pool {number}") for number in range(4)]


def tamper(*statements: str) -> None:
    """Do what somebody with the database in his hands can do: switch the trigger off."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE pools_auditentry DISABLE TRIGGER audit_append_only")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("ALTER TABLE pools_auditentry ENABLE TRIGGER audit_append_only")


def test_an_untouched_audit_verifies(written: list[AuditEntry]) -> None:
    assert not list(verify())


@pytest.mark.parametrize("statement", ["UPDATE pools_auditentry SET subject = 'x'", "DELETE FROM pools_auditentry"])
def test_the_database_itself_refuses_to_change_an_entry(written: list[AuditEntry], statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("subject", "'another'"),
        ("actor_name", "'mallory'"),
        ("actor_id", "NULL"),
        ("action", "'pool.seen'"),
        ("data", """'{"a": 1}'"""),
        ("at", "at - interval '1 hour'"),
        ("address", "'10.9.9.9'"),
        ("pool_name", "'another'"),
    ],
)
def test_an_edited_entry_is_found(written: list[AuditEntry], column: str, value: str) -> None:
    tamper(f"UPDATE pools_auditentry SET {column} = {value} WHERE id = {written[1].pk}")  # noqa: S608
    assert [broken.entry for broken in verify()] == [written[1].pk]


def test_an_entry_taken_out_is_found(written: list[AuditEntry]) -> None:
    tamper(f"DELETE FROM pools_auditentry WHERE id = {written[1].pk}")  # noqa: S608
    assert written[2].pk in {broken.entry for broken in verify()}


def test_the_first_entry_taken_out_is_found(written: list[AuditEntry]) -> None:
    tamper(f"DELETE FROM pools_auditentry WHERE id = {written[0].pk}")  # noqa: S608
    assert written[1].pk in {broken.entry for broken in verify()}


def test_entries_that_changed_places_are_found(written: list[AuditEntry]) -> None:
    first, second = written[1].pk, written[2].pk
    tamper(
        f"UPDATE pools_auditentry SET id = 0 WHERE id = {first}",  # noqa: S608
        f"UPDATE pools_auditentry SET id = {first} WHERE id = {second}",  # noqa: S608
        f"UPDATE pools_auditentry SET id = {second} WHERE id = 0",  # noqa: S608
    )
    assert {first, second} <= {broken.entry for broken in verify()}


def test_an_entry_put_in_is_found(written: list[AuditEntry]) -> None:
    forged = AuditEntry(at=written[1].at, actor_name="alice", action="x", previous=written[3].digest, digest="0" * 64)
    forged.save()
    assert forged.pk in {broken.entry for broken in verify()}


def test_a_cut_tail_is_found(written: list[AuditEntry]) -> None:
    tamper(f"DELETE FROM pools_auditentry WHERE id >= {written[2].pk}")  # noqa: S608
    assert list(verify())


def test_a_cut_tail_is_found_when_the_sealed_end_is_cut_too(written: list[AuditEntry]) -> None:
    tamper(f"DELETE FROM pools_auditentry WHERE id >= {written[2].pk}", "DELETE FROM pools_audithead")  # noqa: S608
    assert list(verify())


def test_a_forged_end_is_found(written: list[AuditEntry]) -> None:
    tamper(f"DELETE FROM pools_auditentry WHERE id >= {written[2].pk}")  # noqa: S608
    AuditHead.objects.update(count=2, last=written[1].pk, digest=written[1].digest)
    assert list(verify())


def test_an_audit_put_back_to_an_older_state_is_found_by_a_head_kept_elsewhere(alice: User) -> None:
    audit.record(actor=alice, action="pool.connected")
    older = AuditHead.objects.get()
    newer = audit.record(actor=alice, action="pool.disconnected")
    tamper(f"DELETE FROM pools_auditentry WHERE id = {newer.pk}")  # noqa: S608
    older.save()
    assert not list(verify())
    assert list(verify(anchor=(newer.pk, newer.digest)))


def test_a_rolled_back_action_leaves_the_chain_whole(alice: User) -> None:
    audit.record(actor=alice, action="pool.connected")
    with transaction.atomic():
        audit.record(actor=alice, action="pool.disconnected")
        transaction.set_rollback(True)
    audit.record(actor=alice, action="pool.connected")
    assert [entry.action for entry in AuditEntry.objects.all()] == ["pool.connected", "pool.connected"]
    assert not list(verify())


def test_hostile_text_is_stored_without_control_characters_and_not_endless(alice: User) -> None:
    hostile = "a\x00b\ud800c\u001b" + "x" * 100_000
    entry = audit.record(actor=alice, action="pool.connected", subject=hostile, data={"name": hostile})
    entry.refresh_from_db()
    assert entry.subject.startswith("abcxxx")
    assert len(entry.subject) <= audit.LONGEST_TEXT
    assert not list(verify())


def test_an_entry_stays_readable_when_its_pool_is_gone(alice: User, places: Places) -> None:
    entry = audit.record(actor=alice, action="pool.connected", pool=places.ours)
    places.ours.delete()
    entry.refresh_from_db()
    assert entry.pool_name == "Our pool"
    assert not list(verify())


def test_the_command_says_that_all_is_well_and_names_the_head(
    written: list[AuditEntry], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("verify_audit")
    assert f"{written[3].pk}:{written[3].digest}" in capsys.readouterr().out


def test_the_command_fails_when_something_is_wrong(written: list[AuditEntry]) -> None:
    tamper(f"UPDATE pools_auditentry SET subject = 'x' WHERE id = {written[1].pk}")  # noqa: S608
    with pytest.raises(CommandError, match="1 place"):
        call_command("verify_audit")


def test_people_see_the_entries_of_their_pools_and_their_own(
    bob: User, charlie: User, places: Places, sign_in: SignIn
) -> None:
    audit.record(actor=bob, action="pool.connected", subject="seen by bob", pool=places.ours)
    audit.record(actor=charlie, action="pool.connected", subject="hidden from bob", pool=places.theirs)
    page = sign_in(bob).get("/audit/").content.decode()
    assert "seen by bob" in page
    assert "hidden from bob" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [("person=alice", "one"), ("action=pool.disconnected", "two"), ("since=2999-01-01", ""), ("until=2000-01-01", "")],
)
def test_the_audit_is_filtered(alice: User, adam: User, sign_in: SignIn, query: str, found: str) -> None:
    audit.record(actor=alice, action="pool.connected", subject="entry one")
    audit.record(actor=adam, action="pool.disconnected", subject="entry two")
    page = sign_in(alice).get(f"/audit/?{query}").content.decode()
    assert [word for word in ("one", "two") if f"entry {word}" in page] == ([found] if found else [])


@pytest.mark.parametrize("query", ["until=9999-12-31", "since=0001-01-01", "since=0001-01-01&until=9999-12-31"])
@pytest.mark.parametrize("path", ["/audit/", "/audit/export/"])
def test_the_first_and_the_last_day_there_are_can_be_asked_for(
    alice: User, sign_in: SignIn, path: str, query: str
) -> None:
    audit.record(actor=alice, action="x", subject="subject one")
    answer = sign_in(alice).get(f"{path}?{query}")
    assert b"subject one" in answer.getvalue()


def test_a_day_is_asked_for_with_its_last_moment(alice: User, sign_in: SignIn) -> None:
    audit.record(actor=alice, action="x", subject="subject one")
    day = AuditEntry.objects.get().at.date()
    page = sign_in(alice).get(f"/audit/?since={day}&until={day}").content.decode()
    assert "subject one" in page
    page = sign_in(alice).get(f"/audit/?until={day - timedelta(days=1)}").content.decode()
    assert "subject one" not in page


def test_the_audit_is_filtered_by_pool(alice: User, places: Places, sign_in: SignIn) -> None:
    audit.record(actor=alice, action="pool.connected", subject="entry one", pool=places.ours)
    audit.record(actor=alice, action="pool.connected", subject="entry two", pool=places.theirs)
    page = sign_in(alice).get(f"/audit/?pool={places.theirs.pk}").content.decode()
    assert "entry two" in page
    assert "entry one" not in page


@pytest.mark.parametrize("start", list("=+-@"))
def test_no_cell_of_the_export_starts_a_formula(alice: User, sign_in: SignIn, start: str) -> None:
    audit.record(actor=alice, action="pool.connected", subject=f'{start}cmd("x"),\r\n2')
    response = sign_in(alice).get("/audit/export/")
    rows = list(csv.reader(io.StringIO(b"".join(response).decode())))
    assert next(row[4] for row in rows if row[3] == "pool.connected") == f"""'{start}cmd("x"), 2"""


def test_a_long_audit_comes_in_pages(alice: User, sign_in: SignIn) -> None:
    for number in range(60):
        audit.record(actor=alice, action="pool.connected", subject=f"entry {number:02}")
    client = sign_in(alice)
    first = client.get("/audit/").content.decode()
    assert "entry 59" in first
    assert "entry 00" not in first
    assert "entry 00" in client.get("/audit/?page=2").content.decode()


@pytest.mark.parametrize("path", ["/audit/", "/people/", "/approvals/"])
def test_a_page_needs_few_queries(alice: User, bob: User, charlie: User, sign_in: SignIn, path: str) -> None:
    client = sign_in(alice)
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    real = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(real) <= 12, "\n".join(real)
