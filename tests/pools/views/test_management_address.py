"""The network page for a server whose management arrives elsewhere: what is typed there is in the plan."""

from http import HTTPStatus

import pytest

from pools.models import Inventory
from simulator.scenes.loader import parse
from tests.fixtures.joining import joining
from tests.fixtures.people import SignIn
from tests.pools.operations.after_join.test_management import BOND, OFFICE


@pytest.mark.usefixtures("transactional_db")
def test_the_address_of_management_is_typed_for_the_server_that_arrives_elsewhere(sign_in: SignIn) -> None:
    with joining(parse(OFFICE, "office.yaml"), "main", ["astray", "straight"]) as lab:
        olivia = sign_in(lab.owner)
        page = olivia.get(lab.path).content.decode()
        records = Inventory.objects.get(pool=lab.operation.pool).records["network"].values()
        bond = next(str(network["uuid"]) for network in records if network["name_label"] == BOND)
        key = f"{bond}.{lab.servers['astray'].uuid}"
        assert "The pool’s management network" in page
        assert f'name="ip.{key}"' in page
        assert f'name="ip.{bond}.{lab.servers["straight"].uuid}"' not in page
        ip = lab.sim.host("main").address.rpartition(".")[0] + ".77"
        typed = {f"mode.{key}": "Static", f"ip.{key}": ip, f"netmask.{key}": "255.255.255.0", "go": "next"}
        answer = olivia.post(lab.path, typed)
        assert answer.status_code == HTTPStatus.FOUND, answer.content.decode()
        assert [given["ip"] for given in lab.addresses] == [ip]
