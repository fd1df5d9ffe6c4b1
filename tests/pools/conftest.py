"""What tests of connecting ask for: two servers of a lab that is the whole estate, and who may add them."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from pools.models import Role, User
from simulator.running import Simulation, running
from tests.fixtures.people import make_person


@pytest.fixture
def sim(settings: Settings) -> Iterator[Simulation]:
    with running("two-standalone") as found:
        settings.LAB = found.as_line()
        yield found


@pytest.fixture
def anna(transactional_db: None) -> User:
    return make_person("anna", Role.ADMINISTRATOR)
