"""What a reader of the journal is told, and in which order."""

import threading

from django.db import connection

from pools.models import AuditEntry, JournalEntry, Operation
from pools.operations import history, journal
from tests.fixtures.lab import Lab, lab_of


def test_the_journal_tells_the_run_in_plain_words(lab: Lab) -> None:
    operation = lab.succeeded()
    told = list(operation.journal.exclude(text="").values_list("text", flat=True))
    wanted = [
        "The operation runs.",
        "Join xs-02 to the pool: begun",
        "Join xs-02 to the pool: done",
        "The operation succeeded.",
    ]
    assert [text for text in told if text in wanted] == wanted
    sent = [text for text in told if text.startswith("Sending ")]
    host = lab.sim.hosts[0]
    assert sent == [
        'Sending pool.set_name_label("One") to xs-01',
        'Sending pool.set_name_description("The first") to xs-01',
        f'Sending Async.pool.join("{host.address}", "{host.username}", "•••") to xs-02',
    ]


def test_the_exact_calls_stay_in_the_audit(lab: Lab) -> None:
    lab.succeeded()
    calls = [str(entry.data["call"]) for entry in AuditEntry.objects.filter(action="xapi.called").order_by("pk")]
    assert [call.partition("(")[0] for call in calls] == [
        "pool.set_name_label", "pool.set_name_description", "Async.pool.join",
    ]  # fmt: skip
    assert calls[0].startswith("pool.set_name_label(OpaqueRef:")


def test_waiting_says_for_what_and_how_long(transactional_db: None) -> None:
    with lab_of("two-standalone", "fast") as lab:
        operation = lab.succeeded()
        note = operation.journal.filter(kind="note").last()
        assert note
        assert "Waiting for xs-02" in note.text
        assert note.data["expected"] > note.data["elapsed"] >= 0


def test_no_id_appears_below_one_that_was_seen(lab: Lab) -> None:
    operation = lab.draft()
    late: list[int] = []
    writers = [threading.Thread(target=write_and_look, args=(operation, late)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert not late


def write_and_look(operation: Operation, late: list[int]) -> None:
    """Write, look which ids are there, and note those that were missing below the highest one seen before."""
    known: set[int] = set()
    for number in range(10):
        journal.write(operation, kind="note", text=str(number))
        ids = set(JournalEntry.objects.values_list("pk", flat=True))
        late += [pk for pk in ids - known if pk < max(known, default=0)]
        known = ids
    connection.close()


def test_expected_times_come_from_what_was_done_before(lab: Lab) -> None:
    assert history.expected_seconds("JoinPool", 10.0) == 10.0
    lab.succeeded()
    assert history.expected_seconds("JoinPool", 10.0) < 10.0


def test_a_plan_names_calls_undo_and_interruption(lab: Lab) -> None:
    steps = {step.kind: step for step in lab.planned().steps.all()}
    assert list(steps) == ["NamePool", "JoinPool", "AwaitMember", "ProveLogin", "CompareMember", "ConfirmPool"]
    join = steps["JoinPool"]
    first, second = lab.sim.hosts
    assert join.call.startswith(f'Async.pool.join("{first.address}", ')
    assert join.call.endswith(f" on xs-02 ({second.address}), coordinator: xs-01 ({first.address})")
    assert steps["NamePool"].call.endswith(f" on xs-01 ({first.address})")
    assert "pool-join master-address=" in join.xe
    assert lab.sim.hosts[0].password not in join.xe + join.call
    assert not join.undo
    assert join.interruption
    assert steps["NamePool"].undo
