"""Networks and storage of a pool: what matters first, and never better than it is."""

import pytest

from pools.services import stores
from pools.xapi.inventory import Snapshot
from pools.xapi.records import BondRecord, HostRecord, NetworkRecord, PBDRecord, PIFRecord, PoolRecord, SRRecord

HOSTS = {ref: HostRecord(ref=ref, uuid=ref, name_label=f"xs-{ref}") for ref in ("h2", "h1")}
MANAGEMENT = NetworkRecord(ref="n1", name_label="Zone")
TAGGED = NetworkRecord(ref="n2", name_label="Guests")
BONDED = NetworkRecord(ref="n3", name_label="Bonded")
INTERNAL = NetworkRecord(ref="n4", name_label="A private one")
PIFS = [
    PIFRecord(ref="p1", host="h1", network="n1", management=True, physical=True, currently_attached=True),
    PIFRecord(ref="p2", host="h2", network="n1", physical=True),
    PIFRecord(ref="p3", host="h1", network="n2", VLAN=42),
    PIFRecord(ref="p4", host="h2", network="n2", VLAN=7),
    PIFRecord(ref="p5", host="h1", network="n3"),
]
LOCAL = SRRecord(ref="s1", name_label="Local", physical_size=100, physical_utilisation=25)
SHARED = SRRecord(ref="s2", name_label="NFS", shared=True, physical_size=0, physical_utilisation=10)
PBDS = [
    PBDRecord(ref="b1", host="h1", SR="s1", currently_attached=True),
    PBDRecord(ref="b2", host="h2", SR="s2", currently_attached=True),
    PBDRecord(ref="b3", host="h1", SR="s2"),
    PBDRecord(ref="b4", host="gone", SR="s2"),
]
SNAPSHOT = Snapshot(
    pools={"p": PoolRecord(ref="p", master="h1", default_SR="s2")},
    hosts=HOSTS,
    networks={each.ref: each for each in (INTERNAL, TAGGED, BONDED, MANAGEMENT)},
    pifs={pif.ref: pif for pif in PIFS},
    bonds={"b": BondRecord(ref="b", master="p5")},
    srs={each.ref: each for each in (LOCAL, SHARED)},
    pbds={pbd.ref: pbd for pbd in PBDS},
)


def test_management_comes_first_and_internal_networks_last() -> None:
    assert [row.network for row in stores.networks(SNAPSHOT)] == [MANAGEMENT, BONDED, TAGGED, INTERNAL]


@pytest.mark.parametrize(
    ("network", "kind"), [(MANAGEMENT, "NIC"), (TAGGED, "VLAN 7, 42"), (BONDED, "bond"), (INTERNAL, "internal")]
)
def test_a_network_says_what_it_is(network: NetworkRecord, kind: str) -> None:
    assert stores.network_row(SNAPSHOT, network).kind == kind


def test_a_network_counts_on_how_many_members_it_is_plugged() -> None:
    row = stores.network_row(SNAPSHOT, MANAGEMENT)
    assert (row.attached, len(row.pifs), row.hosts) == (1, 2, 2)


def test_shared_storage_comes_first_and_the_default_is_marked() -> None:
    rows = stores.storage(SNAPSHOT)
    assert [(row.sr, row.is_default) for row in rows] == [(SHARED, True), (LOCAL, False)]


def test_storage_counts_its_connections_and_names_the_members_it_knows() -> None:
    row = stores.storage(SNAPSHOT)[0]
    assert (row.attached, row.connections, row.hosts) == (1, 3, ("xs-h1", "xs-h2"))


def test_a_server_shows_only_what_is_connected_to_it() -> None:
    assert [row.sr for row in stores.storage(SNAPSHOT, HOSTS["h2"])] == [SHARED]


@pytest.mark.parametrize(("storage", "percent"), [(LOCAL, 25), (SHARED, 0)])
def test_use_is_a_share_of_the_size_and_nothing_without_one(storage: SRRecord, percent: int) -> None:
    assert stores.storage_row(SNAPSHOT, storage).used_percent == percent


def test_nothing_read_is_nothing_shown() -> None:
    assert (stores.networks(Snapshot()), stores.storage(Snapshot())) == ([], [])
