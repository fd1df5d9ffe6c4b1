"""What a pool knows of a host after its join, and what a join does not look at (pool.md 1.3, 2.2, 2.5, 6)."""

from collections.abc import Iterator

import pytest

from simulator.running import Simulation, running
from simulator.world.host import HostMachine
from simulator.xapi.host.sync import four_words, refresh_pool_cpu_info
from simulator.xapi.machines import host_row, pool_row
from simulator.xapi.network.owned import bonds_of
from simulator.xapi.pool.hello import hello
from simulator.xapi.rows import Row, add, first, rows
from tests.simulator.pool.joining import joined, refusal
from tests.simulator.pool.test_join_networks import office
from tests.simulator.waiting import until


@pytest.fixture(scope="module")
def old_and_new() -> Iterator[Simulation]:
    with running("old-and-new") as found:
        yield found


def level_of(host: Row) -> dict[str, str]:
    pool = next(rows(host.database, "pool"))
    refresh_pool_cpu_info(pool)
    return pool.mapping("cpu_info")


def test_what_a_join_does_not_look_at(sim: Simulation) -> None:
    """pool.md 1.3: names, DHCP, licence expiry, `enabled`, multipathing, features and number of processors."""
    joiner, master = sim.hosts
    mine, theirs = host_row(joiner), host_row(master)
    mine.set(name_label=theirs.text("name_label"), hostname=theirs.text("hostname"), enabled=False, multipathing=True)
    mine.put("license_params", "expiry", "20010101T00:00:00Z")
    for key in ("features_hvm", "features_hvm_host", "cpu_count", "modelname"):
        mine.put("cpu_info", key, "1")
    pif = first(joiner.database, "PIF", management=True)
    assert pif
    pif.set(ip_configuration_mode="DHCP")
    assert refusal(joiner, master) == []


def test_a_record_with_its_uuid_is_used_again(sim: Simulation) -> None:
    """pool.md 1.3: no error, and no second record."""
    joiner, master = sim.hosts
    metrics = add(master.database, "host_metrics", live=False)
    old = add(master.database, "host", uuid=joiner.uuid, metrics=metrics.ref, edition=host_row(master).text("edition"))
    joined(sim, joiner, master)
    assert [host.ref for host in rows(master.database, "host", uuid=joiner.uuid)] == [old.ref]


def test_a_host_beyond_the_size_limit_is_unknown_though_its_join_succeeded(sim: Simulation) -> None:
    """[D] pool.md 2.5, and 2.2, second guard: host.create is refused, and nobody is told."""
    joiner, master = sim.hosts
    for name in ("second", "third"):
        add(master.database, "host", name_label=name, edition=host_row(master).text("edition"))
    pool_row(master).put("restrictions", "restrict_pool_size", "true")
    assert pool_row(joiner).mapping("restrictions")["restrict_pool_size"] == "false"
    assert refusal(joiner, master) == []
    until(lambda: joiner.emergency_error and joiner.emergency_error.code == "HOST_UNKNOWN_TO_MASTER")
    assert not master.database.find("host", uuid=joiner.uuid)


def test_both_storages_of_a_new_host_are_the_one_for_crash_dumps(sim: Simulation) -> None:
    """pool.md 2.2: a slip of the code that clients see."""
    joiner, master = sim.hosts
    mine = host_row(joiner)
    tools = next(rows(joiner.database, "SR", is_tools_sr=True))
    mine.set(suspend_image_sr=tools.ref)
    dumps = mine.to("crash_dump_sr", "SR").uuid
    joined(sim, joiner, master)
    new = host_row(joiner)
    assert [new.to(name, "SR").uuid for name in ("suspend_image_sr", "crash_dump_sr")] == [dumps, dumps]


def test_a_start_writes_what_a_join_has_left_out(sim: Simulation) -> None:
    """pool.md 2.5 c."""
    joiner, master = sim.hosts
    written = ("cpu_info", "bios_strings", "capabilities", "software_version")
    before = host_row(joiner).fields(*written)
    assert all(before.values())
    joined(sim, joiner, master)
    assert host_row(joiner).fields(*written) == before


