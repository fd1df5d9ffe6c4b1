"""What tests of the steps after a join ask for."""

import pytest

from pools.operations.after_join import member


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not there a moment after the member is enabled will not come."""
    monkeypatch.setattr(member, "SETTLES_IN", 0.02)
