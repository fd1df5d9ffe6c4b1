"""After a join the member is proved: its login, its storage, its networks, its VMs; and it gets its addresses."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from pools.models import Operation, OperationState, StepState
from pools.services import operations
from simulator.scenes.loader import load
from simulator.scenes.model import HostSpec, Scene
from simulator.world.host import HostMachine
from tests.fixtures.lab import story
from tests.pools.operations.after_join.adding import Adding, adding, step
from tests.simulator.rpc import Rpc

ADDRESSES = {"Public bond": "203.0.113.14", "Storage 1100": "10.110.0.14"}


def scene_with_ha() -> Scene:
    """The scene of a pool with HA, and two servers that may join it."""
    ha = load("ha-pool")
    cpu = ha.hosts[0].cpu
    return replace(ha, hosts=(*ha.hosts, *(HostSpec(name=f"new-{number}", cpu=cpu) for number in (1, 2))))


@pytest.fixture
def ibm(transactional_db: None) -> Iterator[Adding]:
    with adding("ibm-cloud", "ibm-1", ["ibm-4"]) as found:
        yield found


@pytest.fixture
def ha(transactional_db: None) -> Iterator[Adding]:
    with adding(scene_with_ha(), "ha-coordinator", ["new-1", "new-2"]) as found:
        yield found


def rows(host: HostMachine, table: str) -> list[dict[str, object]]:
    return [dict(row) for row in host.database.records(table).values()]


def network(adding: Adding, name: str) -> str:
    found = rows(adding.sim.host("ibm-1"), "network")
    return next(str(row["uuid"]) for row in found if row["name_label"] == name)


def wanted(adding: Adding) -> list[dict[str, str]]:
    """What a person types into the wizard's table of addresses."""
    return [
        {
            "server_uuid": adding.sim.host("ibm-4").uuid,
            "network_uuid": network(adding, name),
            "network_name": name,
            "ip": ip,
            "netmask": "255.255.255.0",
        }
        for name, ip in ADDRESSES.items()
    ]


def addresses_of(host: HostMachine, pool: HostMachine) -> set[str]:
    return {str(pif["IP"]) for pif in rows(pool, "PIF") if pif["host"] == host.ref and pif["IP"]}


def test_a_member_gets_bonds_vlans_and_the_addresses_that_were_typed(ibm: Adding) -> None:
    operation = ibm.succeeded("ibm-4", addresses=wanted(ibm))
    member, pool = ibm.sim.host("ibm-4"), ibm.sim.host("ibm-1")
    assert set(ADDRESSES.values()) <= addresses_of(member, pool)
    kinds = list(operation.steps.values_list("kind", flat=True))
    assert kinds == ["JoinPool", "AwaitMember", "ProveLogin", "CompareMember", *["GiveAddress"] * 2, "ConfirmPool"]
    mine = [pif for pif in rows(pool, "PIF") if pif["host"] == member.ref and pif["IP"] in ADDRESSES.values()]
    assert all(pif["currently_attached"] for pif in mine)


def test_an_address_given_already_is_not_given_again(ibm: Adding) -> None:
    operation = ibm.succeeded("ibm-4", addresses=wanted(ibm))
    sent = ibm.sim.calls("PIF.reconfigure_ip")
    again = step(operation, "GiveAddress")
    again.state = StepState.PENDING
    again.save()
    Operation.objects.filter(pk=operation.pk).update(state=OperationState.RUNNING)
    ibm.lab.run(operation)
    assert ibm.sim.calls("PIF.reconfigure_ip") == sent
    again.refresh_from_db()
    assert again.state == StepState.DONE


def without_its_vlan(ibm: Adding, **draft: object) -> Operation:
    """Somebody takes the VLAN off the new member before it is compared with its forecast."""
    operation = ibm.lab.run_steps(ibm.started("ibm-4", **draft), 3)
    member, pool = ibm.sim.host("ibm-4"), ibm.sim.host("ibm-1")
    tagged = {ref for ref, pif in pool.database.records("PIF").items() if pif["host"] == member.ref}
    for ref, vlan in pool.database.records("VLAN").items():
        if vlan["tagged_PIF"] in tagged:
            Rpc(pool).call("VLAN.destroy", ref)
    return ibm.lab.run(operation)


