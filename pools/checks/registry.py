"""The rules, in XAPI's order, and how all of them are asked: none hides another, and what is unread is unknown."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from pools.checks.facts import Facts, ServerFacts
from pools.checks.finding import Finding, Severity
from pools.checks.releases import as_asked
from pools.checks.report import Cell, CellState, Line, Report, state_of_findings, unreadable

__all__ = ["Cell", "CellState", "Report", "Rule", "Side", "answer", "check", "rules", "run_checks"]

Question = Callable[[Facts, ServerFacts], Iterator[Finding]]


class Side(StrEnum):
    """Whose data a rule looks at, and so for which servers it is asked."""

    JOINER = "joiner"  # each joining server's own
    POOL = "pool"  # the pool's: asked once, of the coordinator
    BOTH = "both"  # each joining server compared with the pool
    EACH = "each"  # every server's own, the coordinator's too


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One registered check; ``row`` is its place in xapi_pool.ml's pre_join_checks, empty for ours."""

    key: str
    title: str
    row: str
    side: Side
    needs: frozenset[str]
    of_members: bool
    ask: Question

    @property
    def order(self) -> tuple[int, str]:
        """XAPI's order; the licence (row 0) is looked at before any contact, our own rules after all."""
        parts = re.fullmatch(r"(\d+)([ab]?)", self.row)
        return (int(parts[1]), parts[2]) if parts else (1000, "")


_RULES: list[Rule] = []
ALWAYS_NEEDED = frozenset({"pool", "host"})


def check(
    *, title: str, side: Side, xapi_row: str = "", needs: tuple[str, ...] = (), of_members: bool = False
) -> Callable[[Question], Question]:
    """Register a rule. ``needs`` names wire classes; ``of_members``: asked even of a member of another pool."""

    def register(function: Question) -> Question:
        _RULES.append(
            Rule(
                key=getattr(function, "__name__", title),
                title=title,
                row=xapi_row,
                side=side,
                needs=ALWAYS_NEEDED | frozenset(needs),
                of_members=of_members,
                ask=function,
            )
        )
        return function

    return register


@cache
def rules() -> tuple[Rule, ...]:
    """All rules in the order in which XAPI would ask them, ours last."""
    return tuple(sorted(_RULES, key=lambda rule: rule.order))


def run_checks(facts: Facts) -> Report:
    """Ask every rule about every server it concerns."""
    ordered = rules()
    return Report(
        servers={server.uuid: server.name_label for server in facts.servers},
        lines=tuple(Line(rule=rule.key, title=rule.title, xapi_row=rule.row) for rule in ordered),
        cells=tuple(answer(rule, facts, server) for rule in ordered for server in facts.servers),
    )


def answer(rule: Rule, facts: Facts, server: ServerFacts) -> Cell:
    """Ask one rule about one server."""
    if not _concerns(rule, facts, server):
        return Cell(rule=rule.key, server_uuid=server.uuid, state=CellState.NOT_APPLICABLE)
    looked_at = () if server.is_member else _looked_at(rule, facts, server)
    unread = [finding for each in looked_at for finding in _unread(rule, each)]
    found = unread or list(rule.ask(facts, server))
    findings = tuple(as_asked(found, rule.row, _joining(rule, facts, server)))
    return Cell(rule=rule.key, server_uuid=server.uuid, state=state_of_findings(findings), findings=findings)


def _concerns(rule: Rule, facts: Facts, server: ServerFacts) -> bool:
    """Records that a member of another pool shows are that pool's: they say nothing about the server itself."""
    if server.is_member:
        return rule.of_members
    is_coordinator = server is facts.coordinator
    if rule.side is Side.POOL:
        return is_coordinator
    return rule.side is Side.EACH or not is_coordinator


def _looked_at(rule: Rule, facts: Facts, server: ServerFacts) -> tuple[ServerFacts, ...]:
    return (server, facts.coordinator) if rule.side is Side.BOTH else (server,)


def _joining(rule: Rule, facts: Facts, server: ServerFacts) -> tuple[ServerFacts, ...]:
    """Whose code asks: each joining server's own; the pool's rules are asked by all of them."""
    return (facts.joining or (server,)) if rule.side is Side.POOL else (server,)


def _unread(rule: Rule, server: ServerFacts) -> Iterator[Finding]:
    """What the rule would have to know of this server and does not."""
    missing = rule.needs & server.snapshot.unread
    if not server.readable:
        yield unreadable(server.uuid, server.name_label, server.error_code)
    elif missing:
        yield unreadable(server.uuid, server.name_label, ", ".join(sorted(missing)))
    elif not server.snapshot.pools or server.snapshot.host(server.uuid) is None:
        yield unreadable(server.uuid, server.name_label, "its own host record")


def unknown(server: ServerFacts, what: str) -> Finding:
    """Let a rule say that one value it needs is missing."""
    return unreadable(server.uuid, server.name_label, what)


def warning(code: str, server: ServerFacts, *params: str, theirs: str = "", ours: str = "") -> Finding:
    """Return a finding that does not stop anything."""
    return Finding(code=code, subject=server.uuid, severity=Severity.WARNING, params=params, theirs=theirs, ours=ours)


def refusal(code: str, server: ServerFacts, *params: str, theirs: str = "", ours: str = "") -> Finding:
    """Return a finding with which the join fails."""
    return Finding(code=code, subject=server.uuid, params=params, theirs=theirs, ours=ours)
