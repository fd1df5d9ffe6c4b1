"""Joins by force: offered where only software versions differ, chosen with a typed reason, taken back at will."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction

from pools.checks.accepting import FORCED, is_version_difference, obstacle
from pools.checks.finding import Finding
from pools.checks.report import Report
from pools.models import Operation, User
from pools.services import audit, examination, operations, planning
from pools.services.errors import WrongState

SHORTEST_REASON = 10
LONGEST_REASON = 500


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What may be done about one server's difference of versions. ``obstacle``: why it cannot be forced."""

    uuid: str
    name: str
    forced: bool
    obstacle: str


def offers(findings: Iterable[Finding], report: Report) -> tuple[Offer, ...]:
    """Offer force for each of these findings that is a difference of versions."""
    about = [finding for finding in findings if finding.code == FORCED or is_version_difference(finding)]
    return tuple(
        Offer(
            uuid=finding.subject,
            name=report.servers.get(finding.subject, finding.subject),
            forced=finding.code == FORCED,
            obstacle=obstacle(report, finding.subject),
        )
        for finding in about
    )


def difference(operation: Operation, server_uuid: str) -> tuple[Finding, Offer] | None:
    """Return what the last examination found of this server's versions, and whether that may be forced."""
    report = examination.state(operation).report
    for finding in report.about(server_uuid) if report else []:
        for offer in offers([finding], report) if report else ():
            return finding, offer
    return None


@transaction.atomic
def force(*, operation: Operation, user: User, server_uuid: str, reason: str) -> Operation:
    """Store that this join is to be forced, and why; the servers are examined again."""
    report = examination.state(operation).report
    if report is None:
        raise WrongState("The servers have not been examined yet. Wait for that, then decide.")
    if why := obstacle(report, server_uuid):
        raise WrongState(f"This join cannot be forced. {why}")
    given = audit.storable(one_line(reason), LONGEST_REASON)
    if len(given) < SHORTEST_REASON:
        raise WrongState(f"Give a reason of {SHORTEST_REASON} letters or more: another person will decide by it.")
    saved = store(operation, user, forced_in(operation) | {server_uuid: given})
    data = {"server": server_uuid, "reason": given}
    audit.record(actor=user, action="operation.join_forced", subject=saved.title, operation=saved, data=data)
    return saved


@transaction.atomic
def withdraw(*, operation: Operation, user: User, server_uuid: str) -> Operation:
    """Take the force back: the difference stops the join again."""
    left = {uuid: reason for uuid, reason in forced_in(operation).items() if uuid != server_uuid}
    saved = store(operation, user, left)
    data = {"server": server_uuid}
    audit.record(actor=user, action="operation.join_force_withdrawn", subject=saved.title, operation=saved, data=data)
    return saved


def store(operation: Operation, user: User, forced: Mapping[str, str]) -> Operation:
    """Keep the choice in the draft, and examine again: it changes what the findings mean."""
    changes = {"forced": dict(forced), **planning.NOT_ASKED}
    saved = operations.save_draft(operation=operation, user=user, changes=changes)
    examination.ask(operation=saved, user=user)
    return saved


def forced_in(operation: Operation) -> dict[str, str]:
    """Return the joins to be forced, each with its reason."""
    return dict(operation.draft.get("forced", {}))


def one_line(text: str) -> str:
    """A reason stands in a plan that another person approves: no control or direction-changing characters."""
    flat = " ".join(text.split())
    return "".join(letter for letter in flat if not unicodedata.category(letter).startswith("C"))
