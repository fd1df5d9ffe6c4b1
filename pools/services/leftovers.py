"""What is left over in a pool: read by a worker and kept with its draft; from stored records, whether to ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from pools.checks.facts import Facts
from pools.checks.report import Report
from pools.forecast import leftovers
from pools.forecast.leftovers import Leftover, targets
from pools.forecast.stored import restored, to_json
from pools.models import Operation, OperationState, Pool
from pools.operations.choices import choices_of
from pools.operations.forgetting.recorded import lost_of
from pools.operations.pool_cleanup import KIND, Cleaning, left_in
from pools.operations.registry import KINDS
from pools.operations.removal.choices import mapping
from pools.services import answers, operations
from pools.xapi.inventory import Snapshot


@dataclass(frozen=True, kw_only=True)
class CleanupPage:
    """``as_of`` is None before a worker has read the pool. ``targets``: what a setting can name instead."""

    found: tuple[Leftover, ...]
    as_of: datetime | None
    chosen: Cleaning
    answered: bool
    targets: tuple[tuple[str, str], ...] = ()

    @property
    def settings(self) -> list[Leftover]:
        return [each for each in self.found if each.is_setting]

    @property
    def records(self) -> list[Leftover]:
        return [each for each in self.found if not each.is_setting]

    @property
    def ticked(self) -> list[str]:
        """What was chosen; before the first answer what was accepted as lost in a removal, and nothing else."""
        return [each.key for each in self.records if each.key in self.chosen.items or self.is_proposed(each)]

    def is_proposed(self, found: Leftover) -> bool:
        return found.accepted and not self.answered


def read(operation: Operation) -> None:
    """Read the pool, ask every rule, and store what is left over."""
    kind = KINDS[operation.kind]
    live = kind.facts(operation)
    store(operation, kind.check(live, choices_of(operation)), found_in(live) if live.coordinator.readable else None)


def found_in(live: Facts) -> dict[str, object]:
    return {
        "found": [to_json(each) for each in left_in(live.pool)],
        "targets": [list(pair) for pair in targets(live.pool).items()],
    }


@transaction.atomic
def store(seen: Operation, report: Report, found: Mapping[str, object] | None) -> None:
    """Store the answer to the question that was asked; without one, what was read before stays with its age."""
    locked = operations.lock(seen)
    if locked.state != OperationState.DRAFT or locked.report.get("asked") != seen.report.get("asked"):
        return
    now = timezone.now()
    row = answers.completed(locked.report, report, now)
    locked.report = row if found is None else row | {KIND: {**found, "as_of": now.isoformat()}}
    locked.save(update_fields=["report"])


def page(operation: Operation) -> CleanupPage:
    """What the page shows, from what was stored."""
    stored = mapping(operation.report.get(KIND))
    rows, pairs = stored.get("found"), stored.get("targets")
    return CleanupPage(
        found=tuple(restored(Leftover, row) for row in rows) if isinstance(rows, list) else (),
        as_of=parse_datetime(str(stored.get("as_of") or "")),
        chosen=Cleaning.of(operation.draft),
        answered=bool(operation.draft.get("cleanup_answered")),
        targets=tuple((str(uuid), str(name)) for uuid, name in pairs) if isinstance(pairs, list) else (),
    )


def hints(pool: Pool, stored: Snapshot) -> int:
    """How much seems to be left over, from records without disks; a page asks only whether to offer more."""
    return leftovers.hinted(stored, lost_of(pool.uuid))
