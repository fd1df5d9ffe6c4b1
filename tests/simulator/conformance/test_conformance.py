"""Every row of every table, over both transports: the code and all its parameters."""

from collections.abc import Iterator

import pytest

from tests.simulator.conformance.runner import TRANSPORTS, Labs, Row, all_rows, check

ROWS = list(all_rows())


@pytest.fixture(scope="module")
def labs() -> Iterator[Labs]:
    kept = Labs()
    yield kept
    kept.close()


def test_every_row_has_a_name_of_its_own() -> None:
    names = [row.id for row in ROWS]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_the_error_is_exactly_this(row: Row, transport: str, labs: Labs) -> None:
    check(row, transport, labs)
