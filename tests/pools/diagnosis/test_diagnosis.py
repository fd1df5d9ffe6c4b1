"""Every mismatch in the museum is found and named rightly, and nothing is found where nothing is wrong."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from pools.diagnosis import Kind, Mismatch, diagnose
from pools.xapi.inventory import Snapshot
from simulator.running import running
from tests.pools.diagnosis.reading import read

SOUND = {"m00", "m26"}  # device numbers of bonds that differ are no fault


@pytest.fixture(scope="module")
def museum() -> Iterator[Snapshot]:
    with running("bond-museum") as sim:
        yield read(sim.hosts[0])


def by_exhibit(pool: Snapshot, found: list[Mismatch]) -> dict[str, list[Mismatch]]:
    """The findings of each member, by the number in its name; those of the pool under an empty name."""
    names = {host.uuid: host.name_label[:3] for host in pool.hosts.values()}
    shown: dict[str, list[Mismatch]] = {name: [] for name in [*names.values(), ""]}
    for each in found:
        shown[names.get(each.host, "")].append(each)
    return shown


def test_each_exhibit_is_named_and_nothing_else_is_wrong_with_it(museum: Snapshot) -> None:
    shown = by_exhibit(museum, diagnose(museum))
    stranded = shown.pop("")
    for name, found in shown.items():
        causes = {each.kind for each in found if not each.because}
        expected = {Kind(f"M{int(name[1:])}")} if name.startswith("m") and name not in {*SOUND, "mus", "m25"} else set()
        assert causes == expected, name
    assert [each.kind for each in stranded] == [Kind.VIF_ON_MEMBER]


def test_consequences_name_a_cause_on_the_same_server(museum: Snapshot) -> None:
    found = diagnose(museum)
    by_key = {each.key: each for each in found}
    assert len(by_key) == len(found), "two findings are one"
    follow = [each for each in found if each.because]
    assert {each.kind for each in follow} >= {Kind.VLAN_ELSEWHERE, Kind.VLAN_MISSING, Kind.MANAGEMENT_ELSEWHERE}
    for each in follow:
        assert by_key[each.because].host == each.host
        assert by_key[each.because].because != each.key


def test_both_values_are_said(museum: Snapshot) -> None:
    shown = by_exhibit(museum, diagnose(museum))
    (partial,) = (each for each in shown["m03"] if not each.because)
    assert (partial.thing, partial.wanted, partial.found) == (
        "bond Storage bond",
        "eth2 + eth3",
        "eth2, eth3 is free",
    )
    moved = next(each for each in shown["m05"] if each.kind is Kind.MANAGEMENT_ELSEWHERE)
    assert (moved.wanted, moved.found) == ("on Management bond", "on Storage bond (a bond of eth0 + eth1)")


def test_another_server_can_be_the_reference(museum: Snapshot) -> None:
    """Seen from the one that has a bond more, all others miss it."""
    extra = next(host for host in museum.hosts.values() if host.name_label == "m07-extra")
    shown = by_exhibit(museum, diagnose(museum, extra.uuid))
    assert shown["m07"] == []
    assert [each.kind for each in shown["mus"]] == [Kind.BOND_MISSING]
    assert diagnose(museum, "no such host") == diagnose(museum)


def test_a_pool_without_its_coordinator_is_not_judged(museum: Snapshot) -> None:
    without = replace(museum, hosts={ref: host for ref, host in museum.hosts.items() if ref != museum.master.ref})
    assert diagnose(without) == []


@pytest.mark.parametrize("scene", ["pool-of-four", "old-and-new", "mixed-vendors", "ha-pool", "lacp-only-switch"])
def test_nothing_is_found_where_nothing_is_wrong(scene: str) -> None:
    with running(scene) as sim:
        assert [diagnose(read(host)) for host in sim.hosts if host.role == "master"] != []
        assert [each for host in sim.hosts if host.role == "master" for each in diagnose(read(host))] == []


def test_crossed_bonds_of_the_document_are_one_cause() -> None:
    with running("ibm-cloud") as sim:
        found = diagnose(read(sim.hosts[0]))
    assert {each.kind for each in found if not each.because} == {Kind.BONDS_CROSSED}
    assert {each.kind for each in found if each.because} == {Kind.VLAN_ELSEWHERE, Kind.MANAGEMENT_ELSEWHERE}
