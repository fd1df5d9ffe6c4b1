"""A server that does not answer, in the browser: the evidence, the typed statement, the plan."""

from http import HTTPStatus

import pytest
from django.test import Client

from pools.models import Operation, OperationState
from pools.services import examination, operations, planning
from tests.fixtures.lab import story
from tests.fixtures.people import SignIn
from tests.pools.connected import server_of
from tests.pools.operations.removal.removing import Removing, removing

pytestmark = pytest.mark.django_db(transaction=True)


def begun(client: Client, lab: Removing, name: str) -> Operation:
    """Press the button on the server's page, and let the worker ask around."""
    answer = client.post(f"/servers/{server_of(lab.sim.host(name)).pk}/silent/")
    assert answer.status_code == HTTPStatus.FOUND
    draft = Operation.objects.get()
    assert "Asking the server itself" in client.get(f"/operations/{draft.pk}/silence/").content.decode()
    examination.run(str(draft.pk))
    return draft


def planned(client: Client, draft: Operation, **given: object) -> Operation:
    assert client.post(f"/operations/{draft.pk}/silence/", given).status_code == HTTPStatus.FOUND
    planning.run(str(draft.pk))
    draft.refresh_from_db()
    return draft


def test_a_dead_member_is_forgotten_on_evidence_and_a_typed_name(sign_in: SignIn) -> None:
    with removing("dead-member", "coordinator") as lab:
        otto = sign_in(lab.owner)
        draft = begun(otto, lab, "dead")
        page = otto.get(f"/operations/{draft.pk}/silence/").content.decode()
        assert "Not heard by the pool" in page
        assert "helper" in page
        assert "archive" in page
        assert "cache scratch lies on the server’s own disks" in page
        url = f"/operations/{draft.pk}/silence/"
        assert otto.post(url, {"forget_host": "forget"}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        keys = [part.split('"')[0] for part in page.split('name="leftovers" value="')[1:]]
        starts = [part.split('"')[0] for part in page.split('name="start_vms" value="')[1:] if " checked" in part[:140]]
        draft = planned(otto, draft, stated_dead="dead", forget_host="forget", leftovers=keys, start_vms=starts)
        assert draft.state == OperationState.PLANNED, draft.draft
        assert [step.kind for step in draft.steps.all()][:4] == [
            *("DeclareDead", "StartElsewhere", "StartElsewhere", "ForgetHost"),
        ]


def test_a_wrong_name_makes_no_plan_and_says_so(sign_in: SignIn) -> None:
    with removing("dead-member", "coordinator") as lab:
        otto = sign_in(lab.owner)
        draft = planned(otto, begun(otto, lab, "dead"), stated_dead="deed", forget_host="forget")
        assert draft.state == OperationState.DRAFT
        assert "Nobody has stated" in otto.get(f"/operations/{draft.pk}/silence/").content.decode()


def test_another_server_takes_over_a_pool_whose_coordinator_is_dead(sign_in: SignIn) -> None:
    with removing("pool-of-four", "four-1") as lab:
        lab.sim.world.power_off(lab.sim.host("four-1"))
        otto = sign_in(lab.owner)
        draft = begun(otto, lab, "four-1")
        heir = lab.sim.host("four-2").uuid
        draft = planned(otto, draft, stated_dead="four-1", next_coordinator=heir)
        assert draft.state == OperationState.PLANNED, story(draft)
        assert [step.kind for step in draft.steps.all()] == ["PromoteMember", "GatherMembers"]
        lab.lab.run(operations.start(operation=draft, user=lab.owner))
        url = f"/servers/{server_of(lab.sim.host('four-1')).pk}/silent/"
        assert f'action="{url}"' in otto.get(f"/operations/{draft.pk}/").content.decode()
        assert otto.post(url).status_code == HTTPStatus.FOUND
        assert Operation.objects.filter(kind="host_forget").exists()
