"""What the network page says of servers that join, in scenes that have something to say; and what it stores."""

from collections.abc import Iterator

import pytest

from pools.models import Operation, OperationState
from pools.operations.choices import choices_of
from pools.operations.kind import AddressChoice
from pools.services import host_add, network_fit, pool_create
from pools.services.network_fit import Fit, Given
from tests.fixtures.joining import Joining, joining, museum_pieces
from tests.fixtures.lab import Lab

PIECES = ("m00-sound", "m02-impossible", "m16-no-card", "m17-carrier")


@pytest.fixture
def museum(transactional_db: None) -> Iterator[Joining]:
    with joining(museum_pieces(*PIECES), "museum", PIECES) as found:
        yield found


def fits(operation: Operation) -> dict[str, Fit]:
    return {fit.server.name_label: fit for fit in network_fit.fits(network_fit.known(operation))}


def given(lab: Joining, ip: str = "10.20.0.50", *, sound: bool = True) -> Given:
    server = lab.servers["m00-sound"]
    choice = AddressChoice(server_uuid=server.uuid, network_uuid="n", network_name="Storage bond", ip=ip)
    typed = {f"n.{server.uuid}": {"mode": "Static", "ip": ip}}
    return Given(typed=typed, choices=[choice], elsewhere=[], sound=sound)


def test_the_worst_server_stands_first_and_each_network_has_a_mark(museum: Joining) -> None:
    found = fits(museum.operation)
    assert [*found] == ["m02-impossible", "m16-no-card", "m17-carrier", "m00-sound"]
    assert [fit.state for fit in found.values()] == ["error", "warning", "warning", "ok"]
    networks = network_fit.pool_networks([*found.values()])
    assert {network.kind for network in networks} == {"bond", "VLAN 10", "VLAN 20", "NIC"}
    marks = {name: {network.name: fit.mark(network) for network in networks} for name, fit in found.items()}
    assert {*marks["m00-sound"].values()} == {"ok"}
    assert marks["m02-impossible"]["Storage bond"] == "error"
    assert marks["m02-impossible"]["Guests 10"] == "warning"
    assert marks["m02-impossible"]["Pool-wide network 4"] == "warning"
    assert marks["m16-no-card"]["Storage bond"] == "warning"
    lacking = {network.name for network in networks if found["m02-impossible"].lacks(network.uuid)}
    assert lacking == {network.name for network in networks} - {"Management bond"}
    assert not any(found["m16-no-card"].lacks(network.uuid) for network in networks)


def test_what_needs_a_look_is_said_with_names_and_what_fits_is_folded(museum: Joining) -> None:
    found = fits(museum.operation)
    assert (found["m00-sound"].look, found["m00-sound"].problems) == ([], 0)
    fine = {line.topic: line.text for line in found["m00-sound"].fine}
    assert fine["Bond “Management bond”"] == "eth0 + eth1, active-backup, eth0 leads; management moves onto it"
    assert "as on the coordinator" in fine["VLAN 10 “Guests 10”"]
    look = {line.topic: line for line in found["m02-impossible"].look}
    assert look["Bond “Storage bond”"].state == "error"
    assert "no NIC here stands for eth2, eth3" in look["Bond “Storage bond”"].text
    assert look["VLAN 10 “Guests 10”"].state == "warning"
    partial = {line.topic: line.text for line in found["m16-no-card"].look}
    assert partial["Bond “Storage bond”"].startswith("Only eth2")


def test_what_changes_is_no_alarm(museum: Joining) -> None:
    fit = fits(museum.operation)["m00-sound"]
    assert {line.state for line in fit.changes} <= {"info"}
    assert fit.all_changes >= 5


def test_a_server_that_was_never_read_is_unknown(museum: Joining) -> None:
    museum.servers["m00-sound"].pool.inventory.delete()
    fit = fits(museum.operation)["m00-sound"]
    assert (fit.readable, fit.state) == (False, "unknown")
    assert fit.mark(network_fit.pool_networks([fit])[0]) == "unknown"


def test_wrong_cells_are_kept_and_none_of_the_addresses_is_planned(museum: Joining) -> None:
    network_fit.save_addresses(operation=museum.operation, user=museum.owner, given=given(museum, "10.20", sound=False))
    draft = museum.draft()
    assert (draft["addresses"], draft["addresses_open"]) == ([], True)
    assert "10.20" in str(draft["typed_addresses"])


def test_a_plan_is_void_when_an_address_changes_and_stays_when_none_does(museum: Joining) -> None:
    operation = network_fit.save_addresses(operation=museum.operation, user=museum.owner, given=given(museum))
    Operation.objects.filter(pk=operation.pk).update(state=OperationState.PLANNED, plan_hash="x")
    operation.refresh_from_db()
    network_fit.save_addresses(operation=operation, user=museum.owner, given=given(museum))
    assert Operation.objects.get(pk=operation.pk).state == OperationState.PLANNED
    network_fit.save_addresses(operation=operation, user=museum.owner, given=given(museum, "10.20.0.51"))
    assert Operation.objects.get(pk=operation.pk).state == OperationState.DRAFT


def test_a_server_taken_out_of_the_choice_gets_no_address(museum: Joining) -> None:
    operation = network_fit.save_addresses(operation=museum.operation, user=museum.owner, given=given(museum))
    assert [choice.ip for choice in choices_of(operation).addresses] == ["10.20.0.50"]
    others = [server for name, server in museum.servers.items() if name != "m00-sound"]
    saved = host_add.choose_servers(operation=operation, user=museum.owner, servers=others)
    assert choices_of(saved).addresses == ()


def test_another_coordinator_has_other_networks_and_no_addresses(lab: Lab) -> None:
    operation = lab.draft()
    operation.draft |= {"addresses": [{"server_uuid": lab.servers[1].uuid}], "addresses_open": True}
    operation.save()
    saved = pool_create.choose_coordinator(operation=operation, user=lab.owner, uuid=lab.servers[1].uuid)
    assert (saved.draft["addresses"], saved.draft["addresses_open"]) == ([], False)
