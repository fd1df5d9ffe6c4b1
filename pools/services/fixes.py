"""A fix from its page to its plan, and the look afterwards; which fix solves what stands in cures.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db import transaction

from pools.checks.facts import ServerFacts
from pools.models import Operation, OperationState, Server, User
from pools.operations.fixes.fix import Fix
from pools.operations.fixes.registry import CURES, FIXES
from pools.operations.fixes.vms import other_host, running
from pools.services import audit, examination, guests, operations, planning, pool_create, preflight, wizards
from pools.services.cures import fixes_for, kind_of
from pools.services.guests import Guest
from pools.xapi.records import VMRecord

__all__ = ["FixPage", "begin", "choose", "fixes_for", "kind_of", "look_again"]

BEGUN = frozenset({OperationState.DRAFT, OperationState.PLANNED, OperationState.STALE, OperationState.REFUSED})
OWN_TEMPLATES = frozenset({"fix_vms", "fix_guests"})
ENDED = (OperationState.SUCCEEDED, OperationState.STOPPED, OperationState.UNDONE)


@dataclass(frozen=True, kw_only=True)
class FixPage:
    """What the page of a fix shows, from what was last read; the plan is made from what is read then."""

    kind: str
    server: Server
    parent: Operation | None
    operation: Operation | None = None

    @property
    def fix(self) -> Fix:
        return FIXES[self.kind]

    @property
    def template(self) -> str:
        return f"pools/fixes/_{self.kind if self.kind in OWN_TEMPLATES else 'fix'}.html"

    @property
    def chosen(self) -> Mapping[str, object]:
        found = self.operation.draft.get("fix", {}) if self.operation else {}
        return found if isinstance(found, Mapping) else {}

    @cached_property
    def facts(self) -> ServerFacts:
        return pool_create.stored_facts(self.server)

    @property
    def as_of(self) -> datetime | None:
        inventory = getattr(self.server.pool, "inventory", None)
        return inventory.as_of if inventory else None

    @property
    def vms(self) -> list[VMRecord]:
        return running(self.facts)

    @cached_property
    def guests(self) -> list[Guest]:
        """What keeps a server from being emptied, and what runs there besides."""
        return guests.on(self.parent, self.server) if self.parent else []

    @property
    def may_migrate(self) -> bool:
        return other_host(self.facts) is not None

    @property
    def reasons(self) -> list[preflight.Card]:
        """What it is for: the findings at which it is offered."""
        found = examination.state(self.parent).report if self.parent else None
        codes = {code for code, cure in CURES.items() if cure.kind == self.kind}
        return [card for card in preflight.cards(found) if card.code in codes] if found else []

    @property
    def findings(self) -> list[preflight.Card]:
        """What forbade the plan when it was last asked for."""
        found = examination.state(self.operation).report if self.operation else None
        return preflight.cards(found) if found else []


@transaction.atomic
def begin(*, page: FixPage, user: User, chosen: Mapping[str, object]) -> Operation:
    """Make the draft of a fix and have its plan made; one that this person began and never ran is gone on with."""
    server, kind = page.server, page.kind
    mine = Operation.objects.filter(parent=page.parent, kind=kind, servers=server, created_by=user, state__in=BEGUN)
    operation = mine.order_by("-created_at").first()
    if operation is None:
        operation = operations.create_draft(user=user, kind=kind)
        operation.parent, operation.pool = page.parent, server.pool
        operation.title = f"{page.fix.title} on {server.name_label}"
        operation.draft = {"servers": [server.uuid], "coordinator": server.uuid}
        operation.save()
        operation.servers.set([server])
        audit.record(actor=user, action="operation.drafted", subject=operation.title, operation=operation)
    return choose(operation=operation, user=user, chosen=chosen)


@transaction.atomic
def choose(*, operation: Operation, user: User, chosen: Mapping[str, object]) -> Operation:
    """Store what was chosen and have the plan made."""
    changes: dict[str, object] = {"fix": dict(chosen), **planning.NOT_ASKED}
    saved = operations.save_draft(operation=operation, user=user, changes=changes)
    planning.ask(operation=saved, user=user)
    return saved


def look_again(operation: Operation, user: User) -> None:
    """When a fix has changed a server since it was last asked, that server is examined again by itself."""
    asked = [str(operation.report[key]) for key in ("asked_at", "as_of") if operation.report.get(key)]
    if not asked or operation.state not in operations.EDITABLE:
        return
    ended = operation.fixes.filter(state__in=ENDED, finished_at__gt=max(asked))
    servers = set(ended.values_list("servers__uuid", flat=True))
    if servers:
        wizards.examine_again(operation=operation, user=user, again=servers)
        operation.refresh_from_db()
