"""What a removal costs, read by a worker and kept with its draft: per server the losses, and where things could go.

``removal`` in the draft's report is what was read last; ``first_seen`` since when each row of loss is known.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from pools import archive
from pools.archive import Occasion
from pools.checks.host_remove.heirs import heirs
from pools.checks.report import Report
from pools.forecast.come_back import come_back_of
from pools.forecast.losses import Losses, losses_of, own_storage
from pools.forecast.places import Places
from pools.forecast.stored import to_json
from pools.models import NetworkSnapshot, Operation, OperationState, SnapshotReason, User
from pools.operations.choices import choices_of
from pools.operations.registry import KINDS
from pools.operations.removal.choices import Decision, What, decisions, in_turn, mapping, texts
from pools.operations.removal.emptying import running_on
from pools.services import answers, operations
from pools.snapshots.build import snapshot_of
from pools.snapshots.items import items_of
from pools.xapi.inventory import Snapshot
from pools.xapi.records import SRRecord

TABLES = ("destroyed", "orphaned", "changed")
Stored = Mapping[str, object]


def read(operation: Operation) -> None:
    """Read the pool, ask every rule, foretell the losses, and store all of it."""
    kind = KINDS[operation.kind]
    live = kind.facts(operation)
    report = kind.check(live, choices_of(operation))
    leaving = texts(operation.draft.get("servers"))
    if not live.coordinator.readable:
        store(operation, report, None)
        return
    saved = save_networks(operation, live.pool, leaving)
    store(operation, report, found_in(live.pool, leaving) | {"snapshots": saved})


def save_networks(operation: Operation, pool: Snapshot, leaving: Sequence[str]) -> dict[str, int]:
    """Keep each server's network as it is now, in place of what was kept for this draft before.

    The operation takes another one right before the removal (saving.py), and keeps that.
    """
    kept = mapping(mapping(operation.report.get("removal")).get("snapshots"))
    before = [number for number in kept.values() if isinstance(number, int)]
    NetworkSnapshot.objects.filter(pk__in=before, operation=None, reason=SnapshotReason.REMOVAL).delete()
    asked_by = User.objects.filter(pk=operation.report.get("asked_by")).first()
    occasion = Occasion(reason=SnapshotReason.REMOVAL, by=asked_by)
    servers = operation.servers.filter(uuid__in=leaving)
    return {server.uuid: archive.keep(pool, server, occasion).pk for server in servers}


@transaction.atomic
def store(seen: Operation, report: Report, found: dict[str, object] | None) -> None:
    """Store the answer to the question that was asked; without one, what was read before stays with its age."""
    locked = operations.lock(seen)
    if locked.state != OperationState.DRAFT or locked.report.get("asked") != seen.report.get("asked"):
        return
    now, before = timezone.now(), mapping(locked.report.get("removal"))
    row = answers.completed(locked.report, report, now)
    if found is not None:
        row |= {"removal": remembered(before, found, now), "changed": difference(before, found)}
    locked.report = row
    locked.draft = {**locked.draft, "losses_open": undecided(locked)}
    locked.save(update_fields=["report", "draft"])


def found_in(pool: Snapshot, leaving: Sequence[str]) -> dict[str, object]:
    """Foretell what each server takes with it when those before it have left."""
    stays = {ref for ref, host in pool.hosts.items() if host.uuid not in leaving}
    ordered = in_turn(leaving, pool.master.uuid)
    return {
        "servers": [
            {"uuid": uuid, "name": name_of(pool, uuid)}
            | rows_of(losses_of(pool, uuid, ordered[:place]))
            | {"guests": guests_of(pool, uuid, leaving)}
            | returning(pool, uuid)
            for place, uuid in enumerate(ordered)
        ],
        "targets": [target(pool, sr) for sr in targets(pool, stays)],
        "stays": [[heir.uuid, heir.name, list(heir.doubts)] for heir in heirs(pool, leaving)],
        "ha": pool.pool.ha_enabled,
        "coordinator": pool.master.uuid,
    }


def name_of(pool: Snapshot, uuid: str) -> str:
    host = pool.host(uuid)
    return host.name_label if host else uuid


def returning(pool: Snapshot, uuid: str) -> dict[str, object]:
    """What the server comes back as, and what of its network can be rebuilt then."""
    items = [[item.key, item.title] for item in items_of(snapshot_of(pool, uuid))]
    return {"come_back": to_json(come_back_of(pool, uuid)), "rebuild": items}


def guests_of(pool: Snapshot, uuid: str, leaving: Sequence[str]) -> list[dict[str, object]]:
    """What runs on a server, the discs in its drives, and who else could run it."""
    host = pool.host(uuid)
    staying = [other.uuid for other in pool.hosts.values() if other.uuid not in leaving]
    places, discs = Places(pool=pool, staying=staying, leaving_with=own_storage(pool, uuid)), discs_in(pool)
    return [
        {
            "uuid": vm.uuid,
            "name": vm.name_label,
            "memory": vm.memory_static_max,
            "state": vm.power_state,
            "discs": discs.get(vm.ref, []),
            "places": places.of(vm) if vm.power_state == "Running" else [],
        }
        for vm in (running_on(pool, host.ref) if host else ())
    ]


def discs_in(pool: Snapshot) -> dict[str, list[str]]:
    """The names of the discs in the drives of each VM."""
    found: dict[str, list[str]] = {}
    for vbd in pool.vbds.values():
        if vbd.type == "CD" and vbd.VDI in pool.vdis:
            found.setdefault(vbd.VM, []).append(pool.vdis[vbd.VDI].name_label)
    return found


def rows_of(losses: Losses) -> dict[str, object]:
    """Write the three tables as JSON, each row with its key, and what the rest can carry."""
    tables = {table: [to_json(row) | {"key": row.key} for row in getattr(losses, table)] for table in TABLES}
    return tables | {"capacity": to_json(losses.capacity)}


def targets(pool: Snapshot, stays: set[str]) -> list[SRRecord]:
    """The SRs that a disk could go to: plugged at a server that stays, and not for ISOs or devices."""
    there = {pbd.SR for pbd in pool.pbds.values() if pbd.currently_attached and pbd.host in stays}
    usable = [sr for ref, sr in pool.srs.items() if ref in there and sr.content_type not in {"iso", "disk"}]
    return sorted(usable, key=lambda sr: (not sr.shared, sr.name_label))


def target(pool: Snapshot, sr: SRRecord) -> dict[str, object]:
    """Storage of one server is named with it: all of them call theirs the same."""
    on = [pool.hosts[pbd.host].name_label for pbd in pool.pbds.values() if sr.ref == pbd.SR and pbd.host in pool.hosts]
    name = sr.name_label if sr.shared or len(on) != 1 else f"{sr.name_label} of {on[0]}"
    free = max(sr.physical_size - sr.physical_utilisation, 0)
    return {"uuid": sr.uuid, "name": name, "shared": sr.shared, "free": free}


def remembered(before: Stored, found: Mapping[str, object], now: datetime) -> dict[str, object]:
    """Return what was found with the moment at which each row was first seen."""
    known = answers.texts(before.get("first_seen"))
    begun = str(before.get("begun") or now.isoformat())
    first_seen = {key: known.get(key, now.isoformat()) for key in keys_of(found)}
    return {**found, "as_of": now.isoformat(), "begun": begun, "first_seen": first_seen}


def rows_in(found: Stored) -> list[tuple[str, str, Mapping[str, object]]]:
    """Return every stored row with the server that takes it and its table."""
    servers = [mapping(server) for server in items(found.get("servers"))]
    return [
        (str(server.get("name")), table, mapping(row))
        for table in TABLES
        for server in servers
        for row in items(server.get(table))
    ]


def items(stored: object) -> list[object]:
    """Return a stored list."""
    return stored if isinstance(stored, list) else []


def keys_of(found: Stored) -> list[str]:
    return list(dict.fromkeys(str(row.get("key")) for _, _, row in rows_in(found)))


def undecided(operation: Operation) -> int | None:
    """How many rows of loss wait for a decision; None before any was read."""
    found = mapping(operation.report.get("removal"))
    decided = standing(operation.draft, found)
    return sum(key not in decided for key in keys_of(found)) if found else None


def standing(draft: Stored, found: Stored) -> dict[str, Decision]:
    """The decisions that can still be carried out: one to move something to an SR that is gone is none any more."""
    there = {str(mapping(each).get("uuid")) for each in items(found.get("targets"))}
    made = decisions(draft.get("decisions"))
    return {key: each for key, each in made.items() if each.do is not What.MOVE or each.to in there}


def difference(before: Stored, found: Stored) -> str:
    """Say what a reading changed."""
    if not before:
        return ""
    old, new = set(keys_of(before)), set(keys_of(found))
    added, gone = len(new - old), len(old - new)
    said = [f"{added} new"] if added else []
    return (
        ", ".join(said + ([f"{gone} gone"] if gone else [])).capitalize() + "." if said or gone else "Nothing changed."
    )
