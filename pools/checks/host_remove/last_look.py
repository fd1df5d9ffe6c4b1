"""Right before a server is removed: what would be lost that nobody decided about."""

from collections.abc import Collection

from pools.checks.finding import Finding, Severity
from pools.forecast.losses import losses_of
from pools.xapi.inventory import Snapshot


def findings(pool: Snapshot, host_uuid: str, known: Collection[str]) -> list[Finding]:
    """VMs that are on the server, and rows of loss that are not among the ``known`` keys."""
    host = pool.host(host_uuid)
    if host is None:
        return [Finding(code="UUID_INVALID", subject=host_uuid, params=("host", host_uuid))]
    if pool.unread:
        return [unreadable(host_uuid, pool.unread)]
    there = [vm for vm in pool.vms.values() if vm.resident_on == host.ref and not vm.is_control_domain]
    running = sorted(vm.name_label for vm in there if vm.power_state != "Halted")
    lost = losses_of(pool, host_uuid).named()
    return [
        *(Finding(code="XENWEB_VM_ON_SERVER", subject=host_uuid, params=(name,), theirs=name) for name in running),
        *(
            Finding(code="XENWEB_LOSS_NOT_DECIDED", subject=host_uuid, params=(name,), theirs=name)
            for key, name in lost.items()
            if key not in known
        ),
    ]


def unreadable(host_uuid: str, classes: Collection[str]) -> Finding:
    """What cannot be read cannot be said to be safe."""
    return Finding(
        code="XENWEB_UNREADABLE",
        subject=host_uuid,
        severity=Severity.UNKNOWN,
        params=("the pool", ", ".join(sorted(classes))),
    )
