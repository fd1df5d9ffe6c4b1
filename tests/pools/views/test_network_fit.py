"""The network page: every button keeps what was typed, wrong cells hold up Continue, and names stay harmless."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from pools.models import Inventory, Pool
from pools.services import rings
from tests.fixtures.joining import Joining, joining
from tests.fixtures.people import SignIn

SIXTEEN = [f"xs-{number:02}" for number in range(2, 17)]


@pytest.fixture
def cloud(transactional_db: None) -> Iterator[Joining]:
    with joining("ibm-cloud", "ibm-1", ["ibm-4", "ibm-5"]) as found:
        yield found


@pytest.fixture
def olivia(cloud: Joining, sign_in: SignIn) -> Client:
    return sign_in(cloud.owner)


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == HTTPStatus.OK, answer.headers
    return answer.content.decode()


def network_of(lab: Joining, name: str) -> str:
    records = Inventory.objects.get(pool=lab.operation.pool).records["network"]
    return next(str(record["uuid"]) for record in records.values() if record["name_label"] == name)


def cell(lab: Joining, server: str, ip: str, mode: str = "Static") -> dict[str, str]:
    key = f"{network_of(lab, 'Storage 1100')}.{lab.servers[server].uuid}"
    return {f"mode.{key}": mode, f"ip.{key}": ip, f"netmask.{key}": "255.255.255.0"}


def test_the_worst_server_is_shown_first_and_another_on_request(cloud: Joining, olivia: Client) -> None:
    shown = text(olivia, cloud.path)
    assert "<bdi>ibm-5</bdi> beside the coordinator" in shown
    assert "Device names and positions disagree" in shown
    assert "xe pif-forget" in shown
    assert shown.count('class="wire wire-doubtful') == 2
    other = text(olivia, f"{cloud.path}?server={cloud.servers['ibm-4'].uuid}")
    assert "<bdi>ibm-4</bdi> beside the coordinator" in other
    assert "nothing speaks against its cables" in other
    assert "wire-doubtful" not in other
    assert "<bdi>ibm-5</bdi> beside" in text(olivia, f"{cloud.path}?server=nobody")


def test_the_drawing_has_a_table_for_who_hears_it(cloud: Joining, olivia: Client) -> None:
    shown = text(olivia, cloud.path)
    assert "<caption>2 of 4 places need a look on ibm-5.</caption>" in shown
    assert '<div class="nicmap" aria-hidden="true">' in shown
    for value in ("0000:3b:00.1", "3c:fd:fe", "10 Gbit/s", "Ethernet Controller X710"):
        assert value in shown[shown.index("<caption>") :]


def test_good_addresses_are_in_the_draft_and_the_wizard_goes_on(cloud: Joining, olivia: Client) -> None:
    answer = olivia.post(cloud.path, cell(cloud, "ibm-4", "10.110.0.14") | {"go": "next"})
    assert answer.headers["Location"].endswith("/plan/")
    (given,) = cloud.addresses
    assert (given["server_uuid"], given["ip"], given["mode"]) == (cloud.servers["ibm-4"].uuid, "10.110.0.14", "Static")
    assert given["network_name"] == "Storage 1100"
    assert 'value="10.110.0.14"' in text(olivia, cloud.path)
    plan = text(olivia, cloud.path.replace("network", "plan"))
    assert "Addresses given after the joins" in plan
    assert "10.110.0.14 / 255.255.255.0" in plan


@pytest.mark.parametrize("go", ["next", "save"])
def test_a_wrong_cell_stays_with_its_reason_and_holds_up_the_plan(go: str, cloud: Joining, olivia: Client) -> None:
    cells = cell(cloud, "ibm-4", "10.110.0.11") | cell(cloud, "ibm-5", "not an <address>")
    answer = olivia.post(cloud.path, cells | {"go": go})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    shown = answer.content.decode()
    assert "ibm-1 has this address already, on bond" in shown
    assert 'value="not an &lt;address&gt;"' in shown
    assert cloud.addresses == []
    assert 'value="not an &lt;address&gt;"' in text(olivia, cloud.path)
    assert olivia.get(cloud.path.replace("network", "plan")).headers["Location"].endswith("/network/")


def test_choosing_another_server_and_reading_again_keep_what_was_typed(
    cloud: Joining, olivia: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[Pool] = []
    monkeypatch.setattr(rings, "refresh", rung.append)
    uuid = cloud.servers["ibm-4"].uuid
    answer = olivia.post(cloud.path, cell(cloud, "ibm-5", "10.110") | {"show": uuid})
    assert answer.headers["Location"] == f"{cloud.path}?server={uuid}#nics"
    assert 'value="10.110"' in text(olivia, answer.headers["Location"])
    Inventory.objects.update(tried_at=None)
    answer = olivia.post(cloud.path, cell(cloud, "ibm-5", "10.111") | {"again": "1", "shown": uuid})
    assert len({pool.pk for pool in rung}) == 3
    assert 'value="10.111"' in text(olivia, answer.headers["Location"])


def test_filling_down_gives_the_next_server_the_next_address(cloud: Joining, olivia: Client) -> None:
    fill = {"fill": network_of(cloud, "Storage 1100")}
    where = olivia.post(cloud.path, cell(cloud, "ibm-4", "10.110.0.14", mode="") | fill).headers["Location"]
    assert where.endswith("#addresses")
    shown = text(olivia, where)
    assert 'value="10.110.0.14"' in shown
    assert 'value="10.110.0.15"' in shown
    assert [choice["ip"] for choice in cloud.addresses] == ["10.110.0.14", "10.110.0.15"]


def test_another_subnet_is_asked_about_and_then_taken(cloud: Joining, olivia: Client) -> None:
    elsewhere = f"elsewhere.{network_of(cloud, 'Storage 1100')}"
    assert f'name="{elsewhere}"' not in text(olivia, cloud.path)
    far = cell(cloud, "ibm-4", "10.99.0.14") | {"go": "next"}
    assert f'name="{elsewhere}"' in olivia.post(cloud.path, far).content.decode()
    assert olivia.post(cloud.path, far | {elsewhere: "1"}).headers["Location"].endswith("/plan/")


def test_names_that_are_markup_stay_text(transactional_db: None, sign_in: SignIn) -> None:
    evil = '<script>alert("host")</script>'
    with joining("hostile-names", evil, ["None"]) as found:
        shown = text(sign_in(found.owner), found.path)
    assert "<script>alert" not in shown
    assert "<svg/onload" not in shown
    assert "&lt;script&gt;alert" in shown


def test_sixteen_servers_cost_twelve_queries_at_most(
    transactional_db: None, sign_in: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with joining("sixteen-standalone", "xs-01", SIXTEEN) as found:
        client = sign_in(found.owner)
        text(client, "/errors/")
        with django_assert_max_num_queries(12):
            shown = text(client, found.path)
    assert shown.count('name="show"') == 15
    assert "Each will have all networks of the pool." in shown
    assert "nothing is to be given" in shown
