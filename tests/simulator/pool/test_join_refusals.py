import re
from itertools import pairwise

import pytest
import XenAPI

from simulator.running import Simulation, running
from simulator.scenes.rules import SPOILERS, spoil
from simulator.world.host import HostMachine
from tests.simulator.pool.joining import refusal

IN_ORDER = sorted(SPOILERS.values(), key=lambda each: (int("".join(c for c in each.rule if c.isdigit())), each.rule))
# Check 1 needs a pool of three; it has a test of its own.
ALONE = [each.name for each in IN_ORDER if each.rule != "1"]


def test_there_is_a_spoiler_for_every_check() -> None:
    rules = {"".join(c for c in each.rule if c.isdigit()) for each in SPOILERS.values()}
    assert rules == {str(number) for number in range(1, 34)}


@pytest.mark.parametrize(("first", "second"), list(pairwise(ALONE)))
def test_of_two_reasons_only_the_earlier_is_told(sim: Simulation, first: str, second: str) -> None:
    joiner, master = sim.hosts
    expected = spoil(first, joiner, master)
    spoil(second, joiner, master)
    assert refusal(joiner, master)[0] == expected[0]


def told(description: list[str], joiner: HostMachine, master: HostMachine) -> list[str]:
    """Without what differs from scene to scene: references and names."""
    plain = [re.sub(r"OpaqueRef:[-\w]+", "REF", item) for item in description]
    return [re.sub(rf"host ({joiner.name}|{master.name}) ", "host NAME ", item) for item in plain]


def expected(name: str) -> list[str]:
    with running("two-standalone") as sim:
        joiner, master = sim.hosts
        return told(spoil(name, joiner, master), joiner, master)


def test_the_scene_of_all_refusals_keeps_its_word() -> None:
    with running("every-join-refusal") as sim:
        for name in ALONE:
            bad, sound = sim.host(name), sim.host("sound")
            joiner, master = (sound, bad) if SPOILERS[name].side == "pool" else (bad, sound)
            assert told(refusal(joiner, master), joiner, master) == expected(name), name


def test_the_scene_has_other_answers_of_the_same_checks() -> None:
    mismatch = "LICENSE_HOST_POOL_MISMATCH"
    answers = {
        ("edition-unknown", "sound"): [mismatch, 'Edition "xcp-ng" from pool is not known to v6d.'],
        ("edition-lower", "edition-premium"): [mismatch, 'host edition = "standard"', 'pool edition = "premium"'],
        ("db-schema-missing", "sound"): ["POOL_JOINING_HOST_MUST_HAVE_SAME_DB_SCHEMA", "", "5.909"],
    }
    with running("every-join-refusal") as sim:
        for (joiner, master), answer in answers.items():
            assert refusal(sim.host(joiner), sim.host(master)) == answer


@pytest.mark.parametrize("name", ["xapi-version", "cpu-vendor"])
def test_force_skips_the_check_of_software_and_processors(sim: Simulation, name: str) -> None:
    joiner, master = sim.hosts
    spoil(name, joiner, master)
    assert refusal(joiner, master)[0] == "HOSTS_NOT_HOMOGENEOUS"
    assert refusal(joiner, master, "pool.join_force") == []


@pytest.mark.parametrize("name", [each.name for each in IN_ORDER if each.rule not in {"1", "13a", "13b"}])
def test_force_skips_nothing_else(sim: Simulation, name: str) -> None:
    joiner, master = sim.hosts
    expected = spoil(name, joiner, master)
    assert refusal(joiner, master, "pool.join_force") == expected


def test_a_pool_that_knows_both_editions_names_them(sim: Simulation) -> None:
    joiner, master = sim.hosts
    master.database.set("host", master.ref, edition="premium")
    spoil("edition", joiner, master)
    told = refusal(joiner, master)
    assert told == ["LICENSE_HOST_POOL_MISMATCH", 'host edition = "standard"', 'pool edition = "premium"']


def test_the_XenAPI_package_sees_code_and_parameters(sim: Simulation) -> None:  # noqa: N802 - a name
    joiner, master = sim.hosts
    spoil("management-vlan", joiner, master)
    session = XenAPI.Session(f"https://{joiner.address}:{joiner.port}", ignore_ssl=True)
    session.xenapi.login_with_password(joiner.username, joiner.password)
    with pytest.raises(XenAPI.Failure) as failure:
        session.xenapi.pool.join(master.address, master.username, master.password)
    session("close")()
    assert failure.value.details == ["POOL_JOINING_HOST_MANAGEMENT_VLAN_DOES_NOT_MATCH", "12", "-1"]


def test_a_refused_join_leaves_both_sides_alone(sim: Simulation) -> None:
    joiner, master = sim.hosts
    spoil("db-schema", joiner, master)
    before = master.database.records("host"), joiner.database.records("host")
    refusal(joiner, master)
    assert (master.database.records("host"), joiner.database.records("host")) == before
    assert joiner.pool_conf == "master"
