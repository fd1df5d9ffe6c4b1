"""What forbids that a pool forgets a server: it is alive, it coordinates, or nobody has stated that it is dead."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from pools.checks.evidence import Evidence
from pools.checks.facts import Facts
from pools.checks.finding import Finding, Severity
from pools.checks.report import Cell, Line, Report, state_of_findings, unreadable

TITLES = {
    "pool_answers": "The pool answers",
    "server_is_dead": "The server is dead, by all that can be known from here",
    "somebody_states_it": "Somebody states that it is dead",
    "ha_is_off": "High availability is off",
    "room_for_all": "What is started elsewhere finds memory there",
}


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """``stated``: the server's name, as a person typed it; ``forgets``: not only its VMs are freed, its record goes.

    ``crowded``: names of VMs that are to start elsewhere and find no memory there.
    """

    stated: str = ""
    forgets: bool = True
    crowded: Collection[str] = ()


def run(facts: Facts, dead: Evidence, chosen: Chosen) -> Report:
    """Ask every rule about the one server."""
    asked = {
        "pool_answers": pool_answers(facts, dead),
        "server_is_dead": server_is_dead(facts, dead),
        "somebody_states_it": somebody_states_it(dead, chosen.stated),
        "ha_is_off": ha_is_off(facts, dead) if chosen.forgets else iter(()),
        "room_for_all": room_for_all(dead, chosen.crowded),
    }
    found = {rule: tuple(findings) for rule, findings in asked.items()}
    return Report(
        servers={facts.coordinator.uuid: facts.coordinator.name_label, dead.uuid: dead.name},
        lines=tuple(Line(rule=rule, title=title, xapi_row="0") for rule, title in TITLES.items()),
        cells=tuple(
            Cell(rule=rule, server_uuid=dead.uuid, state=state_of_findings(findings), findings=findings)
            for rule, findings in found.items()
        ),
    )


def pool_answers(facts: Facts, dead: Evidence) -> Iterator[Finding]:
    coordinator = facts.coordinator
    if not coordinator.readable or facts.pool.unread:
        why = coordinator.error_code or ", ".join(sorted(facts.pool.unread))
        yield unreadable(dead.uuid, coordinator.name_label, why)


def server_is_dead(facts: Facts, dead: Evidence) -> Iterator[Finding]:
    """xapi_host.ml, precheck_destroy_declare_dead: never the coordinator, and nobody who can be reached."""
    host = facts.pool.host(dead.uuid)
    if not facts.coordinator.readable:
        return
    if host is None:
        yield Finding(code="XENWEB_NOT_IN_POOL", subject=dead.uuid, params=(dead.name,))
        return
    if host.uuid == facts.pool.master.uuid:
        yield Finding(code="XENWEB_DEAD_COORDINATOR", subject=dead.uuid, params=(dead.name,))
    if dead.answers:
        yield Finding(code="XENWEB_IT_ANSWERS", subject=dead.uuid, params=(dead.name, dead.answer_in_words))
    elif facts.pool.is_live(host):
        yield Finding(code="XENWEB_STILL_REPORTED", subject=dead.uuid, severity=Severity.WARNING, params=(dead.name,))


def somebody_states_it(dead: Evidence, stated: str) -> Iterator[Finding]:
    if not dead.is_named(stated):
        yield Finding(code="XENWEB_NOT_STATED_DEAD", subject=dead.uuid, params=(dead.name,))


def ha_is_off(facts: Facts, dead: Evidence) -> Iterator[Finding]:
    """host.destroy refuses under HA, declare_dead does not (xapi_host.ml, destroy)."""
    pool = facts.pool.pool
    if pool.ha_enabled:
        yield Finding(code="HA_IS_ENABLED", subject=dead.uuid)


def room_for_all(dead: Evidence, crowded: Collection[str]) -> Iterator[Finding]:
    """XAPI may find room where this forecast does not: it squeezes VMs whose memory is dynamic."""
    for name in crowded:
        yield Finding(code="XENWEB_NO_ROOM_ELSEWHERE", subject=dead.uuid, severity=Severity.WARNING, params=(name,))
