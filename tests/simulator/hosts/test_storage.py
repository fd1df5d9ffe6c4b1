"""Plugging and forgetting storage (xapi_pbd.ml, xapi_sr.ml; pool.md 3.1 to 3.3)."""

import pytest

from simulator.xapi.rows import rows
from tests.simulator.hosts.lab import POOL, calm, error, pbd, pool, row
from tests.simulator.rpc import Rpc
from tests.simulator.waiting import until


def test_storage_that_a_guest_of_this_host_uses_stays_plugged() -> None:
    with calm() as sim:
        here, there = pbd(sim, "filer", "one"), pbd(sim, "filer", "two")
        assert error(sim, "PBD.unplug", here.ref) == ["VDI_IN_USE", row(sim, "VDI", "roaming disk").ref]
        assert error(sim, "PBD.unplug", there.ref) == []
        assert not there.flag("currently_attached")
        assert error(sim, "PBD.unplug", there.ref) == [], "twice is no error"
        assert error(sim, "PBD.plug", there.ref) == []
        assert there.flag("currently_attached")


def test_forgetting_storage_takes_its_disks_and_leaves_the_guests() -> None:
    with calm() as sim:
        sr, idle = row(sim, "SR", "filer"), row(sim, "VM", "idle")
        assert error(sim, "SR.forget", sr.ref) == ["SR_HAS_PBD", sr.ref]
        row(sim, "VM", "roaming").set(resident_on="OpaqueRef:NULL")
        for host in ("one", "two"):
            assert error(sim, "PBD.unplug", pbd(sim, "filer", host).ref) == []
        assert error(sim, "SR.forget", sr.ref) == []
        assert not list(rows(idle.database, "VDI", SR=sr.ref))
        assert not list(rows(idle.database, "PBD", SR=sr.ref))
        assert idle.text("name_label") == "idle"


def test_storage_is_destroyed_only_when_it_is_empty() -> None:
    with calm() as sim:
        sr = row(sim, "SR", "filer")
        for ref in sr.items("PBDs"):
            sr.database.set("PBD", ref, currently_attached=False)
        assert error(sim, "SR.destroy", sr.ref) == ["SR_NOT_EMPTY"]
        for ref in sr.items("VDIs"):
            sr.database.delete("VDI", ref)
        assert error(sim, "SR.destroy", sr.ref) == []


def test_new_shared_storage_is_plugged_everywhere_and_may_be_destroyed() -> None:
    with calm() as sim:
        config, host = {"server": "10.0.0.9", "serverpath": "/new"}, sim.hosts[0].ref
        made = Rpc(sim.hosts[0]).call("SR.create", host, config, 0, "new", "", "nfs", "user", True, {})
        sr = row(sim, "SR", "new")
        assert made == sr.ref
        assert [each.flag("currently_attached") for each in sr.all("PBDs", "PBD")] == [True, True]
        assert error(sim, "SR.create", host, {}, 0, "odd", "", "tape", "user", True, {}) == [
            "SR_UNKNOWN_DRIVER",
            "tape",
        ]


def test_a_silent_filer_is_tolerated_at_start_and_told_of() -> None:
    """pool.md 2.5 g and k: the member comes up without it, with an alert."""
    with pool() as sim:
        member = sim.hosts[1]
        sim.fault("pbd_plug_fails", host="two", times=None, data={"sr": "filer"})
        attached = pbd(sim, "filer", "two")
        sim.world.power_off(member)
        sim.world.power_on(member)
        until(lambda: member.settled)
        assert not attached.flag("currently_attached")
        alerts = member.database.records("message").values()
        assert "PBD_PLUG_FAILED_ON_SERVER_START" in {alert["name"] for alert in alerts}
        assert error(sim, "PBD.plug", attached.ref)[0] == "SR_BACKEND_FAILURE_73"


def test_a_filer_answers_only_on_its_networks() -> None:
    with pool(POOL.replace("{name: filer}]\n", "{name: filer, networks: [nowhere]}]\n")) as sim:
        assert not pbd(sim, "filer", "two").flag("currently_attached")
        assert error(sim, "PBD.plug", pbd(sim, "filer", "two").ref)[0] == "SR_BACKEND_FAILURE_73"


@pytest.mark.parametrize("name", ["filer", "Local storage", "XCP-ng Tools"])
def test_what_storage_allows_is_what_the_calls_do(name: str) -> None:
    with calm() as sim:
        sr = row(sim, "SR", name)
        able = sr.items("allowed_operations")
        assert ("scan" in able) == (error(sim, "SR.scan", sr.ref) == [])
        assert ("destroy" in able) == (error(sim, "SR.destroy", sr.ref) == [])
        if sr.database.has("SR", sr.ref):
            assert ("forget" in able) == (error(sim, "SR.forget", sr.ref) == [])
