"""The answers of one examination, stored as they come: who answers is not kept waiting by who does not."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils import timezone

from pools.checks.facts import Facts, ServerFacts
from pools.checks.report import Report
from pools.models import Inventory, Operation, OperationState, Server
from pools.operations import facts as live
from pools.operations.choices import choices_of
from pools.operations.kind import Choices, Joins
from pools.operations.reading import Reading
from pools.services import answers
from pools.xapi.inventory import CLASSES, Snapshot

QUIET: Final = 0.06  # seconds without another answer, after which those that are there are shown
REMEMBERED: Final = ("pool", "host", "certificate", "vm")  # what rules look at of the other servers that join


@dataclass(kw_only=True)
class Collecting:
    """One question: what is read, what was known before, and how much of it is stored."""

    operation: Operation
    kind: Joins
    choices: Choices
    order: Sequence[Server]
    reading: Reading
    before: Report | None
    others: Mapping[str, ServerFacts]
    row: dict[str, object]
    stored: frozenset[str] = frozenset()

    @classmethod
    def begin(cls, operation: Operation, kind: Joins) -> "Collecting":
        """Read the servers that the question is about, and the coordinator: what the rules compare with."""
        coordinator, joining = kind.servers(operation)
        again = operation.report.get("again") or [server.uuid for server in joining]
        reading = live.begin(coordinator, [server for server in joining if server.uuid in again])
        order = [coordinator, *joining]
        return cls(
            operation=operation,
            kind=kind,
            choices=choices_of(operation),
            order=order,
            reading=reading,
            before=answers.report_in(operation.report),
            others=remembered(order),
            row=operation.report,
        )

    def go_on(self, seconds: float) -> bool:
        """Store answers as they come, until all are stored (true), or the time is up."""
        end = time.monotonic() + seconds
        while not self.done and (left := end - time.monotonic()) > 0:
            self.store_next(left)
        return self.done

    def store_next(self, seconds: float) -> None:
        """Wait for answers that are not stored yet, not for ever, and store them."""
        found = self.reading.settle(self.stored, QUIET, seconds)
        if len(found) > len(self.stored):
            self.store(found)

    @property
    def done(self) -> bool:
        return self.reading.asked == self.stored

    def store(self, found: Mapping[str, ServerFacts]) -> None:
        """Ask the rules with what is there; an answer to an older question, or after the plan, is dropped."""
        report = answers.merged(self.before, self.report(found), found.keys())
        now = timezone.now()
        self.row = answers.taken_in(self.row, report, found.keys() - self.stored, now)
        self.stored = frozenset(found)
        if self.done:
            self.row |= {"done_at": now.isoformat(), "changed": answers.changes(self.before, report)}
        asked = Operation.objects.filter(pk=self.operation.pk, state=OperationState.DRAFT)
        asked.filter(report__asked=self.operation.report["asked"]).update(report=self.row)

    def report(self, found: Mapping[str, ServerFacts]) -> Report:
        """Every rule about every server; of one that is not read (yet), others see what the inventory remembers."""
        coordinator, *joining = (found.get(server.uuid) or self.others[server.uuid] for server in self.order)
        return self.kind.check(Facts(coordinator=coordinator, joining=tuple(joining)), self.choices)


def remembered(servers: Sequence[Server]) -> dict[str, ServerFacts]:
    """The little that the rules about one server ask of others, from the inventory."""
    columns = [f"records__{name}" for name in REMEMBERED]
    rows = Inventory.objects.filter(pool__in={server.pool_id for server in servers}).values_list("pool", *columns)
    tables = {pool: dict(zip(REMEMBERED, (table or {} for table in found), strict=True)) for pool, *found in rows}
    return {
        server.uuid: ServerFacts(
            uuid=server.uuid,
            name_label=server.name_label,
            address=server.address,
            snapshot=Snapshot.from_wire(tables.get(server.pool_id, {}), frozenset(CLASSES) - set(REMEMBERED)),
        )
        for server in servers
    }
