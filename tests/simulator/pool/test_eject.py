"""What a pool loses when a host is ejected, and how the host comes back (pool.md 3.2 to 3.5)."""

from collections.abc import Iterator

import pytest

from simulator.running import Simulation, running
from simulator.world.disks import contents
from simulator.world.software import RESTRICTIONS
from simulator.xapi.machines import pool_row
from simulator.xapi.pool.licences import update_pool_features
from simulator.xapi.rows import rows
from tests.simulator.pool.leaving import Left, ejected, only, refs, scene
from tests.simulator.rpc import Rpc

STORAGES = ("default_SR", "suspend_image_SR", "crash_dump_SR")


@pytest.fixture(scope="module")
def left() -> Iterator[Left]:
    """One eject, looked at by all tests here: they only read."""
    with running(scene()) as sim:
        sim.host("master").password = sim.host("stayer").password = sim.host("leaver").password = "the pool's"
        pool, leaver = sim.host("master").database, sim.host("leaver").ref
        own = next(r for r in pool.find("SR", name_label="Local storage") if pool.find("PBD", SR=r, host=leaver))
        pool.set("pool", pool.refs("pool")[0], **dict.fromkeys(STORAGES, own))
        limit(sim)
        yield ejected(sim)


def limit(sim: Simulation) -> None:
    """The leaver's licence is what restricts the pool."""
    pool = pool_row(sim.host("master"))
    for host in rows(pool.database, "host"):
        small = host.text("name_label") == "leaver"
        licence = RESTRICTIONS | {"restrict_pool_size": "true" if small else "false"}
        host.set(license_params=host.mapping("license_params") | licence)
    update_pool_features(pool)
    assert pool.mapping("restrictions")["restrict_pool_size"] == "true"


def test_the_host_record_and_what_hangs_on_it_go(left: Left) -> None:
    assert left.answer == []
    assert not left.pool.has("host", left.leaver_before)
    for cls in ("PIF", "PBD", "host_cpu"):
        assert {row["host"] for row in left.pool.records(cls).values()} == set(left.pool.refs("host")), cls
    assert len(left.pool.refs("Bond")) == len(left.pool.refs("VLAN")) == 2
    assert len(left.pool.refs("host_metrics")) == 2


def test_local_storage_goes_with_its_disks_and_shared_storage_stays(left: Left) -> None:
    names = [row["name_label"] for row in left.pool.records("SR").values()]
    assert sorted(map(str, names)) == ["DVD drives"] * 2 + ["Filer"] + ["Local storage"] * 2 + ["XCP-ng Tools"]
    assert "web" in {row["name_label"] for row in left.before["VDI"].values()}
    assert left.pool.refs("VDI") == []


def test_vms_stay_without_disks(left: Left) -> None:
    web = only(left.pool, "VM", name_label="web")
    assert (web["power_state"], web["VBDs"]) == ("Halted", [])
    assert only(left.pool, "VM", name_label="archive")["power_state"] == "Suspended"
    assert not left.pool.find("VM", name_label="Control domain on host: leaver")


def test_networks_stay_even_without_pifs(left: Left) -> None:
    assert set(left.before["network"]) == set(left.pool.refs("network"))


@pytest.mark.parametrize("name", STORAGES)
def test_default_sr_dangles_after_eject(left: Left, name: str) -> None:
    """[D] pool.md 3.3: and so do the pool's storages for suspend images and crash dumps."""
    default = only(left.pool, "pool")[name]
    assert default in left.before["SR"]
    assert not left.pool.has("SR", str(default))


def test_the_level_of_the_pool_is_that_of_those_who_stay(left: Left) -> None:
    stayers = [left.sim.host(name).hardware.cpu_count for name in ("master", "stayer")]
    assert only(left.pool, "pool")["cpu_info"]["cpu_count"] == str(sum(stayers))  # type: ignore[index]


def test_a_licence_that_left_restricts_no_longer(left: Left) -> None:
    assert only(left.pool, "pool")["restrictions"]["restrict_pool_size"] == "false"  # type: ignore[index]


def test_no_operation_is_left_on_the_pool(left: Left) -> None:
    pool = only(left.pool, "pool")
    assert pool["current_operations"] == {}
    assert "eject" in refs(pool, "allowed_operations")


def test_host_uuid_survives_eject(left: Left) -> None:
    """[D] pool.md 3.5."""
    assert only(left.own, "host")["uuid"] == left.before["host"][left.leaver_before]["uuid"]


def test_dom0_uuid_survives_eject(left: Left) -> None:
    """[D] pool.md 3.5."""
    before = left.before["VM"][str(left.before["host"][left.leaver_before]["control_domain"])]
    assert only(left.own, "VM", is_control_domain=True)["uuid"] == before["uuid"]


@pytest.mark.parametrize("cls", ["pool", "SR", "PIF", "PBD", "network"])
def test_everything_else_is_new(left: Left, cls: str) -> None:
    before = {row["uuid"] for row in left.before[cls].values()}
    assert left.uuids(left.own, cls)
    assert not left.uuids(left.own, cls) & before


def test_the_pool_of_one_has_no_name_no_vm_and_an_empty_disk(left: Left) -> None:
    assert only(left.own, "pool")["name_label"] == ""
    assert left.own.find("VM", is_a_template=False, is_control_domain=False) == []
    assert left.own.refs("VDI") == []
    local = only(left.own, "SR", name_label="Local storage")
    assert (local["physical_utilisation"], len(refs(local, "PBDs"))) == (0, 1)


def test_the_data_on_its_disks_is_lost(left: Left) -> None:
    (web,) = [row["uuid"] for row in left.before["VDI"].values()]
    on_disk = contents(left.leaver)
    assert [list(vdis) for vdis in on_disk.values()] == [[]]
    assert str(web) not in str(on_disk)
    assert len(left.leaver.disk.wiped) == 1


def test_the_password_stays_the_pools(left: Left) -> None:
    assert left.leaver.password == "the pool's"
    assert Rpc(left.leaver).call("pool.get_all")


def test_it_answers_at_its_address_with_its_name(left: Left) -> None:
    host, before = only(left.own, "host"), left.before["host"][left.leaver_before]
    assert (host["address"], host["hostname"]) == (before["address"], before["hostname"])
    assert (host["enabled"], host["tls_verification_enabled"]) == (True, True)


def test_a_bond_comes_back_as_one_nic(left: Left) -> None:
    """[D] pool.md 3.4: on the bond's primary card, with the bond's address."""
    assert left.own.refs("Bond") == left.own.refs("VLAN") == []
    management = only(left.own, "PIF", management=True)
    assert (management["device"], management["IP"]) == ("eth0", left.leaver.address)
    assert len(left.leaver.interfaces.plugs[left.leaver.interfaces.management].nics) == 1


def test_all_cards_are_plugged_and_no_other_address_is_left(left: Left) -> None:
    pifs = list(left.own.records("PIF").values())
    assert [pif["currently_attached"] for pif in pifs] == [True] * 4
    assert [pif["IP"] for pif in pifs if not pif["management"]] == [""] * 3
