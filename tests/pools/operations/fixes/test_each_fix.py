"""Each fix: the finding, its plan, its run; the finding is gone on the next look, and an undo brings back what was."""

import threading

import pytest
from django.db import connection

from pools.models import Operation, OperationState
from pools.services import fixes, operations
from simulator.scenes.rules import spoil
from simulator.xapi.machines import host_row, pool_row
from simulator.xapi.network.rows import BondPlan, add_network, create_bond, next_bridge, physical_pifs
from simulator.xapi.rows import Row
from simulator.xapi.rows import rows as rows_of
from tests.fixtures.lab import story
from tests.pools.operations.fixes.mending import Mending, found, rows
from tests.simulator.waiting import until

REVERSIBLE = [
    ("bond", "fix_bonds", "POOL_JOINING_HOST_HAS_BONDS", "Bond"),
    ("vlan", "fix_vlans", "POOL_JOINING_HOST_HAS_NON_MANAGEMENT_VLANS", "VLAN"),
    ("tunnel", "fix_tunnels", "POOL_JOINING_HOST_HAS_TUNNELS", "tunnel"),
]


def spoiled(mending: Mending, name: str) -> None:
    spoil(name, mending.joiner, mending.lab.sim.hosts[0])


def count(mending: Mending, cls: str) -> int:
    return len(rows(mending.joiner, cls))


@pytest.mark.parametrize(("name", "kind", "code", "cls"), REVERSIBLE)
def test_networks_are_taken_apart_and_put_together_again(
    mending: Mending, name: str, kind: str, code: str, cls: str
) -> None:
    spoiled(mending, name)
    [(_, url)] = fixes.fixes_for(mending.parent, mending.finding(code))
    assert url.endswith(f"/{mending.joiner.uuid}/")
    networks, made = count(mending, "network"), count(mending, cls)
    operation = mending.lab.run_steps(mending.started(kind), 1)
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    assert code not in mending.codes()
    assert (count(mending, cls), count(mending, "network")) == (0, networks)
    again = mending.begun(kind)
    assert found(again) == ["XENWEB_NOTHING_TO_FIX"]
    assert made == 1


@pytest.mark.parametrize(("name", "kind", "code", "cls"), REVERSIBLE)
def test_a_lost_reply_removes_nothing_twice(mending: Mending, name: str, kind: str, code: str, cls: str) -> None:
    spoiled(mending, name)
    mending.lab.sim.fault("drop_after", method=f"Async.{cls}.destroy")
    mending.mended(kind)
    assert len(mending.lab.sim.calls(f"{cls}.destroy")) == 1
    assert code not in mending.codes()


def test_two_bonds_of_which_one_was_removed_come_back_by_undo(mending: Mending) -> None:
    management_bond(mending)
    spoiled(mending, "bond")
    operation = mending.lab.run_steps(mending.started("fix_bonds"), 1)
    operations.stop(operation=operation, user=mending.lab.owner)
    assert count(mending, "Bond") == 1
    mending.undone(operation)
    bonds = rows(mending.joiner, "Bond").values()
    assert sorted(str(bond["mode"]) for bond in bonds) == ["balance-slb", "balance-slb"]
    assert {len(list(bond["slaves"])) for bond in bonds} == {2}  # type: ignore[call-overload]


def management_bond(mending: Mending) -> Row:
    """Bond the first two cards, management among them."""
    host = host_row(mending.joiner)
    network = add_network(mending.joiner.database, "Management bond", next_bridge(mending.joiner.database))
    return create_bond(host, BondPlan(network=network, pifs=physical_pifs(host)[:2]))


def test_storage_is_forgotten_and_its_way_back_is_told(mending: Mending) -> None:
    spoiled(mending, "shared-sr")
    before = count(mending, "SR")
    operation = mending.mended("fix_shared_sr")
    assert count(mending, "SR") == before - 1
    assert mending.codes() == set()
    unplug, forget = operation.steps.all()
    assert "device-config keys server, serverpath" in forget.interruption
    assert "10.0.9.5" not in str([operation.facts, unplug.params, forget.params])
    assert (bool(unplug.undo), bool(forget.undo)) == (True, False)


@pytest.mark.parametrize("side", ["joiner", "coordinator"])
def test_the_weaker_side_verifies_certificates(mending: Mending, side: str) -> None:
    place = 1 if side == "joiner" else 0
    pool_row(mending.lab.sim.hosts[place]).set(tls_verification_enabled=False)
    pool_row(mending.lab.sim.hosts[1 - place]).set(tls_verification_enabled=True)
    finding = mending.finding("POOL_JOINING_HOST_TLS_VERIFICATION_MISMATCH")
    [(_, url)] = fixes.fixes_for(mending.parent, finding)
    assert url.endswith(f"/{mending.lab.servers[place].uuid}/")
    mending.lab.sim.fault("drop_after", method="pool.enable_tls_verification")
    operation = mending.mended("fix_tls_verification", place=place)
    assert len(mending.lab.sim.calls("pool.enable_tls_verification")) == 1
    assert not operation.steps.get().undo
    assert mending.codes() == set()
    assert "cannot be switched off" in operation.steps.get().interruption


def test_ha_of_the_joiner_is_switched_off(mending: Mending) -> None:
    spoiled(mending, "ha")
    mending.lab.sim.fault("drop_after", method="Async.pool.disable_ha")
    step = mending.mended("fix_ha_off").steps.get()
    assert mending.codes() == set()
    assert len(mending.lab.sim.calls("pool.disable_ha")) == 1
    assert "switched on again" in step.undo
    assert "xe pool-ha-enable" in step.interruption
    spoil("pool-ha", mending.joiner, mending.lab.sim.hosts[0])
    assert fixes.fixes_for(mending.parent, mending.finding("HA_IS_ENABLED")) == []


def ended_once_said(operation: Operation, vm: Row) -> None:
    """The export ends when the step has said that it waits for it."""
    try:
        until(operation.journal.filter(text__contains="archive (export)").exists)
    finally:
        vm.set(current_operations={})
        connection.close()


def test_what_others_do_is_waited_for_and_not_cancelled(mending: Mending) -> None:
    spoiled(mending, "busy-vm")
    operation = mending.started("fix_wait")
    [vm] = rows_of(mending.joiner.database, "VM", name_label="archive")
    threading.Thread(target=ended_once_said, args=[operation, vm]).start()
    mending.lab.run(operation)
    assert operation.state == OperationState.SUCCEEDED, story(operation)
    assert operation.journal.filter(text__contains="archive (export)").exists()
    assert not mending.lab.sim.calls("task.cancel")


def test_management_does_not_move_to_a_dead_card(mending: Mending) -> None:
    bond = management_bond(mending)
    primary = bond.to("primary_slave", "PIF")
    primary.to("metrics", "PIF_metrics").set(carrier=False)
    assert found(mending.begun("fix_bonds")) == ["XENWEB_FIX_NO_CARRIER"]
    assert count(mending, "Bond") == 1
