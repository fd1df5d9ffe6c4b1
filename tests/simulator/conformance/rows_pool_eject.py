"""What refuses a pool.eject, in order (pool.md 3.1): most rows break the next one too.

Row 7 cannot be reached: an update that runs makes the eject wait, and an eject that runs makes the update wait.
"""

from collections.abc import Callable
from dataclasses import replace

from simulator.running import Simulation
from simulator.scenes.model import VmSpec
from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.machines import host_row, pool_row
from simulator.xapi.rows import Row, add
from simulator.xapi.storage.rows import add_disk
from simulator.xapi.vm.rows import add_guest
from tests.simulator.conformance.runner import Asked
from tests.simulator.conformance.runner import Row as Case
from tests.simulator.pool.leaving import scene

Break = Callable[[HostMachine, HostMachine], list[str]]
TASK = "OpaqueRef:somebody's"
LAB = scene()


def _row(number: str, spoil: Break, *, on: str = "leaver", calm: bool = True) -> Case:
    def arrange(sim: Simulation) -> Asked:
        sim.world.timing = replace(sim.world.timing, wait_pool=0.05)
        master = sim.host("master")
        return Asked(host=master, args=(sim.host(on).ref,), error=spoil(master, sim.host("leaver")))

    return Case(
        id=f"eject-{number}",
        source=f"pool.md 3.1, {number}",
        method="pool.eject",
        arrange=arrange,
        scene=LAB,
        calm=calm,
    )


def _rotating(master: HostMachine, leaver: HostMachine) -> list[str]:
    _busy(master, leaver)
    pool_row(master).set(is_psr_pending=True)
    return ["POOL_SECRET_ROTATION_PENDING"]


def _busy(master: HostMachine, leaver: HostMachine) -> list[str]:
    _dead(master, leaver)
    pool = pool_row(master)
    pool.set(current_operations={TASK: "get_updates"})
    return ["OTHER_OPERATION_IN_PROGRESS", "pool", pool.ref, "get_updates", TASK]


def _dead(master: HostMachine, leaver: HostMachine) -> list[str]:
    _silent(master, leaver)
    host_row(leaver).to("metrics", "host_metrics").set(live=False)
    return ["HOST_OFFLINE", leaver.ref]


def _silent(master: HostMachine, leaver: HostMachine) -> list[str]:
    _starting(master, leaver)
    leaver.world.hush(leaver)
    return ["CANNOT_CONTACT_HOST", leaver.ref]


def _starting(master: HostMachine, leaver: HostMachine) -> list[str]:
    _with_ha(master, leaver)
    leaver.emergency_error = XapiError("HOST_STILL_BOOTING")
    return ["HOST_STILL_BOOTING"]


def _master(master: HostMachine, leaver: HostMachine) -> list[str]:
    _with_ha(master, leaver)
    return ["INTERNAL_ERROR", "Xapi_pool.Cannot_eject_master"]


def _with_ha(master: HostMachine, leaver: HostMachine) -> list[str]:
    _resident(master, leaver)
    pool_row(master).set(ha_enabled=True)
    return ["HA_IS_ENABLED"]


def _resident(master: HostMachine, leaver: HostMachine) -> list[str]:
    """Paused is enough."""
    _in_use(master, leaver)
    add_guest(host_row(leaver), VmSpec(name="intranet", power_state="Paused"))
    return ["OPERATION_NOT_ALLOWED", "VM resident on host"]


def _busy_storage(_master: HostMachine, leaver: HostMachine) -> list[str]:
    sr = _local(leaver)
    sr.set(current_operations={TASK: "scan"})
    return ["OTHER_OPERATION_IN_PROGRESS", "SR", sr.ref, "scan", TASK]


def _in_use(_master: HostMachine, leaver: HostMachine) -> list[str]:
    """A disk in the control domain."""
    host = host_row(leaver)
    disk = add_disk(_local(leaver), "metadata", 1)
    domain = host.text("control_domain")
    add(host.database, "VBD", VM=domain, VDI=disk.ref, currently_attached=True, type="Disk", other_config={})
    return ["VDI_IN_USE", disk.ref]


def _gone(master: HostMachine, leaver: HostMachine) -> list[str]:
    """It has been forgotten."""
    ref = leaver.ref
    master.database.delete("host", ref)
    return ["HANDLE_INVALID", "host", ref]


def _clustered(leaver: HostMachine, *, members: int, enabled: bool) -> Row:
    database = leaver.database
    cluster = add(database, "Cluster", cluster_stack="corosync")
    mine = add(database, "Cluster_host", host=leaver.ref, cluster=cluster.ref, enabled=enabled)
    for _other in range(members - 1):
        add(database, "Cluster_host", cluster=cluster.ref, enabled=True)
    return mine


def _not_in_its_cluster(_master: HostMachine, leaver: HostMachine) -> list[str]:
    return ["CLUSTERING_DISABLED", _clustered(leaver, members=2, enabled=False).ref]


def _last_of_its_cluster(_master: HostMachine, leaver: HostMachine) -> list[str]:
    return ["CLUSTER_HOST_IS_LAST", _clustered(leaver, members=1, enabled=True).ref]


def _local(leaver: HostMachine) -> Row:
    found = [pbd.to("SR", "SR") for pbd in host_row(leaver).all("PBDs", "PBD")]
    return next(sr for sr in found if sr.text("type") == "ext")


ROWS = (
    _row("1", _rotating, calm=False),
    _row("2", _busy, calm=False),
    _row("3", _dead, calm=False),
    _row("4", _silent, calm=False),
    _row("4b", _starting, calm=False),
    _row("5", _master, on="master"),
    _row("6", _with_ha),
    _row("8", _resident),
    _row("9", _in_use),
    _row("9-operation", _busy_storage),
    _row("11", _not_in_its_cluster),
    _row("11-last", _last_of_its_cluster),
    _row("gone", _gone),
)
