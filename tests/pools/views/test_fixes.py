"""From a finding's card to the plan that solves it, and back to the checks."""

from http import HTTPStatus

from pools.models import Operation, OperationState, Role
from pools.services import examination, operations, planning
from simulator.scenes.spoil_network import bond_two_cards
from simulator.scenes.spoil_state import run_vm
from tests.fixtures.lab import Lab
from tests.fixtures.people import Places, SignIn, make_person


def examined(operation: Operation, lab: Lab) -> Operation:
    examination.ask(operation=operation, user=lab.owner)
    examination.run(str(operation.pk))
    operation.refresh_from_db()
    return operation


def test_the_way_from_a_card_to_the_plan_and_back(lab: Lab, sign_in: SignIn) -> None:
    run_vm(lab.sim.hosts[1], lab.sim.hosts[0])
    parent, otto = examined(lab.draft(), lab), sign_in(lab.owner)
    url = f"/operations/{parent.pk}/fix/vms/{lab.servers[1].uuid}/"
    assert f'href="{url}"' in otto.get(f"/operations/{parent.pk}/checks/").content.decode()
    assert "no other host in its pool" in otto.get(url).content.decode()
    hard = otto.post(url, {"how": "hard", "minutes": "5"})
    assert hard.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    where = otto.post(url, {"how": "clean", "minutes": "5"}).headers["Location"]
    fix = Operation.objects.get(parent=parent)
    assert where == f"/operations/{fix.pk}/plan/"
    planning.run(str(fix.pk))
    shown = otto.get(where).content.decode()
    assert "Async.VM.clean_shutdown(intranet" in shown
    assert f'href="/operations/{fix.pk}/fix/"' in shown
    fix.refresh_from_db()
    lab.run(operations.start(operation=fix, user=lab.owner))
    otto.get(f"/operations/{parent.pk}/checks/")
    parent.refresh_from_db()
    assert examination.state(parent).running
    examination.run(str(parent.pk))
    assert f'href="{url}"' not in otto.get(f"/operations/{parent.pk}/checks/").content.decode()


def test_only_the_operators_of_a_draft_mend_its_servers(lab: Lab, sign_in: SignIn, places: Places) -> None:
    url = f"/operations/{lab.draft().pk}/fix/vms/{lab.servers[1].uuid}/"
    stranger = sign_in(make_person("stranger", Role.ADMINISTRATOR, places.theirs))
    assert stranger.get(url).status_code == HTTPStatus.NOT_FOUND
    assert sign_in(make_person("vic", Role.VIEWER)).get(url).status_code == HTTPStatus.FORBIDDEN
    assert sign_in(lab.owner).get(url.replace("/vms/", "/nothing/")).status_code == HTTPStatus.NOT_FOUND


def test_a_fix_says_what_it_is_for_and_leads_back(lab: Lab, sign_in: SignIn) -> None:
    bond_two_cards(lab.sim.hosts[1], lab.sim.hosts[0])
    parent, otto = examined(lab.draft(), lab), sign_in(lab.owner)
    url = f"/operations/{parent.pk}/fix/bonds/{lab.servers[1].uuid}/"
    assert "POOL_JOINING_HOST_HAS_BONDS" in otto.get(url).content.decode()
    otto.post(url)
    fix = Operation.objects.get(parent=parent)
    assert otto.get(f"/operations/{fix.pk}/fix/checks/").headers["Location"] == f"/operations/{parent.pk}/checks/"


def test_a_fix_and_what_it_was_made_for_lead_to_each_other_for_who_may_see_both(lab: Lab, sign_in: SignIn) -> None:
    whole, part = (lab.draft([server]) for server in lab.servers)
    rows: dict[Operation, dict[str, object]] = {
        whole: {"title": "The whole pool"},
        part: {"title": "Only one of its servers", "parent": whole},
    }
    for operation, values in rows.items():
        Operation.objects.filter(pk=operation.pk).update(state=OperationState.SUCCEEDED, **values)
    paula, olivia = sign_in(make_person("paula", Role.OPERATOR, part.pool)), sign_in(lab.owner)
    assert "The whole pool" not in paula.get(f"/operations/{part.pk}/").content.decode()
    assert "The whole pool" in olivia.get(f"/operations/{part.pk}/").content.decode()
    assert "Only one of its servers" in olivia.get(f"/operations/{whole.pk}/").content.decode()
