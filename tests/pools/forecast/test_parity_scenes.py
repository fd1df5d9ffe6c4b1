"""The scenes: what is foretold of each server, read as xenweb reads it, is what its join then does."""

import pytest

from pools.checks.after_join import compare
from pools.checks.facts import Facts, ServerFacts
from pools.checks.registry import run_checks
from pools.forecast import cpuid
from pools.forecast.join import DoubtKind, Outcome, Rule, forecast_join
from pools.xapi.endpoint import Endpoint, Login
from pools.xapi.gateway import open_session
from pools.xapi.inventory import CLASSES, Snapshot
from pools.xapi.tls import fetch_certificate
from simulator.running import Simulation, running
from simulator.scenes.rules import SPOILERS
from simulator.world.host import HostMachine
from simulator.xapi.machines import host_row
from simulator.xapi.rows import first
from tests.pools.forecast.parity import Parity, assert_network_as_foretold, join, read
from tests.simulator.pool.joining import refusal
from tests.simulator.rpc import Rpc, XapiFailure

JOINS = {
    ("ibm-cloud", "ibm-1", "ibm-4"): Rule.POSITION,
    ("ibm-cloud", "ibm-1", "ibm-5"): Rule.POSITION,
    ("old-and-new", "new-1", "new-3"): Rule.POSITION,
    ("old-and-new", "middle-1", "middle-3"): Rule.POSITION,
    ("old-and-new", "eight-1", "eight-2"): Rule.DEVICE,
    ("cpu-generations", "icelake-1", "haswell-2"): Rule.POSITION,
    ("cpu-generations", "icelake-2", "haswell-2"): Rule.POSITION,
}


def read_by_session(machine: HostMachine) -> Snapshot:
    """As the product does: over TLS, in one call."""
    pin = fetch_certificate(machine.address, machine.port).sha256
    endpoint = Endpoint(address=machine.address, port=machine.port, pin=pin)
    with open_session(endpoint, Login(username=machine.username, password=machine.password)) as xapi:
        return Snapshot.from_wire(xapi.snapshot(tuple(CLASSES)), xapi.unread)


@pytest.mark.parametrize(("scene", "master", "joiner"), JOINS)
def test_a_server_joins_as_foretold(scene: str, master: str, joiner: str) -> None:
    with running(scene) as sim:
        parity = join(sim, sim.host(joiner), sim.host(master))
    assert_network_as_foretold(parity)
    assert compare(parity.forecast, parity.after, parity.host.uuid) == []
    assert parity.forecast.rule is JOINS[scene, master, joiner]
    assert lost_features(parity) == list(parity.forecast.cpu.lost if parity.forecast.cpu else ())


def lost_features(parity: Parity) -> list[str]:
    """What the pool offered before and does not now, by its own level."""
    levels = [side.pool.cpu_info["features_hvm_host"] for side in (parity.before, parity.after)]
    before, after = (cpuid.parse(level) or () for level in levels)
    return cpuid.names(cpuid.without(before, after))


def test_the_forecast_needs_no_more_than_a_session_reads() -> None:
    with running("ibm-cloud") as sim:
        pool, joiner = sim.host("ibm-1"), sim.host("ibm-5")
        forecast = forecast_join(read_by_session(pool), read_by_session(joiner), joiner.uuid)
        assert forecast == forecast_join(read(pool), read(joiner), joiner.uuid)
    assert [(bond.outcome, bond.members) for bond in forecast.bonds] == [
        (Outcome.FULL, ("eth0", "eth1")),
        (Outcome.FULL, ("eth2", "eth3")),
    ]
    doubts = {(doubt.kind, doubt.device, doubt.theirs, doubt.ours) for doubt in forecast.bonds[0].doubts}
    assert (DoubtKind.ORDER, "eth1", "eth1", "eth2") in doubts


def test_a_vm_that_was_started_before_cannot_move_to_the_weaker_server() -> None:
    with running("cpu-generations") as sim:
        master, joiner = sim.host("icelake-1"), sim.host("haswell-2")
        parity = join(sim, joiner, master)
        assert parity.forecast.cpu
        assert parity.forecast.cpu.stuck_vms == ("started-before",)
        found = {name: migrated(sim, name, joiner) for name in ("started-before", "started-after")}
    assert found == {"started-before": "VM_INCOMPATIBLE_WITH_THIS_HOST", "started-after": ""}


def migrated(sim: Simulation, name: str, target: HostMachine) -> str:
    """The code with which a VM stays; empty when it has moved."""
    master = sim.host("icelake-1")
    vm = first(master.database, "VM", name_label=name)
    assert vm
    try:
        Rpc(master).call("VM.pool_migrate", vm.ref, host_row(target).ref, {})
    except XapiFailure as failure:
        return failure.description[0]
    return ""


def test_another_vendor_is_refused_and_nothing_is_foretold_of_its_processor() -> None:
    with running("mixed-vendors") as sim:
        first_one, other = sim.host("intel-01"), sim.host("amd-01")
        servers = [
            ServerFacts(uuid=each.uuid, name_label=each.name, address=each.address, snapshot=read(each))
            for each in (first_one, other)
        ]
        report = run_checks(Facts(coordinator=servers[0], joining=(servers[1],)))
        foretold = report.first_refusal(other.uuid)
        assert foretold
        assert [foretold.code, *foretold.params] == refusal(other, first_one)
    assert not [each.code for each in report.about(other.uuid) if each.code.startswith("XENWEB_CPU")]


def facts_of(machine: HostMachine) -> ServerFacts:
    return ServerFacts(uuid=machine.uuid, name_label=machine.name, address=machine.address, snapshot=read(machine))


def test_each_refusal_of_the_scene_is_foretold_with_its_values() -> None:
    """What a licence daemon knows is in no record: of editions only that they differ is foretold."""
    with running("every-join-refusal") as sim:
        spoiled = [each for each in sim.hosts if each.name != "sound" and not each.name.startswith("trio")]
        found = {machine.name: told_and_said(sim, machine) for machine in spoiled}
    unlike = {name: pair for name, pair in found.items() if pair[0] != pair[1]}
    assert {pair[0][0] for pair in unlike.values()} == {"LICENSE_HOST_POOL_MISMATCH"}
    assert {name.partition("-")[0] for name in unlike} == {"edition"}
    assert len(found) > 40


def told_and_said(sim: Simulation, machine: HostMachine) -> tuple[list[str], list[str]]:
    """The first refusal by the checks, and XAPI's; a server at fault as a coordinator is joined by the sound one."""
    partners = {"pool-size": "trio-1", "edition-lower": "edition-premium"}
    at_fault = {spoiler.name for spoiler in SPOILERS.values() if spoiler.side == "pool"}
    other = sim.host(partners.get(machine.name, "sound"))
    master, joiner = (machine, other) if machine.name in at_fault else (other, machine)
    foretold = run_checks(Facts(coordinator=facts_of(master), joining=(facts_of(joiner),))).first_refusal(joiner.uuid)
    return [foretold.code, *foretold.params] if foretold else [], refusal(joiner, master)
