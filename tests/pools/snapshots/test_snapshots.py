"""A network snapshot: what it holds, what makes it incomplete, how two are compared, and its export."""

from collections.abc import Iterator
from dataclasses import fields, replace

import pytest
from django.utils import timezone

from pools.forecast.stored import restored, to_json
from pools.snapshots.build import snapshot_of
from pools.snapshots.data import Interface, Kind, NetworkData
from pools.snapshots.diff import difference
from pools.snapshots.exports import NotASnapshot, as_json, from_json
from pools.snapshots.items import items_of
from pools.xapi.inventory import Snapshot
from simulator.running import Simulation, running
from tests.pools.forecast.parity import read


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulation]:
    with running("ibm-cloud") as found:
        yield found


@pytest.fixture(scope="module")
def pool(sim: Simulation) -> Snapshot:
    return read(sim.host("ibm-1"))


@pytest.fixture
def second(sim: Simulation, pool: Snapshot) -> NetworkData:
    return snapshot_of(pool, sim.host("ibm-2").uuid)


def interface(data: NetworkData, name: str) -> Interface:
    return next(each for each in data.interfaces if data.named(each) == name)


def test_everything_that_a_removal_takes_is_there(second: NetworkData, pool: Snapshot) -> None:
    host = pool.host(second.place.host_uuid)
    assert host is not None
    assert {each.uuid for each in second.interfaces} == {pif.uuid for pif in pool.pifs_of(host)}
    assert [(each.device, each.position) for each in second.nics] == [(f"eth{n}", n) for n in range(4)]
    private = next(bond for bond in second.bonds if second.network(bond.network).name == "Private bond")
    assert (private.mode, private.members) == ("lacp", (second.nics[0].mac, second.nics[2].mac))
    storage = interface(second, "Storage 1100 (VLAN 1100)")
    assert (storage.address.ip, second.below(storage)) == ("10.110.0.12", interface(second, "Private bond"))
    assert second.complete


def test_keys_stay_when_uuids_change(second: NetworkData) -> None:
    keys = {each.key for each in second.interfaces}
    assert len(keys) == len(second.interfaces)
    assert {f"nic:{nic.mac}" for nic in second.nics} <= keys
    assert not [each for each in second.interfaces if each.uuid in each.key]


def test_items_come_in_the_order_of_rebuilding(second: NetworkData) -> None:
    found = [item.title for item in items_of(second)]
    assert found[0] == "Bond Public bond: eth1 + eth3"
    assert found[1] == "Bond Private bond: eth0 + eth2"
    assert found[2] == "Storage 1100 (VLAN 1100) on Private bond"
    assert found[-1] == "Management on Private bond"
    assert len({item.key for item in items_of(second)}) == len(found)


@pytest.mark.parametrize("spoiled", ["unread", "not live", "no cards", "no management", "nobody"])
def test_a_snapshot_with_something_missing_says_so(pool: Snapshot, second: NetworkData, spoiled: str) -> None:
    off = {ref: replace(pif, management=False) for ref, pif in pool.pifs.items()}
    ways = {
        "unread": replace(pool, unread=frozenset({"vlan"})),
        "not live": replace(pool, host_metrics={}),
        "no cards": replace(pool, pifs={}),
        "no management": replace(pool, pifs=off),
        "nobody": Snapshot(),
    }
    found = snapshot_of(ways[spoiled], second.place.host_uuid)
    assert not found.complete
    assert found.missing[0].endswith((".", "values."))


def test_an_export_is_read_again_as_it_was(second: NetworkData) -> None:
    text = as_json(second, timezone.now())
    assert from_json(text) == second
    assert restored(NetworkData, to_json(second)) == second
    for wrong in ("", "[]", "{}", text.replace('"version": 1', '"version": 99', 1), text.replace('"data"', '"date"')):
        with pytest.raises(NotASnapshot):
            from_json(wrong)


def test_the_same_network_has_no_differences(second: NetworkData) -> None:
    assert difference(second, second) == ()
    anew = tuple(replace(each, uuid="new", attached=False, carrier=None) for each in second.interfaces)
    assert difference(second, replace(second, interfaces=anew)) == ()


def test_what_changed_is_said_in_words(second: NetworkData) -> None:
    storage, public = interface(second, "Storage 1100 (VLAN 1100)"), interface(second, "Public bond")
    moved = replace(public, address=replace(public.address, ip="203.0.113.99"))
    kept = tuple(moved if each == public else each for each in second.interfaces if each != storage)
    said = [each.said for each in difference(second, replace(second, interfaces=kept))]
    assert said == [
        "Bond Public bond: IPv4 address was 203.0.113.12 255.255.255.0, is now 203.0.113.99 255.255.255.0.",
        "Storage 1100 (VLAN 1100) is gone.",
    ]


def test_two_servers_are_compared_by_the_positions_of_their_cards(sim: Simulation, pool: Snapshot) -> None:
    """The third one's bonds are crossed."""
    first, crossed = (snapshot_of(pool, sim.host(name).uuid) for name in ("ibm-1", "ibm-3"))
    found = {(each.thing, each.what): (each.before, each.after) for each in difference(first, crossed)}
    assert found[("Bond Private bond", "members")] == ("eth0 + eth2", "eth1 + eth3")
    assert found[("Bond Public bond", "members")] == ("eth1 + eth3", "eth0 + eth2")
    assert not [thing for thing, _ in found if thing.startswith("NIC")]


def test_no_field_of_a_snapshot_may_hold_a_secret(second: NetworkData) -> None:
    names = {entry.name for entry in fields(Interface)} | {entry.name for entry in fields(NetworkData)}
    assert not names & {"other_config", "device_config", "password", "secret"}
    assert {kind.value for kind in Kind} >= {each.kind.value for each in second.interfaces}