def test_a_host_may_be_enabled_before_its_bonds_exist() -> None:
    """pool.md 2.5: what a client must not take for the end."""
    with running(office(4)) as sim:
        master, joiner = sim.hosts
        seen: list[tuple[bool, int]] = []
        original = sim.world.step

        def step(machine: HostMachine, name: str) -> None:
            if machine is joiner and name == "networks":
                seen.append((host_row(joiner).flag("enabled"), len(bonds_of(host_row(joiner)))))
            original(machine, name)

        sim.world.step = step  # type: ignore[method-assign]
        joined(sim, joiner, master)
        assert seen == [(True, 0)]
        assert len(bonds_of(host_row(joiner))) == 1


def test_an_address_is_known_even_where_the_master_cannot_call_back() -> None:
    """pool.md 2.5 b."""
    with running("dead-member") as sim:
        master, member, _dead = sim.hosts
        host = host_row(member)
        host.set(address="127.9.9.9")
        sim.fault("cannot_talk_back", host=member.name)
        with pytest.raises(Exception, match="HOST_MASTER_CANNOT_TALK_BACK"):
            hello(member, master)
        assert (host.text("address"), host.flag("enabled")) == (member.address, True)


def test_hello_ends_the_tasks_of_the_host() -> None:
    """pool.md 2.5 b: its own; those of others go on."""
    with running("dead-member") as sim:
        master, member, _dead = sim.hosts
        mine, other = (
            add(master.database, "task", status="pending", resident_on=each.ref) for each in (member, master)
        )
        hello(member, master)
        assert (mine.text("status"), other.text("status")) == ("cancelled", "pending")
        assert not host_row(member).flag("enabled")


def test_shared_storage_comes_without_what_is_the_masters_own(sim: Simulation) -> None:
    """pool.md 2.5 g: the master's device_config but SRmaster."""
    joiner, master = sim.hosts
    sr = add(master.database, "SR", name_label="Filer", type="nfs", shared=True)
    add(master.database, "PBD", SR=sr.ref, host=master.ref, device_config={"server": "filer", "SRmaster": "true"})
    joined(sim, joiner, master)
    (pbd,) = rows(master.database, "PBD", SR=sr.ref, host=joiner.ref)
    assert pbd.mapping("device_config") == {"server": "filer"}


def test_authorities_without_a_name_are_told_apart_by_fingerprint(sim: Simulation) -> None:
    """pool.md 2.1, step 6: pinned certificates too."""
    joiner, master = sim.hosts
    for side, fingerprints in ((joiner, ("aa", "bb")), (master, ("bb", "cc"))):
        for each in fingerprints:
            add(side.database, "Certificate", type="pinned", fingerprint_sha256=each, purpose=["licensing"])
    joined(sim, joiner, master)
    pinned = list(rows(master.database, "Certificate", type="pinned"))
    assert sorted(row.text("fingerprint_sha256") for row in pinned) == ["aa", "bb", "cc"]
    assert all(row.items("purpose") == ["licensing"] for row in pinned)


@pytest.mark.parametrize(
    ("host", "absent", "present"),
    [
        ("eight-1", {"threads_per_core", "nr_nodes"}, {"features"}),
        ("new-1", {"features"}, {"threads_per_core", "nr_nodes"}),
    ],
)
def test_the_keys_of_cpu_info_are_those_of_the_release(
    old_and_new: Simulation, host: str, absent: set[str], present: set[str]
) -> None:
    """pool.md 6.1."""
    info = host_row(old_and_new.host(host)).mapping("cpu_info")
    assert present <= info.keys()
    assert not absent & info.keys()


def test_four_words_are_those_of_the_two_oldest_leaves() -> None:
    """pool.md 6.1, the sample: ECX before EDX."""
    assert four_words("078bfbff-fffa3203-2c100800-00000021-00000001") == "fffa3203-078bfbff-00000021-2c100800"


def test_a_host_without_hardware_virtualisation_has_no_say_in_its_level(sim: Simulation) -> None:
    """pool.md 6.2: nor one without the keys in any."""
    host = host_row(sim.hosts[0])
    before = level_of(host)
    weak = add(
        host.database,
        "host",
        capabilities=["xen-3.0-x86_64"],
        cpu_info=host.mapping("cpu_info") | {"features_hvm_host": "0", "features_pv_host": "0"},
    )
    add(host.database, "host", cpu_info={"vendor": "GenuineIntel"})
    after = level_of(host)
    assert after["features_hvm_host"] == before["features_hvm_host"]
    assert set(after["features_pv_host"]) <= set("0-")
    weak.set(capabilities=["hvm-3.0-x86_64"])
    assert set(level_of(host)["features_hvm_host"]) <= set("0-")
