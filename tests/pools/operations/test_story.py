"""What a reader of the journal is told, and in which order."""

import threading

from django.db import connection

from pools.models import JournalEntry, Operation
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
    assert any(text.startswith("Sending Async.pool.join(") and text.endswith("•••) to xs-02") for text in told)


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
    assert list(steps) == ["NamePool", "JoinPool", "AwaitMember", "ConfirmPool"]
    join = steps["JoinPool"]
    assert join.call.startswith("Async.pool.join(")
    assert "pool-join master-address=" in join.xe
    assert lab.sim.hosts[0].password not in join.xe + join.call
    assert not join.undo
    assert join.interruption
    assert steps["NamePool"].undo
