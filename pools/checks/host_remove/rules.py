"""What forbids the removal of a server, in the order in which pool.eject would stop at it (xapi_pool.ml, eject)."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from pools.checks.facts import Facts
from pools.checks.finding import Finding, Severity, listed
from pools.checks.host_remove.emptying import Emptying
from pools.checks.report import Cell, Line, Report, state_of_findings, unreadable
from pools.forecast.losses import losses_of
from pools.xapi.inventory import Snapshot
from pools.xapi.records import HostRecord


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """One server that leaves. ``decided``: keys of the rows of loss that were decided about.

    ``gone``: who has left before it; ``heir``: who coordinates then; ``ha``: HA is switched off meanwhile.
    ``emptying``: what XAPI said of its VMs; nothing where it was not asked.
    """

    pool: Snapshot
    host: HostRecord
    gone: tuple[str, ...] = ()
    decided: frozenset[str] = frozenset()
    heir: str = ""
    ha: bool = False
    emptying: Emptying | None = None

    def refuse(self, code: str, *params: str, theirs: str = "", ours: str = "") -> Finding:
        return Finding(code=code, subject=self.host.uuid, params=params, theirs=theirs, ours=ours)

    def warn(self, code: str, *params: str) -> Finding:
        return Finding(code=code, subject=self.host.uuid, severity=Severity.WARNING, params=params)


ENOUGH_FOR_HA = 2
Question = Callable[[Leaving], Iterator[Finding]]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """``row``: its place among XAPI's own checks (eject); empty for ours."""

    key: str
    title: str
    row: str
    ask: Question


_RULES: list[Rule] = []


def rule(title: str, row: str = "") -> Callable[[Question], Question]:
    """Register a rule; they are asked in the order of this file."""

    def register(ask: Question) -> Question:
        _RULES.append(Rule(key=getattr(ask, "__name__", title), title=title, row=row, ask=ask))
        return ask

    return register


@rule("No rotation of the pool's secret is pending", "1")
def no_secret_rotation(leaving: Leaving) -> Iterator[Finding]:
    if leaving.pool.pool.is_psr_pending:
        yield leaving.refuse("POOL_SECRET_ROTATION_PENDING")


@rule("Nothing else is under way in the pool", "2")
def nothing_else_is_under_way(leaving: Leaving) -> Iterator[Finding]:
    """XAPI waits for it, up to two hours."""
    under_way = sorted(set(leaving.pool.pool.current_operations.values()) - {"apply_updates"})
    if under_way:
        yield leaving.warn("XENWEB_POOL_BUSY", listed(under_way))


@rule("The server reports to the pool", "3")
def server_is_live(leaving: Leaving) -> Iterator[Finding]:
    if not leaving.pool.is_live(leaving.host):
        yield leaving.refuse("HOST_OFFLINE", leaving.host.name_label, theirs="does not report", ours="reports")


@rule("Another server is there, and coordinates", "5")
def another_server_coordinates(leaving: Leaving) -> Iterator[Finding]:
    left = [host for host in leaving.pool.hosts.values() if host.uuid not in {leaving.host.uuid, *leaving.gone}]
    if not left:
        yield leaving.refuse("XENWEB_LAST_SERVER", leaving.host.name_label)
    elif leaving.host.uuid == leaving.pool.master.uuid and leaving.heir not in {host.uuid for host in left}:
        yield leaving.refuse("XENWEB_NO_HEIR", leaving.host.name_label)


@rule("Every server takes part when the coordinator hands over", "5")
def all_report_when_the_coordinator_leaves(leaving: Leaving) -> Iterator[Finding]:
    """pool.sync_database asks all of them, and fails with the first that is away (pool_db_backup.ml)."""
    if leaving.host.uuid != leaving.pool.master.uuid:
        return
    others = [host for host in leaving.pool.hosts.values() if host.uuid not in {leaving.host.uuid, *leaving.gone}]
    for host in sorted(others, key=lambda host: host.name_label):
        if not leaving.pool.is_live(host):
            yield leaving.refuse("HOST_OFFLINE", host.name_label, theirs="does not report", ours="reports")


@rule("The next coordinator is fit for it", "5")
def heir_is_fit(leaving: Leaving) -> Iterator[Finding]:
    """XAPI asks neither whether it is enabled nor what it runs (xapi_pool.ml, designate_new_master)."""
    heir = leaving.pool.host(leaving.heir)
    if leaving.host.uuid != leaving.pool.master.uuid or heir is None:
        return
    if not heir.enabled:
        yield leaving.refuse("HOST_DISABLED", heir.name_label, theirs="disabled", ours="enabled")
    theirs, ours = version(heir), version(leaving.host)
    if theirs != ours:
        yield leaving.refuse("XENWEB_HEIR_VERSION", heir.name_label, theirs, ours, theirs=theirs, ours=ours)


