"""The pool offers what all its processors have; the forecast names what is lost and which VMs it concerns."""

import pytest

from pools.forecast import cpuid
from pools.forecast.cpu import join_effect, level
from simulator.world.features import intersect
from simulator.world.hardware import CPUS
from tests.pools.checks.fine import FINE, INTEL, NEW, OLD, add, facts, features, host, server
from tests.pools.checks.spoiled import AVX2, AVX512F, running

SEEN = {"features": INTEL}


def test_equal_processors_lose_nothing() -> None:
    forecast = level(FINE)
    assert (forecast.vendor, forecast.level, forecast.lost) == ("Intel", INTEL, ())
    assert forecast.words == "The pool keeps all processor features it has now."


def test_the_level_is_what_all_joining_servers_have() -> None:
    weaker = [features(server(f"new-{n}", 30 + n), drop=bit) for n, bit in enumerate((AVX2, AVX512F))]
    forecast = level(facts(OLD, *weaker))
    assert set(forecast.lost) == {"AVX2", "AVX-512 (F)"}
    assert forecast.words.startswith("VMs started after the joins will no longer get ")


def test_servers_without_features_are_named_as_unknown() -> None:
    forecast = level(facts(OLD, host(NEW, cpu_info={})))
    assert forecast.unknown == ("new-1",)
    assert "Not known for new-1" in forecast.words


@pytest.mark.parametrize("left", CPUS)
@pytest.mark.parametrize("right", CPUS)
def test_the_intersection_is_that_of_the_hypervisor(left: str, right: str) -> None:
    mine, theirs = CPUS[left].usual, CPUS[right].usual
    found = cpuid.intersect(cpuid.parse(mine) or (), cpuid.parse(theirs) or ())
    assert cpuid.render(found) == intersect(mine, theirs)


def test_an_older_generation_is_told_in_names_that_people_know() -> None:
    lost = cpuid.without(cpuid.parse(CPUS["skylake"].usual) or (), cpuid.parse(CPUS["haswell"].usual) or ())
    names = cpuid.names(lost)
    assert names[0].startswith("AVX-512 (")
    assert {"ADX", "SMAP", "RDSEED"} <= set(names)
    assert not any(name.startswith("feature ") for name in names)


def test_running_vms_that_saw_more_cannot_move_until_restarted() -> None:
    with_vms = add(OLD, running("db", last_boot_CPU_flags=SEEN), running("web", last_boot_CPU_flags={}))
    effect = join_effect(with_vms.snapshot, features(NEW, drop=AVX2).host)
    assert effect is not None
    assert (effect.lost, effect.stuck_vms) == (("AVX2",), ("db",))


@pytest.mark.parametrize("fields", [{"power_state": "Halted"}, {"is_control_domain": True}])
def test_halted_vms_and_control_domains_are_free(fields: dict[str, object]) -> None:
    with_vm = add(OLD, running("db", last_boot_CPU_flags=SEEN, **fields))
    effect = join_effect(with_vm.snapshot, features(NEW, drop=AVX2).host)
    assert effect is not None
    assert effect.stuck_vms == ()


def test_a_host_without_hvm_does_not_lower_the_level() -> None:
    plain = host(features(NEW, drop=AVX2), capabilities=("xen-3.0-x86_64",))
    effect = join_effect(OLD.snapshot, plain.host)
    assert effect is not None
    assert not effect.changes
    assert level(facts(OLD, plain)).lost == ()


@pytest.mark.parametrize("text", ["", "xyz", "1789cbf5-", "1_89cbf5", "-".join(["0" * 8] * 65)])
def test_what_is_no_feature_string_is_not_known(text: str) -> None:
    assert cpuid.parse(text) is None
    assert join_effect(OLD.snapshot, host(NEW, cpu_info={"features_hvm_host": text}).host) is None


def test_vectors_of_different_length_are_extended_with_zeros() -> None:
    assert cpuid.without((1, 2), (1,)) == (0, 2)
    assert cpuid.intersect((1, 2), (1,)) == (1, 0)


def test_a_bit_without_a_name_is_told_by_its_place() -> None:
    assert cpuid.names((0,) * 14 + (1 << 7,)) == ["feature 14.7"]
