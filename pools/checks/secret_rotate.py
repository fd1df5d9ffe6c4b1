"""What forbids that a pool gets a new secret, in the order in which XAPI asks (xapi_psr.ml, start)."""

from collections.abc import Iterator

from pools.checks.facts import Facts
from pools.checks.finding import Finding, Severity, listed
from pools.checks.report import Cell, Line, Report, state_of_findings, unreadable

TITLES = {
    "pool_answers": "The pool answers",
    "licence_allows_it": "The licence allows it",
    "every_server_reports": "Every server reports to the pool",
    "ha_is_off": "High availability is off",
    "no_upgrade": "No upgrade of the pool is under way",
    "nothing_else": "Nothing else is under way in the pool",
    "none_pending": "No rotation was left half-way",
}


def run(facts: Facts, *, ha: bool) -> Report:
    """Ask every rule; ``ha``: the plan switches high availability off and on again."""
    asked = {
        "pool_answers": pool_answers(facts),
        "licence_allows_it": licence_allows_it(facts),
        "every_server_reports": every_server_reports(facts),
        "ha_is_off": ha_is_off(facts, ha=ha),
        "no_upgrade": no_upgrade(facts),
        "nothing_else": nothing_else(facts),
        "none_pending": none_pending(facts),
    }
    found = {rule: tuple(findings) for rule, findings in asked.items()}
    uuid = facts.coordinator.uuid
    return Report(
        servers={uuid: facts.coordinator.name_label},
        lines=tuple(Line(rule=rule, title=title, xapi_row="0") for rule, title in TITLES.items()),
        cells=tuple(
            Cell(rule=rule, server_uuid=uuid, state=state_of_findings(findings), findings=findings)
            for rule, findings in found.items()
        ),
    )


def pool_answers(facts: Facts) -> Iterator[Finding]:
    coordinator = facts.coordinator
    missing = facts.pool.unread & {"pool", "host", "host_metrics"}
    if not coordinator.readable or missing:
        why = coordinator.error_code or ", ".join(sorted(missing))
        yield unreadable(coordinator.uuid, coordinator.name_label, why)


def licence_allows_it(facts: Facts) -> Iterator[Finding]:
    if facts.pool.pool.restrictions.get("restrict_pool_secret_rotation") == "true":
        yield refuse(facts, "LICENCE_RESTRICTION", "Pool_secret_rotation")


def every_server_reports(facts: Facts) -> Iterator[Finding]:
    """CANNOT_CONTACT_HOST: one that is away would not learn the new secret, and find no pool when it is back."""
    for host in sorted(facts.pool.hosts.values(), key=lambda host: host.name_label):
        if not facts.pool.is_live(host):
            yield refuse(facts, "XENWEB_ROTATION_AWAY", host.name_label)


def ha_is_off(facts: Facts, *, ha: bool) -> Iterator[Finding]:
    if not facts.pool.pool.ha_enabled:
        return
    if ha:
        yield warn(facts, "XENWEB_HA_SWITCHED")
    else:
        yield refuse(facts, "HA_IS_ENABLED")


def no_upgrade(facts: Facts) -> Iterator[Finding]:
    if facts.pool.pool.rolling_upgrade == "true":
        yield refuse(facts, "NOT_SUPPORTED_DURING_UPGRADE")


def nothing_else(facts: Facts) -> Iterator[Finding]:
    """XAPI does not wait for it (xapi_pool_helpers.ml, assert_no_pool_ops)."""
    if under_way := sorted(set(facts.pool.pool.current_operations.values())):
        yield refuse(facts, "XENWEB_ROTATION_BUSY", listed(under_way))


def none_pending(facts: Facts) -> Iterator[Finding]:
    if facts.pool.pool.is_psr_pending:
        yield warn(facts, "XENWEB_ROTATION_GOES_ON")


def refuse(facts: Facts, code: str, *params: str) -> Finding:
    return Finding(code=code, subject=facts.coordinator.uuid, params=params)


def warn(facts: Facts, code: str) -> Finding:
    return Finding(code=code, subject=facts.coordinator.uuid, severity=Severity.WARNING)
