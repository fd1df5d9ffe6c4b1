"""A removed server gets its network back out of its snapshot, as it was, by the product's own steps."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from django.test import override_settings
from django.utils import timezone

from pools import archive
from pools.forecast.stored import to_json
from pools.models import NetworkSnapshot, Operation, OperationState, Role, Server, SnapshotReason
from pools.operations import presence
from pools.services import network_rebuild, operations
from pools.snapshots.data import NetworkData
from pools.snapshots.diff import difference
from pools.snapshots.items import items_of
from simulator.running import running
from simulator.scenes.model import Scene
from tests.fixtures.lab import Lab, connect_one, ports_of, story
from tests.fixtures.people import make_person
from tests.pools.forecast.test_come_back import BONDED
from tests.pools.snapshots.ejecting import Ejected, eject, pair
from tests.pools.snapshots.test_runbook import TAGGED, set_up

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def ejected(scene: str | Scene, master: str, leaver: str, *, full: bool = False) -> Iterator[tuple[Lab, Ejected]]:
    """A server that has left its pool, connected as a pool of its own."""
    with running(scene) as sim, override_settings(PATIENCE=15, HOST_PORTS=ports_of(sim)):
        if full:
            set_up(sim, sim.host(leaver).uuid)
            database = sim.host(master).database
            for ref in database.records("network"):
                database.set("network", ref, tags=["dmz", "rack 7"], purpose=["nbd"], default_locking_mode="disabled")
                database.set("network", ref, name_description="of all")
        found = eject(sim, sim.host(master), sim.host(leaver))
        owner = make_person("olivia", Role.OWNER)
        try:
            yield Lab(sim=sim, owner=owner, servers=[connect_one(found.leaver, owner)]), found
        finally:
            presence.leave()


def kept(saved: NetworkData, server: Server) -> NetworkSnapshot:
    """The snapshot that was taken before the removal."""
    return NetworkSnapshot.objects.create(
        server=server,
        server_uuid=server.uuid,
        server_name=server.name_label,
        pool=server.pool,
        reason=SnapshotReason.REMOVAL,
        taken_at=timezone.now(),
        confirmed_at=timezone.now(),
        complete=saved.complete,
        digest=archive.digest(saved),
        data=to_json(saved),
    )


def rebuilt(lab: Lab, found: Ejected, keys: list[str] | None = None) -> Operation:
    server = lab.servers[0]
    draft = network_rebuild.begin(user=lab.owner, server=server, snapshot=kept(found.saved, server), keys=keys)
    planned = operations.make_plan(operation=draft, user=lab.owner)
    return lab.run(operations.start(operation=planned, user=lab.owner))


@pytest.mark.parametrize(
    ("scene", "master", "leaver"),
    [("ibm-cloud", "ibm-1", "ibm-2"), (pair("management: {nic: eth1, vlan: 30}"), "master", "leaver")],
    ids=["ibm-cloud", "management on a VLAN"],
)
def test_the_network_is_as_it_was(scene: str | Scene, master: str, leaver: str) -> None:
    with ejected(scene, master, leaver) as (lab, found):
        operation = rebuilt(lab, found)
        assert operation.state == OperationState.SUCCEEDED, story(operation)
        assert difference(found.saved, found.network) == ()


@pytest.mark.parametrize("management", ["{nic: eth2}", "{nic: eth1, vlan: 30}"])
def test_ipv6_mtu_routes_names_settings_tags_and_purposes_come_back_too(management: str) -> None:
    scene = pair(f"management: {management}", f"{BONDED}, {TAGGED}")
    with ejected(scene, "master", "leaver", full=True) as (lab, found):
        operation = rebuilt(lab, found)
        assert operation.state == OperationState.SUCCEEDED, story(operation)
        assert difference(found.saved, found.network) == ()


def test_a_lost_reply_makes_no_second_bond_and_no_second_network() -> None:
    with ejected("ibm-cloud", "ibm-1", "ibm-2") as (lab, found):
        found.sim.fault("drop_after", method="Async.Bond.create")
        found.sim.fault("drop_after", method="network.create")
        operation = rebuilt(lab, found)
        assert operation.state == OperationState.SUCCEEDED, story(operation)
        assert difference(found.saved, found.network) == ()
        bonds = len(found.saved.bonds)
        assert len(found.sim.calls("Bond.create", host=found.leaver.name)) == bonds


def test_only_what_was_chosen_is_made() -> None:
    with ejected("ibm-cloud", "ibm-1", "ibm-2") as (lab, found):
        operation = rebuilt(lab, found, keys=[key for key in keys_of(found) if key.startswith("bond:")][:1])
        assert operation.state == OperationState.SUCCEEDED, story(operation)
        assert len(found.network.bonds) == 1


def keys_of(found: Ejected) -> list[str]:
    return [item.key for item in items_of(found.saved)]


def test_a_card_that_is_gone_stops_only_what_needs_it() -> None:
    with ejected("ibm-cloud", "ibm-1", "ibm-2") as (lab, found):
        gone = replace(found.saved.nics[0], key="nic:00:00:5e:00:53:99", mac="00:00:5e:00:53:99", device="eth9")
        wider = replace(found, saved=replace(found.saved, interfaces=(*found.saved.interfaces, gone)))
        bonds = [key for key in keys_of(found) if key.startswith("bond:")]
        operation = rebuilt(lab, wider, keys=bonds[:1])
        assert operation.state == OperationState.SUCCEEDED, story(operation)
