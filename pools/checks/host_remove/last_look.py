"""Right before a server is removed: what XAPI would refuse, and what would be lost that nobody decided about."""

from collections.abc import Collection, Iterator
from typing import Final

from pools.checks.finding import Finding, Severity, listed
from pools.checks.host_remove import emptying, rules
from pools.checks.host_remove.rules import Leaving
from pools.xapi.inventory import Snapshot
from pools.xapi.records import VMRecord

HARMLESS: Final = frozenset({"scan", "update"})  # XAPI does these by itself, and they end in a moment


def findings(pool: Snapshot, host_uuid: str, known: Collection[str]) -> list[Finding]:
    """What pool.eject itself would refuse, VMs on the server, and losses that are not among the ``known`` keys.

    An eject that XAPI lets wait for something else could begin up to two hours later, with nobody looking.
    """
    host = pool.host(host_uuid)
    if host is None:
        return [Finding(code="UUID_INVALID", subject=host_uuid, params=("host", host_uuid))]
    if pool.unread:
        return [unreadable(host_uuid, pool.unread)]
    there = [vm for vm in pool.vms.values() if vm.resident_on == host.ref and not vm.is_control_domain]
    running = sorted((vm for vm in there if vm.power_state != "Halted"), key=lambda vm: vm.name_label)
    leaving = Leaving(pool=pool, host=host, decided=frozenset(known))
    return [
        *(still_there(host_uuid, vm) for vm in running),
        *rules.refusals(leaving),
        *storage_at_work(leaving),
        *rules.nothing_else_is_under_way(leaving),
    ]


def storage_at_work(leaving: Leaving) -> Iterator[Finding]:
    """XAPI unplugs no storage that it works on (xapi_sr_operations.ml), and stops half-way there."""
    pool = leaving.pool
    mine = {pbd.SR for pbd in pool.pbds.values() if pbd.host == leaving.host.ref and pbd.currently_attached}
    for ref in sorted(mine & pool.srs.keys(), key=lambda ref: pool.srs[ref].name_label):
        sr = pool.srs[ref]
        if under_way := sorted(set(sr.current_operations.values()) - HARMLESS):
            yield leaving.refuse("XENWEB_STORAGE_BUSY", sr.name_label, listed(under_way))


def still_there(host_uuid: str, vm: VMRecord) -> Finding:
    """A VM that keeps its server in the pool."""
    name = vm.name_label or vm.uuid
    return Finding(
        code="XENWEB_VM_ON_SERVER", subject=host_uuid, params=(name,), theirs=name, values={emptying.VM: vm.uuid}
    )


def unreadable(host_uuid: str, classes: Collection[str]) -> Finding:
    """What cannot be read cannot be said to be safe."""
    return Finding(
        code="XENWEB_UNREADABLE",
        subject=host_uuid,
        severity=Severity.UNKNOWN,
        params=("the pool", ", ".join(sorted(classes))),
    )
