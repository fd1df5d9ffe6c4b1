"""A server whose management arrives outside of the pool's bond: it moves to the address that was typed, or stays."""

from collections.abc import Iterator

import pytest

from pools import inventories
from pools.models import OperationState, StepState
from pools.operations.resting import resting_on
from pools.services import live, open_points, operations
from pools.services.network_fit import fits, known
from pools.views.network_fit import ground_of
from simulator.scenes.loader import parse
from simulator.world.host import HostMachine
from simulator.xapi.machines import host_row
from tests.fixtures.lab import story
from tests.pools.operations.after_join.adding import Adding, adding, rows, step

OFFICE = """
name: office
hosts:
  - name: main
    nics: 6
    bonds:
      - {network: Management bond, nics: [eth0, eth1], mode: active-backup}
      - {network: Storage bond, nics: [eth2, eth3], mode: lacp}
  - {name: astray, nics: 6, management: {nic: eth5}}
  - {name: straight, nics: 6}
"""
BOND = "Management bond"
CALLS = ("PIF.reconfigure_ip", "host.management_reconfigure")


@pytest.fixture
def office(transactional_db: None) -> Iterator[Adding]:
    with adding(parse(OFFICE, "office.yaml"), "main", ["astray", "straight"]) as found:
        yield found


def there(office: Adding) -> str:
    """An address beside that of the coordinator."""
    return office.sim.host("main").address.rpartition(".")[0] + ".77"


def typed(office: Adding, joiner: str = "astray", name: str = BOND, **values: str) -> dict[str, str]:
    networks = {each["name_label"]: each["uuid"] for each in rows(office.sim.host("main"), "network")}
    where = {"network_uuid": str(networks.get(name, "gone")), "network_name": name}
    given = {"server_uuid": office.sim.host(joiner).uuid, "ip": there(office), "netmask": "255.255.255.0"}
    return where | given | values


def addressed(host: HostMachine) -> dict[str, str]:
    """The addresses of its interfaces, by network; management is marked."""
    pifs = [pif for pif in host_row(host).all("PIFs", "PIF") if pif.text("IP")]
    marks = {True: "management ", False: ""}
    return {
        pif.to("network", "network").text("name_label"): marks[pif.flag("management")] + pif.text("IP") for pif in pifs
    }


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_management_moves_and_xenweb_follows_though_the_reply_is_lost(office: Adding, fault: str) -> None:
    for call in CALLS:
        office.sim.fault(fault, method=f"Async.{call}")
    operation = office.succeeded("astray", addresses=[typed(office)])
    kinds = list(operation.steps.values_list("kind", flat=True))
    assert kinds[-4:] == ["GiveAddress", "MoveManagement", "ClearOldAddress", "ConfirmPool"]
    assert addressed(office.sim.host("astray")) == {BOND: f"management {there(office)}"}
    sent = [len(office.sim.calls(call, host="main")) for call in CALLS]
    assert sent == ([3, 2] if fault == "drop_before" else [2, 1])
    server = office.lab.servers[1]
    server.refresh_from_db()
    assert (server.address, server.pinned_by, server.pool) == (there(office), None, office.pool)
    assert inventories.refresh(office.pool).error_code == ""
    server.refresh_from_db()
    assert server.address == there(office)


def test_nothing_moves_to_an_interface_without_link_or_address(office: Adding, hurried: None) -> None:
    host = office.sim.host("astray")
    old = host.address
    operation = office.lab.run_steps(office.started("astray", addresses=[typed(office)]), 5)
    office.sim.fault("carrier_down", host="astray", data={"device": "eth[01]"})
    office.lab.run(operation)
    halted = step(operation, "MoveManagement")
    assert halted.error_code == "XENWEB_INTERFACE_WITHOUT_LINK", story(operation)
    assert operation.state == OperationState.OPEN_POINTS
    assert (host.address, office.sim.calls("host.management_reconfigure")) == (old, [])
    office.sim.fault("carrier_up", host="astray", data={"device": "eth[01]"})
    bond = next(pif for pif in host_row(host).all("PIFs", "PIF") if pif.text("IP") == there(office))
    bond.set(currently_attached=False)
    office.lab.run_again(operation)
    assert step(operation, "MoveManagement").error_code == "XENWEB_INTERFACE_WITHOUT_ADDRESS", story(operation)
    bond.set(currently_attached=True)
    assert office.lab.run_again(operation).state == OperationState.SUCCEEDED, story(operation)
    assert host.address == there(office)


def test_only_what_rests_on_a_skipped_address_is_left_out_with_it(office: Adding) -> None:
    operation = office.started("astray", addresses=[typed(office, name="Gone"), typed(office)])
    lane = list(operation.steps.filter(parks=True).order_by("seq"))
    rest = {
        f"{row.kind} {row.params.get('network_name', '')}": len(resting_on(row, lane[at + 1 :]))
        for at, row in enumerate(lane)
    }
    assert rest.pop("JoinPool ") == rest.pop("AwaitMember ") + 1 == len(lane) - 1
    assert {kind: count for kind, count in rest.items() if count} == {
        f"GiveAddress {BOND}": 2,
        f"MoveManagement {BOND}": 1,
    }
    assert office.lab.run(operation).state == OperationState.OPEN_POINTS, story(operation)
    [point] = open_points.of_page(live.page(operation))
    assert (point.step.error_code, point.skipping) == ("XENWEB_NO_INTERFACE", "Go on without this step")
    operations.skip_step(step=point.step, user=office.owner, reason="that network is gone")
    assert office.lab.run(operation).state == OperationState.SUCCEEDED, story(operation)
    assert addressed(office.sim.host("astray")) == {BOND: f"management {there(office)}"}


def test_the_wizard_offers_the_management_network_only_to_a_server_that_arrives_elsewhere(office: Adding) -> None:
    draft = office.started("astray", "straight")
    servers = known(draft)
    ground = ground_of(servers, fits(servers))
    assert [(network.name, network.management) for network in ground.networks] == [(BOND, True)]
    assert [server.name_label for server in ground.of(ground.networks[0])] == ["astray"]


def mode_on(host: HostMachine, name: str) -> str:
    pifs = host_row(host).all("PIFs", "PIF")
    return next(
        pif.text("ip_configuration_mode") for pif in pifs if pif.to("network", "network").text("name_label") == name
    )


def test_no_address_is_given_to_management_or_to_nothing_and_one_is_taken_back(office: Adding) -> None:
    host = office.sim.host("straight")
    before = host.address
    addresses = [
        typed(office, "astray", "Gone"),
        typed(office, "straight", "Storage bond", mode="DHCP", ip="", netmask=""),
        typed(office, "straight"),
    ]
    operation = office.ran("astray", "straight", addresses=addresses)
    nowhere, dhcp, refused = operation.steps.filter(kind="GiveAddress").order_by("seq")
    codes = [nowhere.error_code, dhcp.error_code, refused.error_code]
    assert codes == ["XENWEB_NO_INTERFACE", "", "XENWEB_MANAGEMENT_INTERFACE"], story(operation)
    assert (host.address, mode_on(host, "Storage bond")) == (before, "DHCP")
    assert len(office.sim.calls("PIF.reconfigure_ip", host="main")) == 1
    assert not operation.steps.filter(kind="MoveManagement").exists()
    operations.undo(operation=operation, user=office.owner)
    assert office.lab.run(operation).state == OperationState.NEEDS_ATTENTION, "a join has no undo"
    dhcp.refresh_from_db()
    assert (dhcp.state, mode_on(host, "Storage bond")) == (StepState.UNDONE, "None"), story(operation)
