"""From a finding to the fixes that solve it. Cards and parked lanes show them."""

import re
from collections.abc import Sequence
from dataclasses import replace

from django.urls import reverse

from pools.checks.finding import Finding, Severity
from pools.checks.host_remove.emptying import VM
from pools.checks.report import Report
from pools.models import Operation
from pools.operations.fixes.registry import CURES, FIXES, Cure, On
from pools.services.preflight import Card

GUESTS = "fix_guests"
LEADS_OTHERS = "JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS"
JOINS = frozenset({"pool_create", "host_add"})
PLAIN_UUID = re.compile(r"[0-9A-Za-z-]{1,64}")


def fixes_for(operation: Operation, finding: Finding) -> list[tuple[str, str]]:
    """Return the fixes of a finding as (label, URL); nothing where it cannot be solved from here. No query."""
    if finding.code == LEADS_OTHERS and PLAIN_UUID.fullmatch(finding.subject):
        return [("Remove it from its old pool", reverse("host_remove_server", args=[finding.subject]))]
    if VM in finding.values:
        return out_of_the_way(operation, finding)
    cure = CURES.get(finding.code)
    if cure is None or (cure.only and finding.theirs != cure.only):
        return []
    where = servers_to_fix(operation, finding, cure)
    return [(label, fix_url(operation, cure, server)) for label, server in where if PLAIN_UUID.fullmatch(server)]


def out_of_the_way(operation: Operation, finding: Finding) -> list[tuple[str, str]]:
    """What helps a VM that keeps its server from being emptied; nothing where the plan sees to it."""
    if finding.severity is not Severity.ERROR or not PLAIN_UUID.fullmatch(finding.subject):
        return []
    return [(FIXES[GUESTS].solves, fix_url(operation, Cure(kind=GUESTS), finding.subject))]


def fix_url(operation: Operation, cure: Cure, server: str) -> str:
    return reverse("fix", args=[operation.pk, slug_of(cure.kind), server])


def servers_to_fix(operation: Operation, finding: Finding, cure: Cure) -> list[tuple[str, str]]:
    """Return labels and uuids of what is to be changed; XAPI's own refusal does not say which side it is about."""
    coordinator, solves = str(operation.draft.get("coordinator", "")), FIXES[cure.kind].solves
    two_sides = cure.on is On.WEAKER or (cure.on is On.EITHER and operation.kind in JOINS)
    if two_sides and not (finding.ours or finding.theirs):
        return [(f"{solves}: on this server", finding.subject), (f"{solves}: on the coordinator", coordinator)]
    if cure.on is On.WEAKER:
        return [(solves, coordinator if finding.ours == "off" else finding.subject)]
    theirs = cure.on in {On.JOINER, On.EITHER} and finding.subject == coordinator
    return [] if theirs else [(solves, finding.subject)]


def slug_of(kind: str) -> str:
    return kind.removeprefix("fix_").replace("_", "-")


def kind_of(slug: str) -> str:
    """Return the kind of a URL's slug, or nothing when there is no such fix."""
    kind = f"fix_{slug.replace('-', '_')}"
    return kind if kind in FIXES else ""


def with_fixes(cards: Sequence[Card], report: Report, operation: Operation) -> list[Card]:
    """Put on each card the fixes of its findings; where it is about several servers, each is named."""
    return [replace(card, fixes=tuple(offered(card, report, operation))) for card in cards]


def offered(card: Card, report: Report, operation: Operation) -> list[tuple[str, str]]:
    """Return the fixes of one card, each once."""
    found: dict[str, str] = {}
    for finding in report.findings:
        if (finding.code, finding.subject) in card.about:
            name = report.servers.get(finding.subject, "") if len(card.servers) > 1 else ""
            found |= {url: f"{label}: {name}" if name else label for label, url in fixes_for(operation, finding)}
    return [(label, url) for url, label in found.items()]
