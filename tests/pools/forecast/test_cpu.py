"""The pool offers what all its processors have; the forecast names what is lost and which VMs it concerns."""

import pytest

from pools.forecast import cpuid
from pools.forecast.cpu import join_effect
from simulator.world.features import intersect
from simulator.world.hardware import CPUS
from tests.pools.checks.fine import INTEL, NEW, OLD, add, features, host
from tests.pools.checks.spoiled import AVX2, running

SEEN = {"features": INTEL}


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


def test_a_host_without_hvm_takes_no_features_away() -> None:
    plain = host(features(NEW, drop=AVX2), capabilities=("xen-3.0-x86_64",))
    effect = join_effect(OLD.snapshot, plain.host)
    assert effect is not None
    assert not effect.changes


@pytest.mark.parametrize("text", ["", "xyz", "1789cbf5-", "1_89cbf5", "-".join(["0" * 8] * 65)])
def test_what_is_no_feature_string_is_not_known(text: str) -> None:
    assert cpuid.parse(text) is None
    assert join_effect(OLD.snapshot, host(NEW, cpu_info={"features_hvm_host": text}).host) is None


def test_vectors_of_different_length_are_extended_with_zeros() -> None:
    assert cpuid.without((1, 2), (1,)) == (0, 2)
    assert cpuid.intersect((1, 2), (1,)) == (1, 0)


def test_a_bit_without_a_name_is_told_by_its_place() -> None:
    assert cpuid.names((0,) * 14 + (1 << 7,)) == ["feature 14.7"]