def test_a_vlan_that_was_lost_is_an_open_point_with_both_values(ibm: Adding, impatient: None) -> None:
    operation = without_its_vlan(ibm)
    assert operation.state == OperationState.OPEN_POINTS, story(operation)
    found = step(operation, "CompareMember")
    assert (found.error_code, [each["code"] for each in found.findings]) == (
        "XENWEB_NOT_AS_FORECAST",
        ["XENWEB_VLAN_NOT_AS_FORECAST"],
    )
    assert found.findings[0]["theirs"] != found.findings[0]["ours"]
    operations.skip_step(step=found, user=ibm.owner, reason="it needs no storage")
    operation.refresh_from_db()
    assert operation.state == OperationState.SUCCEEDED


def test_what_is_accepted_does_not_keep_the_server_from_its_addresses(ibm: Adding, impatient: None) -> None:
    public = [given for given in wanted(ibm) if given["network_name"] == "Public bond"]
    operation = without_its_vlan(ibm, addresses=public)
    operations.skip_step(step=step(operation, "CompareMember"), user=ibm.owner, reason="it needs no storage")
    assert ibm.lab.run(operation).state == OperationState.SUCCEEDED, story(operation)
    assert ADDRESSES["Public bond"] in addresses_of(ibm.sim.host("ibm-4"), ibm.sim.host("ibm-1"))


def test_a_password_that_was_not_taken_is_said_and_the_old_one_still_valid(ibm: Adding, impatient: None) -> None:
    operation = ibm.lab.run_steps(ibm.started("ibm-4"), 2)
    member = ibm.sim.host("ibm-4")
    member.password, pools = "the old one", member.password
    ibm.lab.run(operation)
    assert step(operation, "ProveLogin").error_code == "XENWEB_PASSWORD_NOT_TAKEN", story(operation)
    member.password = pools
    operations.resume(operation=operation, user=ibm.owner)
    assert ibm.lab.run(operation).state == OperationState.SUCCEEDED, story(operation)


def ha_of(adding: Adding) -> tuple[bool, int, set[str]]:
    pool = rows(adding.sim.host("ha-coordinator"), "pool")[0]
    vdis = {ref: row["SR"] for ref, row in adding.sim.host("ha-coordinator").database.records("VDI").items()}
    statefiles = pool["ha_statefiles"]
    assert isinstance(statefiles, list | tuple | set)
    return bool(pool["ha_enabled"]), int(str(pool["ha_host_failures_to_tolerate"])), {str(vdis[r]) for r in statefiles}


def test_ha_is_off_during_the_joins_and_as_before_afterwards(ha: Adding) -> None:
    before = ha_of(ha)
    operation = ha.succeeded("new-1", "new-2", ha=True)
    assert before[0]
    assert ha_of(ha) == before
    kinds = list(operation.steps.values_list("kind", flat=True))
    assert (kinds[0], kinds[-2:]) == ("DisableHA", ["EnableHA", "ConfirmPool"])
    assert kinds.count("PlugStorage") == 2


def test_storage_that_cannot_be_plugged_is_named_and_plugged_when_mended(ha: Adding, impatient: None) -> None:
    ha.sim.fault("pbd_plug_fails", host="new-1", times=None, data={"sr": "Heartbeat filer"})
    operation = ha.ran("new-1", "new-2", ha=True)
    assert step(operation, "PlugStorage", "new-1").error_code == "XENWEB_STORAGE_NOT_PLUGGED", story(operation)
    assert step(operation, "PlugStorage", "new-2").state == StepState.DONE
    assert (operation.state, step(operation, "EnableHA").error_code) == ("needs_attention", "SR_HAS_NO_PBDS")
    ha.sim.world.faults.clear()
    operations.retry_step(step=step(operation, "PlugStorage", "new-1"), user=ha.owner)
    assert ha.lab.run(operation).state == OperationState.NEEDS_ATTENTION
    operations.retry_step(step=step(operation, "EnableHA"), user=ha.owner)
    assert ha.lab.run(operation).state == OperationState.SUCCEEDED, story(operation)
    assert ha_of(ha)[0]
