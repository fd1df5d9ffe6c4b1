"""A server that does not answer: the evidence, read by a worker and kept with its draft, and what it leaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from pools.checks.evidence import Evidence
from pools.checks.facts import Facts
from pools.checks.report import Report
from pools.models import Inventory, Operation, OperationState
from pools.operations import host_forget
from pools.operations.choices import choices_of
from pools.operations.host_forget import evidence_of
from pools.operations.registry import KINDS
from pools.operations.removal.choices import mapping
from pools.services import answers, operations

KINDS_OF_SILENCE = frozenset({"host_forget", "coordinator_promote"})


@dataclass(frozen=True, kw_only=True)
class SilencePage:
    """``evidence`` is None before a worker has asked around. ``leftovers``: (key, name) of what the server leaves."""

    promotes: bool
    evidence: Evidence | None
    as_of: datetime | None
    last_read: datetime | None
    leftovers: tuple[tuple[str, str], ...] = ()
    heirs: tuple[tuple[str, str], ...] = ()


def read(operation: Operation) -> None:
    """Ask around, ask every rule, and store both."""
    kind = KINDS[operation.kind]
    live = kind.facts(operation)
    store(operation, kind.check(live, choices_of(operation)), found_in(operation, live))


def found_in(operation: Operation, live: Facts) -> dict[str, object]:
    """The evidence, and what a person may choose."""
    evidence = evidence_of(live)
    left = host_forget.leftovers_of(live.pool, evidence.uuid) if operation.kind == host_forget.KIND else {}
    return {"evidence": evidence.to_json(), "leftovers": sorted(left.items(), key=lambda item: item[1])}


@transaction.atomic
def store(seen: Operation, report: Report, found: Mapping[str, object]) -> None:
    """Store the answer to the question that was asked."""
    locked = operations.lock(seen)
    if locked.state != OperationState.DRAFT or locked.report.get("asked") != seen.report.get("asked"):
        return
    now = timezone.now()
    locked.report = answers.completed(locked.report, report, now) | {"silence": {**found, "as_of": now.isoformat()}}
    locked.save(update_fields=["report"])


def page(operation: Operation) -> SilencePage:
    """What the page shows, from what was stored."""
    found = mapping(operation.report.get("silence"))
    told = found.get("evidence")
    evidence = Evidence.from_json(told) if isinstance(told, Mapping) else None
    left = found.get("leftovers")
    inventory = Inventory.objects.filter(pool=operation.pool).only("as_of").first()
    return SilencePage(
        promotes=operation.kind != host_forget.KIND,
        evidence=evidence,
        as_of=parse_datetime(str(found.get("as_of") or "")),
        last_read=inventory.as_of if inventory else None,
        leftovers=tuple((str(key), str(name)) for key, name in left) if isinstance(left, list) else (),
        heirs=tuple((view.uuid, view.name) for view in evidence.views if view.coordinator) if evidence else (),
    )
