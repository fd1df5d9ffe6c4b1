"""What the checks foretell is what XAPI answers: each of its refusals, produced in the simulator and over the wire."""

from collections.abc import Iterator

import pytest

from pools.checks.accepting import obstacle
from pools.checks.facts import Facts, ServerFacts
from pools.checks.registry import Report, run_checks
from pools.xapi.inventory import CLASSES, Snapshot
from simulator.running import Simulation, running
from simulator.scenes.rules import SPOILERS, spoil
from simulator.world.host import HostMachine
from tests.simulator.rpc import Rpc, XapiFailure

# Whether a licence daemon runs is not in the records: its absence has a code of its own.
UNFORESEEN = {"V6D_FAILURE": "LICENSE_HOST_POOL_MISMATCH"}


@pytest.fixture
def sim() -> Iterator[Simulation]:
    with running("two-standalone") as found:
        yield found


def gather(machine: HostMachine) -> ServerFacts:
    database = machine.database
    tables = {name.lower(): database.records(name) for name in database.schema.classes if name.lower() in CLASSES}
    return ServerFacts(
        uuid=machine.uuid,
        name_label=machine.name,
        address=machine.address,
        snapshot=Snapshot.from_wire(tables),
        clock_skew=0.0,
    )


def mapping(value: object) -> dict[str, str]:
    assert isinstance(value, dict)
    return value


def answer_to_join(joiner: HostMachine, coordinator: HostMachine, method: str = "pool.join") -> list[str]:
    """Return what pool.join says on the wire: code and params, or nothing when it goes through."""
    try:
        Rpc(joiner).call(method, coordinator.address, coordinator.username, coordinator.password)
    except XapiFailure as failure:
        return failure.description
    return []


@pytest.mark.parametrize("name", SPOILERS)
def test_the_first_refusal_foretold_is_xapis_answer(sim: Simulation, name: str) -> None:
    coordinator, joiner = sim.hosts
    if name == "pool-size":
        for number in range(2):
            coordinator.database.create("host", name_label=f"member-{number}", edition="xcp-ng")
    spoil(name, joiner, coordinator)
    foretold = run_checks(Facts(coordinator=gather(coordinator), joining=(gather(joiner),))).first_refusal(joiner.uuid)
    code, *params = answer_to_join(joiner, coordinator)
    assert foretold is not None
    assert foretold.code == UNFORESEEN.get(code, code)
    assert code in UNFORESEEN or list(foretold.params) == params


@pytest.mark.parametrize(
    ("name", "release"),
    [
        *[("sm-missing", "24.36"), ("trusted-certificates", "26.12"), ("guidance", "24.30")],
        *[("pool-guidance", "24.30"), ("pool-cluster-ip", "25.17"), ("pool-cluster-vlan", "1.249")],
        *[("tls-verification", "1.249"), ("ca-certificates", "1.249")],
    ],
)
def test_what_an_older_toolstack_does_not_ask_is_a_warning_and_it_joins(
    sim: Simulation, name: str, release: str
) -> None:
    coordinator, joiner = sim.hosts
    for machine in sim.hosts:
        [(ref, host)] = machine.database.records("host").items()
        machine.database.set("host", ref, software_version={**mapping(host["software_version"]), "xapi": release})
    spoil(name, joiner, coordinator)
    report = report_of(joiner, coordinator)
    assert (report.errors, [each.code for each in report.warnings]) == ((), ["XENWEB_NOT_ASKED_BY_OLDER"])
    assert answer_to_join(joiner, coordinator) == []


def test_two_things_wrong_are_refused_in_xapis_order(sim: Simulation) -> None:
    coordinator, joiner = sim.hosts
    for name in ("tls-verification", "running-vm", "pool-updating"):
        spoil(name, joiner, coordinator)
    report = run_checks(Facts(coordinator=gather(coordinator), joining=(gather(joiner),)))
    foretold = report.first_refusal(joiner.uuid)
    assert len(report.errors) == 3
    assert foretold is not None
    assert [foretold.code] == answer_to_join(joiner, coordinator)


def test_nothing_is_foretold_for_servers_that_join(sim: Simulation) -> None:
    coordinator, joiner = sim.hosts
    report = run_checks(Facts(coordinator=gather(coordinator), joining=(gather(joiner),)))
    assert report.findings == ()
    assert answer_to_join(joiner, coordinator) == []


def test_the_sixteen_twins_fit_each_other() -> None:
    with running("sixteen-standalone") as sim:
        first, *others = [gather(machine) for machine in sim.hosts]
        assert run_checks(Facts(coordinator=first, joining=tuple(others))).findings == ()


def test_the_practice_lab_has_something_to_find_for_most_servers() -> None:
    with running("practice-lab") as sim:
        first, *others = [gather(machine) for machine in sim.hosts if not machine.role.startswith("slave")]
        report = run_checks(Facts(coordinator=first, joining=tuple(others)))
        clean = [name for uuid, name in report.servers.items() if not report.about(uuid)]
    assert "atlas-2" in clean
    assert len(report.errors) >= 5


def report_of(joiner: HostMachine, coordinator: HostMachine) -> Report:
    return run_checks(Facts(coordinator=gather(coordinator), joining=(gather(joiner),)))


@pytest.mark.parametrize(
    ("joiner", "coordinator"), [("middle-3", "new-1"), ("new-3", "middle-1"), ("eight-2", "new-1")]
)
def test_between_releases_force_is_not_offered_because_xapi_would_refuse_it_too(joiner: str, coordinator: str) -> None:
    with running("old-and-new") as sim:
        joins, into = sim.host(joiner), sim.host(coordinator)
        why = obstacle(report_of(joins, into), joins.uuid)
        code = answer_to_join(joins, into, "pool.join_force")[0]
        assert code != "HOSTS_NOT_HOMOGENEOUS"
        assert code in why


def test_where_only_the_toolstack_differs_force_is_offered_and_xapi_takes_it(sim: Simulation) -> None:
    coordinator, joiner = sim.hosts
    spoil("xapi-version", joiner, coordinator)
    assert obstacle(report_of(joiner, coordinator), joiner.uuid) == ""
    assert answer_to_join(joiner, coordinator)[0] == "HOSTS_NOT_HOMOGENEOUS"
    assert answer_to_join(joiner, coordinator, "pool.join_force") == []


def test_xapi_would_mix_vendors_by_force_and_xenweb_never_offers_it(sim: Simulation) -> None:
    coordinator, joiner = sim.hosts
    spoil("cpu-vendor", joiner, coordinator)
    assert obstacle(report_of(joiner, coordinator), joiner.uuid)
    assert answer_to_join(joiner, coordinator, "pool.join_force") == []
