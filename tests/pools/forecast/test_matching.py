"""Each server uses the rule of its own version, whatever the coordinator's."""

import pytest

from pools.forecast.matching import Rule, position, rule_of
from pools.xapi.records import HostRecord


@pytest.mark.parametrize(
    ("software", "rule"),
    [
        ({"xapi": "1.249", "product_version": "8.2.1"}, Rule.DEVICE),
        ({"xapi": "24.11", "xapi_build": "24.11.0"}, Rule.DEVICE),
        ({"xapi": "25.33", "xapi_build": "25.33.1-2.lcm"}, Rule.DEVICE),
        ({"xapi": "25.34", "xapi_build": "25.34.0"}, Rule.DEVICE),
        ({"xapi": "25.35", "xapi_build": "25.35.0"}, Rule.POSITION),
        ({"xapi": "26.1", "xapi_build": "26.1.3"}, Rule.POSITION),
        ({}, Rule.DEVICE),
        ({"xapi_build": "unknown"}, Rule.DEVICE),
        ({"xapi_build": f"24.{'9' * 5000}"}, Rule.DEVICE),
    ],
)
def test_the_rule_changed_with_build_25_35(software: dict[str, str], rule: Rule) -> None:
    assert rule_of(HostRecord(ref="h", software_version=software)) is rule


@pytest.mark.parametrize(
    ("bridge", "number"),
    [
        *[("xenbr0", 0), ("xenbr12", 12), ("xapi0", None), ("xenbr", None), ("bxenbr1", None)],
        *[(f"xenbr{'9' * 5000}", None), ("xenbr٣", None)],
    ],
)
def test_a_position_is_the_number_of_the_nics_own_bridge(bridge: str, number: int | None) -> None:
    assert position(bridge) == number
