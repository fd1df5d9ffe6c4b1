"""A forecast survives its storage."""

import json

from pools.forecast.cpu import JoinEffect
from pools.forecast.join import (
    BondForecast,
    Doubt,
    DoubtKind,
    JoinForecast,
    NetworkForecast,
    NetworkOutcome,
    Outcome,
    Rule,
    VLANForecast,
    VLANOutcome,
)
from pools.forecast.stored import from_json, to_json

FORECAST = JoinForecast(
    host_uuid="a",
    rule=Rule.POSITION,
    bonds=(
        BondForecast(
            network_uuid="n",
            network_name="Bond 0+1",
            mode="lacp",
            outcome=Outcome.PARTIAL,
            wanted=("eth0", "eth1"),
            members=("eth0",),
            missing=("eth1",),
            doubts=(Doubt(kind=DoubtKind.SPEED, device="eth0", theirs="1000", ours="10000"),),
        ),
    ),
    vlans=(
        VLANForecast(
            network_uuid="v", network_name="Guests", tag=10, below="Bond 0+1", below_uuid="n", outcome=VLANOutcome.MADE
        ),
    ),
    networks=(NetworkForecast(uuid="p", name="Private", bridge="xapi0", outcome=NetworkOutcome.LOST),),
    cpu=JoinEffect(lost=("AVX2",)),
)


def test_a_forecast_is_read_back_as_it_was_stored() -> None:
    assert from_json(json.loads(json.dumps(to_json(FORECAST)))) == FORECAST


def test_what_nobody_knows_any_more_is_left_out() -> None:
    stored = to_json(FORECAST) | {"given_up": 1}
    assert from_json(stored) == FORECAST
