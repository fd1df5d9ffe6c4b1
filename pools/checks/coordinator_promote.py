"""What forbids that a member takes a pool over: its coordinator lives, HA will do it, or another one has done it."""

from collections.abc import Callable, Iterator, Mapping

from pools.checks.evidence import ITSELF, Evidence, is_address
from pools.checks.facts import Facts
from pools.checks.finding import Finding, Severity
from pools.checks.report import Cell, Line, Report, state_of_findings


class Asked:
    """One question: who is dead, who takes over, and what was typed."""

    def __init__(self, facts: Facts, dead: Evidence, heir: str, stated: str) -> None:
        self.pool, self.dead, self.stated = facts.pool, dead, stated
        self.heir = self.pool.host(heir)
        self.old_address = self.pool.master.address

    def refuse(self, code: str, *params: str) -> Finding:
        return Finding(code=code, subject=self.dead.uuid, params=params)


def coordinator_is_dead(asked: Asked) -> Iterator[Finding]:
    if asked.dead.answers:
        yield asked.refuse("XENWEB_IT_ANSWERS", asked.dead.name, asked.dead.answer_in_words)


def somebody_states_it(asked: Asked) -> Iterator[Finding]:
    if not asked.dead.is_named(asked.stated):
        yield asked.refuse("XENWEB_NOT_STATED_DEAD", asked.dead.name)


def heir_is_there(asked: Asked) -> Iterator[Finding]:
    if asked.heir is None or asked.heir.uuid == asked.dead.uuid:
        yield asked.refuse("XENWEB_NO_HEIR", asked.dead.name)
    elif not asked.dead.says(asked.heir.uuid):
        yield asked.refuse("XENWEB_HEIR_SILENT", asked.heir.name_label)


def nobody_else_coordinates(asked: Asked) -> Iterator[Finding]:
    """A member that names another coordinator, or itself, has been told so already."""
    for view in asked.dead.views:
        if view.coordinator == ITSELF:
            yield asked.refuse("XENWEB_OTHER_COORDINATOR", view.name, view.name)
        elif is_address(view.coordinator) and view.coordinator != asked.old_address:
            yield asked.refuse("XENWEB_OTHER_COORDINATOR", view.name, view.coordinator)


def ha_is_off(asked: Asked) -> Iterator[Finding]:
    """Under HA the servers choose a coordinator themselves (emergency_transition_to_master refuses)."""
    if asked.pool.pool.ha_enabled:
        yield asked.refuse("HA_IS_ENABLED")


def every_member_answers(asked: Asked) -> Iterator[Finding]:
    for view in asked.dead.views:
        if not view.coordinator:
            params = (view.name,)
            yield Finding(
                code="XENWEB_MEMBER_SILENT", subject=asked.dead.uuid, severity=Severity.WARNING, params=params
            )


RULES: Mapping[str, tuple[str, Callable[[Asked], Iterator[Finding]]]] = {
    "coordinator_is_dead": ("The coordinator is dead, by all that can be known from here", coordinator_is_dead),
    "somebody_states_it": ("Somebody states that it is dead", somebody_states_it),
    "heir_is_there": ("Who takes over answers", heir_is_there),
    "nobody_else_coordinates": ("Nobody else has taken the pool over", nobody_else_coordinates),
    "ha_is_off": ("High availability is off", ha_is_off),
    "every_member_answers": ("Every other member answers", every_member_answers),
}


def run(asked: Asked) -> Report:
    """Ask every rule."""
    found = {rule: tuple(ask(asked)) for rule, (_, ask) in RULES.items()}
    return Report(
        servers={asked.dead.uuid: asked.dead.name},
        lines=tuple(Line(rule=rule, title=title, xapi_row="0") for rule, (title, _) in RULES.items()),
        cells=tuple(
            Cell(rule=rule, server_uuid=asked.dead.uuid, state=state_of_findings(findings), findings=findings)
            for rule, findings in found.items()
        ),
    )
