"""After a join the member is proved: its login, its storage, its networks, its VMs; and it gets its addresses."""

from collections.abc import Iterator

import pytest

from pools.models import Operation, OperationState, StepState
from pools.services import operations
from simulator.world.host import HostMachine
from tests.fixtures.lab import story
from tests.pools.operations.after_join.adding import Adding, adding, rows, step
from tests.simulator.rpc import Rpc

ADDRESSES = {"Public bond": "203.0.113.14", "Storage 1100": "10.110.0.14"}


@pytest.fixture
def ibm(transactional_db: None) -> Iterator[Adding]:
    with adding("ibm-cloud", "ibm-1", ["ibm-4"]) as found:
        yield found


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


def test_a_vlan_that_was_lost_is_an_open_point_with_both_values(ibm: Adding, hurried: None) -> None:
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


def test_what_is_accepted_does_not_keep_the_server_from_its_addresses(ibm: Adding, hurried: None) -> None:
    public = [given for given in wanted(ibm) if given["network_name"] == "Public bond"]
    operation = without_its_vlan(ibm, addresses=public)
    operations.skip_step(step=step(operation, "CompareMember"), user=ibm.owner, reason="it needs no storage")
    assert ibm.lab.run(operation).state == OperationState.SUCCEEDED, story(operation)
    assert ADDRESSES["Public bond"] in addresses_of(ibm.sim.host("ibm-4"), ibm.sim.host("ibm-1"))


def test_a_password_that_was_not_taken_is_said_and_the_old_one_still_valid(ibm: Adding, hurried: None) -> None:
    operation = ibm.lab.run_steps(ibm.started("ibm-4"), 2)
    member = ibm.sim.host("ibm-4")
    member.password, pools = "the old one", member.password
    ibm.lab.run(operation)
    assert step(operation, "ProveLogin").error_code == "XENWEB_PASSWORD_NOT_TAKEN", story(operation)
    member.password = pools
    operations.resume(operation=operation, user=ibm.owner)
    assert ibm.lab.run(operation).state == OperationState.SUCCEEDED, story(operation)