def version(host: HostRecord) -> str:
    said = host.software_version
    return " ".join(said[key] for key in ("product_version", "build_number") if said.get(key))


@rule("High availability is off", "6")
def ha_is_off(leaving: Leaving) -> Iterator[Finding]:
    if not leaving.pool.pool.ha_enabled:
        return
    found = leaving.refuse("HA_IS_ENABLED", theirs="on", ours="off")
    yield leaving.warn("XENWEB_HA_SWITCHED") if leaving.ha else found


@rule("High availability can go on afterwards")
def ha_can_go_on(leaving: Leaving) -> Iterator[Finding]:
    """With one server there is nobody to restart VMs; fewer servers bear fewer failures."""
    pool, left = leaving.pool.pool, len(leaving.pool.hosts) - len(leaving.gone) - 1
    if not (pool.ha_enabled and leaving.ha):
        return
    if left < ENOUGH_FOR_HA:
        yield leaving.warn("XENWEB_HA_ENDS", leaving.host.name_label)
    elif pool.ha_host_failures_to_tolerate >= left:
        yield leaving.warn("XENWEB_HA_BEARS_LESS", str(pool.ha_host_failures_to_tolerate), str(left - 1))


@rule("No update is being installed", "7")
def no_update_is_installed(leaving: Leaving) -> Iterator[Finding]:
    if "apply_updates" in leaving.pool.pool.current_operations.values():
        yield leaving.refuse("NOT_SUPPORTED_DURING_UPGRADE")


@rule("No disk is in use by the server itself", "9")
def no_disk_is_in_use(leaving: Leaving) -> Iterator[Finding]:
    """One that its control domain holds keeps storage plugged in: XAPI stops there, with other storage gone."""
    pool = leaving.pool
    domains = {vm.ref for vm in pool.vms.values() if vm.is_control_domain and vm.resident_on == leaving.host.ref}
    for vbd in pool.vbds.values():
        disk = pool.vdis.get(vbd.VDI)
        if vbd.VM in domains and vbd.currently_attached and disk:
            sr = pool.srs.get(disk.SR)
            yield leaving.refuse("XENWEB_DISK_IN_USE", disk.name_label or disk.uuid, sr.name_label if sr else "")


@rule("The server is not in a cluster", "11")
def not_clustered(leaving: Leaving) -> Iterator[Finding]:
    """A member of a GFS2 cluster leaves it first, and may be one too many (xapi_cluster_host.ml, destroy)."""
    for member in leaving.pool.cluster_hosts.values():
        if member.host == leaving.host.ref and member.enabled:
            yield leaving.warn("XENWEB_LEAVES_CLUSTER", leaving.host.name_label)


@rule("Every VM on it can move away")
def every_vm_can_move(leaving: Leaving) -> Iterator[Finding]:
    """host.evacuate moves none at all when one cannot move (compute_evacuation_plan_no_wlb)."""
    yield from leaving.emptying.findings() if leaving.emptying else ()


@rule("Every loss is decided")
def every_loss_is_decided(leaving: Leaving) -> Iterator[Finding]:
    lost = losses_of(leaving.pool, leaving.host.uuid, leaving.gone).named()
    for key, name in lost.items():
        if key not in leaving.decided:
            yield leaving.refuse("XENWEB_LOSS_NOT_DECIDED", name, theirs=name)


def refusals(leaving: Leaving) -> list[Finding]:
    """What stands against it, worse than a warning."""
    found = (finding for rule in _RULES for finding in rule.ask(leaving))
    return [finding for finding in found if finding.severity in {Severity.ERROR, Severity.UNKNOWN}]


def run(facts: Facts, leaving: Collection[Leaving]) -> Report:
    """Ask every rule about every server that leaves."""
    coordinator = facts.coordinator
    servers = {coordinator.uuid: coordinator.name_label}
    servers |= {each.host.uuid: each.host.name_label for each in leaving}
    return Report(
        servers=servers,
        lines=tuple(Line(rule=rule.key, title=rule.title, xapi_row=rule.row) for rule in _RULES),
        cells=tuple(answer(rule, facts, each) for rule in _RULES for each in leaving),
    )


def answer(rule: Rule, facts: Facts, leaving: Leaving) -> Cell:
    """Ask one rule; what is not known of the pool is unknown, never fine."""
    coordinator, unread = facts.coordinator, facts.pool.unread
    if not coordinator.readable or unread:
        why = coordinator.error_code or ", ".join(sorted(unread))
        found = [unreadable(leaving.host.uuid, coordinator.name_label, why)]
    else:
        found = list(rule.ask(leaving))
    return Cell(rule=rule.key, server_uuid=leaving.host.uuid, state=state_of_findings(found), findings=tuple(found))
