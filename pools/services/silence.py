"""A server that does not answer: the evidence, read by a worker and kept with its draft, and what it leaves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from pools.checks.evidence import Evidence
from pools.checks.facts import Facts
from pools.checks.report import Report
from pools.forecast.losses import Disk, Losses, Orphan, losses_of
from pools.forecast.losses.unplugged import unplugged
from pools.forecast.restarts import Restart, restarts_of
from pools.forecast.stored import restored, to_json
from pools.models import Inventory, Operation, OperationState
from pools.operations import host_forget
from pools.operations.choices import choices_of
from pools.operations.host_forget import evidence_of
from pools.operations.registry import KINDS
from pools.operations.removal.choices import mapping
from pools.services import answers, operations
from pools.services.losses_reading import items
from pools.xapi.inventory import Snapshot

KINDS_OF_SILENCE = frozenset({"host_forget", "coordinator_promote"})


@dataclass(frozen=True, kw_only=True)
class SilencePage:
    """``evidence`` is None before a worker has asked around. ``leftovers``: (key, name) of what the server leaves.

    ``restarts``: the VMs that ran on it; ``losses``: what is out of reach with it, and lost when it is forgotten.
    """

    promotes: bool
    evidence: Evidence | None
    as_of: datetime | None
    last_read: datetime | None
    leftovers: tuple[tuple[str, str], ...] = ()
    heirs: tuple[tuple[str, str], ...] = ()
    restarts: tuple[Restart, ...] = ()
    losses: Losses = field(default_factory=Losses)

    @property
    def size(self) -> int:
        """How many bytes the guests see of the disks that are out of reach."""
        return sum(disk.virtual_size for disk in self.losses.destroyed)


def read(operation: Operation) -> None:
    """Ask around, ask every rule, and store both."""
    kind = KINDS[operation.kind]
    live = kind.facts(operation)
    store(operation, kind.check(live, choices_of(operation)), found_in(operation, live))


def found_in(operation: Operation, live: Facts) -> dict[str, object]:
    """The evidence, and what a person may choose."""
    evidence = evidence_of(live)
    return {"evidence": evidence.to_json()} | (found_of(live.pool, evidence.uuid) if forgets(operation) else {})


def forgets(operation: Operation) -> bool:
    return operation.kind == host_forget.KIND


def found_of(pool: Snapshot, uuid: str) -> dict[str, object]:
    """What ran on a server, what is lost with it, and what it leaves."""
    left = host_forget.leftovers_of(pool, uuid)
    lost = losses_of(pool, uuid)
    return {
        "leftovers": sorted(((key, called(pool, key, name)) for key, name in left.items()), key=lambda row: row[1]),
        "restarts": [to_json(vm) for vm in restarts_of(pool, uuid)],
        "losses": {table: [to_json(row) for row in getattr(lost, table)] for table in ("destroyed", "orphaned")},
    }


def called(pool: Snapshot, key: str, name: str) -> str:
    """What a leftover is, in words."""
    kind, _, uuid = key.partition(":")
    if kind == "vm":
        return f"VM “{name}”: its record; all its disks are on the server’s own storage"
    ref = next(ref for ref, sr in pool.srs.items() if sr.uuid == uuid)
    place = unplugged(pool, {ref: pool.srs[ref]}).get(ref)
    disks = sum(ref == vdi.SR for vdi in pool.vdis.values())
    held = f"{disks} disk{'' if disks == 1 else 's'} on record"
    kept = f"; its data stays on {place}, and another server can use it" if place else ""
    return f"Storage “{name}”: {held}{kept}"


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
    losses = mapping(found.get("losses"))
    inventory = Inventory.objects.filter(pool=operation.pool).only("as_of").first()
    return SilencePage(
        promotes=not forgets(operation),
        restarts=tuple(restored(Restart, mapping(vm)) for vm in items(found.get("restarts"))),
        losses=Losses(
            destroyed=tuple(restored(Disk, mapping(row)) for row in items(losses.get("destroyed"))),
            orphaned=tuple(restored(Orphan, mapping(row)) for row in items(losses.get("orphaned"))),
        ),
        evidence=evidence,
        as_of=parse_datetime(str(found.get("as_of") or "")),
        last_read=inventory.as_of if inventory else None,
        leftovers=tuple((str(key), str(name)) for key, name in left) if isinstance(left, list) else (),
        heirs=tuple((view.uuid, view.name) for view in evidence.views if view.coordinator) if evidence else (),
    )
