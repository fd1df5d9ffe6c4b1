"""A lab whose second server is to join the first, as a draft."""

import pytest

from tests.fixtures.lab import Lab
from tests.pools.operations.fixes.mending import Mending


@pytest.fixture
def mending(lab: Lab) -> Mending:
    return Mending(lab=lab, parent=lab.draft())
