"""Forecasts of what no join would show at once: bonds that must go first, several servers, gaps in what was read."""

from dataclasses import fields, replace

import pytest

from pools.checks.after_join import compare
from pools.forecast.join import forecast_join
from pools.forecast.stored import from_json, to_json
from pools.xapi.inventory import Snapshot
from simulator.running import running
from simulator.scenes.loader import parse
from tests.pools.forecast.parity import assert_network_as_foretold, join, read
from tests.simulator.rpc import Rpc

SCENE = """
name: several
hosts:
  - name: master
    bonds: [{network: Bond, nics: [eth0, eth1], mode: lacp}]
    vlans: [{network: Guests, "on": Bond, tag: 40}]
    srs: [{name: Filer, shared: true}]
    vms: [{name: app, power_state: Running}]
  - {name: bonded, nics: 6, bonds: [{network: Own bond, nics: [eth0, eth2]}]}
  - {name: more, nics: 6, vms: [{name: web, networks: [Pool-wide network 5]}], networks: [Isolated]}
  - {name: fewer, nics: 1}
"""
CLASSES = [entry.name for entry in fields(Snapshot) if entry.name != "unread"]


def test_a_servers_own_bonds_are_foretold_as_gone_since_they_must_go_before_the_join() -> None:
    with running(parse(SCENE, "several.yaml")) as sim:
        master, joiner = sim.host("master"), sim.host("bonded")
        with_bond = forecast_join(read(master), read(joiner), joiner.uuid)
        (bond,) = joiner.database.refs("Bond")
        Rpc(joiner).call("Bond.destroy", bond)
        parity = join(sim, joiner, master)
    assert_network_as_foretold(parity)
    assert (with_bond.bonds, with_bond.vlans) == (parity.forecast.bonds, parity.forecast.vlans)
    assert with_bond.management == parity.forecast.management


def test_servers_that_join_one_after_the_other_are_each_foretold_from_the_coordinator() -> None:
    with running(parse(SCENE, "several.yaml")) as sim:
        master, first, second = sim.host("master"), sim.host("more"), sim.host("fewer")
        beforehand = {each: forecast_join(read(master), read(each), each.uuid) for each in (first, second)}
        after = [join(sim, each, master).after for each in (first, second)][-1]
    for machine, forecast in beforehand.items():
        assert compare(forecast, after, machine.uuid) == []


@pytest.mark.parametrize("table", CLASSES)
def test_what_was_not_read_or_hangs_in_the_air_breaks_no_forecast(table: str, several: list[Snapshot]) -> None:
    pool, joiner = several
    uuid = joiner.master.uuid
    for left, right in ((replace(pool, **{table: {}}), joiner), (pool, replace(joiner, **{table: {}}))):  # type: ignore[arg-type]
        forecast = forecast_join(left, right, uuid)
        assert from_json(to_json(forecast)) == forecast
        compare(forecast, left, uuid)


@pytest.fixture(scope="module")
def several() -> list[Snapshot]:
    with running(parse(SCENE, "several.yaml")) as sim:
        return [read(sim.host("master")), read(sim.host("more"))]


def test_nothing_is_said_of_processors_of_another_maker(several: list[Snapshot]) -> None:
    pool, joiner = several
    host = replace(joiner.master, cpu_info={**joiner.master.cpu_info, "vendor": "AuthenticAMD"})
    other = replace(joiner, hosts={host.ref: host})
    assert forecast_join(pool, joiner, host.uuid).cpu is not None
    assert forecast_join(pool, other, host.uuid).cpu is None
