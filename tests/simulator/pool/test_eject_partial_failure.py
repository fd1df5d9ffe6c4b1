"""An eject that ends half-way: nothing is taken back (pool.md 3.1, rows 9 to 11, and 3.2)."""

import http.client
from collections.abc import Iterator
from dataclasses import replace

import pytest

from simulator.running import Simulation, running
from simulator.xapi.rows import add
from tests.simulator.pool.leaving import Left, about_to_leave, eject, is_back, only, scene
from tests.simulator.waiting import until


@pytest.fixture
def lab() -> Iterator[Simulation]:
    with running(scene()) as sim:
        yield sim


def state(left: Left) -> tuple[bool, bool, bool, str]:
    """Host record there, all PBDs unplugged, local storage forgotten, role on the leaver's disk."""
    plugged = [pbd for pbd in left.pool.records("PBD").values() if pbd["host"] == left.leaver_before]
    unplugged = not any(pbd["currently_attached"] for pbd in plugged)
    locals_left = len(left.pool.find("SR", name_label="Local storage"))
    return left.pool.has("host", left.leaver_before), unplugged, locals_left == 2, left.leaver.pool_conf[:6]


CRASHES = {
    "eject: after checks": (True, False, False, "slave:"),
    "eject: after unplug": (True, True, False, "slave:"),
    "eject: after forget": (True, True, True, "slave:"),
    "eject: after role": (True, True, True, "master"),
    "eject: reboot": (True, True, True, "master"),
}


@pytest.mark.parametrize("step", CRASHES)
def test_a_crash_of_the_server_leaves_what_was_done(lab: Simulation, step: str) -> None:
    """The master has lost the connection, and keeps the record of a host that may have left."""
    left = about_to_leave(lab)
    lab.world.timing = replace(lab.world.timing, down=30)
    lab.fault("toolstack_crash", host="leaver", step=step)
    assert eject(left) == ["CANNOT_CONTACT_HOST", left.leaver_before]
    assert state(left) == CRASHES[step]
    assert only(left.pool, "pool")["current_operations"] == {}


def test_a_crash_of_the_master_keeps_the_record_of_a_server_that_has_left(lab: Simulation) -> None:
    left = about_to_leave(lab)
    lab.fault("toolstack_crash", host="master", step="eject: before record")
    with pytest.raises((OSError, http.client.HTTPException)):
        eject(left)
    until(lambda: is_back(left.leaver) and is_back(left.master))
    assert left.pool.has("host", left.leaver_before)
    assert left.own is not left.pool
    until(lambda: not only(left.pool, "host_metrics", **metrics_uuid(left))["live"])


def metrics_uuid(left: Left) -> dict[str, object]:
    metrics = str(left.pool.field("host", left.leaver_before, "metrics"))
    return {"uuid": left.pool.field("host_metrics", metrics, "uuid")}


def test_a_server_that_has_left_does_not_hear_that_its_reply_was_lost(lab: Simulation) -> None:
    left = about_to_leave(lab)
    lab.fault("drop_after", host="leaver", method="pool.eject")
    assert eject(left) == ["CANNOT_CONTACT_HOST", left.leaver_before]
    until(lambda: is_back(left.leaver))
    assert left.pool.has("host", left.leaver_before)


def test_a_disk_in_use_stops_it_with_plugs_already_pulled(lab: Simulation) -> None:
    """Attached to the control domain, which no check looks at."""
    left = about_to_leave(lab)
    (disk,) = left.pool.find("VDI", name_label="web")
    domain = str(left.pool.field("host", left.leaver_before, "control_domain"))
    add(left.pool, "VBD", VM=domain, VDI=disk, currently_attached=True, type="Disk", other_config={})
    assert eject(left) == ["VDI_IN_USE", disk]
    assert left.pool.has("SR", str(left.pool.field("VDI", disk, "SR")))
    plugged = {row["currently_attached"] for row in left.pool.records("PBD").values() if mine(left, row)}
    assert True in plugged
    assert left.leaver.pool_conf.startswith("slave:")


def mine(left: Left, row: dict[str, object]) -> bool:
    return row["host"] == left.leaver_before


@pytest.mark.parametrize(("enabled", "code"), [(False, "CLUSTERING_DISABLED"), (True, "CLUSTER_HOST_IS_LAST")])
def test_a_cluster_member_that_cannot_leave_has_lost_its_storage(lab: Simulation, code: str, *, enabled: bool) -> None:
    left = about_to_leave(lab)
    cluster = add(left.pool, "Cluster")
    member = add(left.pool, "Cluster_host", cluster=cluster.ref, host=left.leaver_before, enabled=enabled)
    assert eject(left) == [code, member.ref]
    assert state(left) == (True, True, True, "slave:")


def test_a_member_that_can_leave_its_cluster_does(lab: Simulation) -> None:
    left = about_to_leave(lab)
    cluster = add(left.pool, "Cluster")
    for host in (left.leaver_before, left.master.ref):
        add(left.pool, "Cluster_host", cluster=cluster.ref, host=host, enabled=True)
    assert eject(left) == []
    assert only(left.pool, "Cluster_host")["host"] == left.master.ref


def test_a_master_that_restarts_before_the_reboot_keeps_its_members(lab: Simulation) -> None:
    """The leaver is a master by its disk already, but of another pool."""
    left = about_to_leave(lab)
    lab.world.timing = replace(lab.world.timing, fuse=30)
    assert eject(left) == []
    database = left.pool
    lab.world.restart(left.master, after=0)
    until(lambda: is_back(left.master))
    assert left.pool is database
