"""From a finding to the fixes that solve it. Cards and parked lanes show them."""

import re
from collections.abc import Sequence
from dataclasses import replace

from django.urls import reverse

from pools.checks.finding import Finding
from pools.checks.report import Report
from pools.models import Operation
from pools.operations.fixes.registry import CURES, FIXES, Cure, On
from pools.services.preflight import Card

PLAIN_UUID = re.compile(r"[0-9A-Za-z-]{1,64}")


def fixes_for(operation: Operation, finding: Finding) -> list[tuple[str, str]]:
    """Return the fixes of a finding as (label, URL); nothing where it cannot be solved from here. No query."""
    cure = CURES.get(finding.code)
    server = server_to_fix(operation, finding, cure) if cure else ""
    if cure is None or not PLAIN_UUID.fullmatch(server) or (cure.only and finding.theirs != cure.only):
        return []
    url = reverse("fix", args=[operation.pk, slug_of(cure.kind), server])
    return [(FIXES[cure.kind].solves, url)]


def server_to_fix(operation: Operation, finding: Finding, cure: Cure) -> str:
    """Return the uuid of the server that is to be changed; empty when the fix does not fit it."""
    coordinator = str(operation.draft.get("coordinator", ""))
    if cure.on is On.WEAKER:
        return coordinator if finding.ours == "off" else finding.subject
    return "" if cure.on is On.JOINER and finding.subject == coordinator else finding.subject


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
