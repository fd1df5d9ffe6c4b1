"""The losses that are foretold are what the pool and the server really lose, no more and no less."""

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from pools.forecast import cpuid
from pools.forecast.losses import OrphanKind, losses_of
from pools.xapi.records import NULL
from simulator.running import Simulation, running
from simulator.scenes.model import CpuSpec, DiskSpec, HostSpec, PoolSpec, Scene, SrSpec, VmSpec
from simulator.world.host import HostMachine
from simulator.xapi.rows import Row, rows
from tests.pools.forecast.losing import SETTINGS, Departure, pool_of, read
from tests.simulator.rpc import Rpc
from tests.simulator.waiting import until

SCENES = (
    ("busy-member", "boss", "busy"),
    ("ha-pool", "ha-coordinator", "ha-1"),
    ("lacp-only-switch", "lacp-1", "lacp-2"),
    ("ibm-cloud", "ibm-1", "ibm-2"),
    ("pool-of-four", "four-1", "four-3"),
)


def assert_as_foretold(left: Departure) -> None:
    """In both directions: what was foretold is gone, and what is gone was foretold."""
    said, own = left.foretold, {sr.uuid for sr in left.before.srs.values() if sr.type in {"nfs", "lvmoiscsi"}}
    unplugged = left.forgotten & own
    kept = {vdi.uuid for vdi in left.before.vdis.values() if left.before.srs[vdi.SR].uuid in unplugged}
    assert {disk.uuid for disk in said.destroyed} == left.gone - kept == left.disks
    storage = {(OrphanKind.STORAGE, uuid) for uuid in unplugged}
    assert {(row.kind, row.uuid) for row in said.orphaned} == left.orphans() | storage
    assert len({row.key for row in said.orphaned}) == len(said.orphaned)
    gained = cpuid.names(cpuid.without(left.levels[1], left.levels[0]))
    level = [row.after for row in said.changed if row.what == "Processor level"]
    assert level == ([f"{len(gained)} features more"] if gained else [])


@pytest.mark.parametrize(("scene", "coordinator", "leaver"), SCENES, ids=[scene for scene, _, _ in SCENES])
def test_what_a_scene_loses_was_foretold(scene: str, coordinator: str, leaver: str) -> None:
    with running(scene) as sim:
        boss = sim.host(coordinator)
        if pool_of(boss)["ha_enabled"]:
            Rpc(boss).call("pool.disable_ha")
            until(lambda: not pool_of(boss)["ha_enabled"])
        assert_as_foretold(Departure.of(boss, sim.host(leaver)))


def test_beside_what_ha_is_set_to_stands_what_xapi_has_a_plan_for() -> None:
    with running("ha-pool") as sim:
        boss = sim.host("ha-coordinator")
        Row(boss.database, "pool", next(iter(boss.database.records("pool")))).set(ha_plan_exists_for=0)
        capacity = losses_of(read(boss), sim.host("ha-1").uuid).capacity
        assert (capacity.configured, capacity.planned) == (pool_of(boss)["ha_host_failures_to_tolerate"], 0)


STORAGE = st.sampled_from(["Local storage", "Filer", "Alone"])
STATES = st.sampled_from(["Halted", "Running", "Suspended"])
USES = st.sampled_from(["VM", "template", "snapshot", "disc", "protected"])
Guest = tuple[str, str, str, str]
GUESTS = st.lists(st.tuples(STORAGE, STATES, USES, st.sampled_from(["m1", "m2"])), max_size=6)
MODELS = st.sampled_from(["skylake", "haswell", "icelake"])
DANGLING = st.dictionaries(st.sampled_from(sorted(SETTINGS)), STORAGE)
EVERY_USE: list[Guest] = [
    (sr, state, use, "m1")
    for sr in ("Local storage", "Alone")
    for state, use in (
        *(("Halted", use) for use in ("VM", "template", "snapshot", "disc", "protected")),
        ("Suspended", "VM"),
    )
]


@settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(GUESTS, MODELS, DANGLING)
@example(EVERY_USE, "haswell", dict.fromkeys(SETTINGS, "Local storage"))
def test_what_any_pool_loses_was_foretold(guests: list[Guest], model: str, dangling: dict[str, str]) -> None:
    with running(scene_of(guests, model)) as sim:
        leave_alone(sim, "Alone", "m1")
        for place, guest in enumerate(guests):
            dress(sim, f"vm-{place}", guest)
        pool = Row(sim.host("m0").database, "pool", next(iter(sim.host("m0").database.records("pool"))))
        for name, sr in dangling.items():
            pool.set(**{name: storage(sim, sr).ref})
        assert_as_foretold(Departure.of(sim.host("m0"), sim.host("m1")))


def test_who_leaves_second_loses_what_was_foretold_before_the_first_left() -> None:
    """What two of them shared is lost with the second; the rest of the pool is as it was said to be."""
    guests: list[Guest] = [("Alone", "Halted", "VM", "m2"), ("Local storage", "Halted", "VM", "m1")]
    with running(scene_of(guests, "haswell")) as sim:
        boss, first_out, second_out = (sim.host(name) for name in ("m0", "m1", "m2"))
        leave_alone(sim, "Alone", "m1", "m2")
        before = read(boss)
        foretold = [losses_of(before, second_out.uuid, gone=gone).named() for gone in ((), (first_out.uuid,))]
        capacity = losses_of(before, second_out.uuid, gone=(first_out.uuid,)).capacity
        assert_as_foretold(Departure.of(boss, first_out))
        second = Departure.of(boss, second_out)
        assert second.foretold.named() == foretold[1] != foretold[0]
        assert second.foretold.capacity == capacity
        assert_as_foretold(second)


def scene_of(guests: list[Guest], model: str) -> Scene:
    """Three servers; the one that leaves may have another processor."""
    filers = tuple(
        SrSpec(name=name, shared=True, device_config={"server": "10.0.9.8", "serverpath": f"/{name}"})
        for name in ("Filer", "Alone")
    )
    vms = tuple(
        VmSpec(name=f"vm-{place}", host=host, disks=(DiskSpec(name=f"disk-{place}", size_gib=1, sr=sr),))
        for place, (sr, _, _, host) in enumerate(guests)
    )
    hosts = (HostSpec(name="m0", srs=filers), HostSpec(name="m1", cpu=CpuSpec(model=model)), HostSpec(name="m2"))
    return Scene(name="drawn", hosts=hosts, pools=(PoolSpec(name="P", master="m0", members=("m1", "m2"), vms=vms),))


def leave_alone(sim: Simulation, name: str, *leavers: str) -> None:
    """Only the servers that leave are connected to this filer."""
    connected = {own_row(sim.host(leaver)).ref for leaver in leavers}
    for pbd in storage(sim, name).all("PBDs", "PBD"):
        if pbd.text("host") not in connected:
            pbd.database.delete("PBD", pbd.ref)


def own_row(machine: HostMachine) -> Row:
    return next(host for host in rows(machine.database, "host") if host.uuid == machine.uuid)


def storage(sim: Simulation, name: str) -> Row:
    """The SR of this name; of the local ones that of the server that leaves."""
    connected = [pbd.to("SR", "SR") for pbd in own_row(sim.host("m1")).all("PBDs", "PBD")]
    return next(sr for sr in connected if sr.text("name_label") == name)


def dress(sim: Simulation, name: str, guest: Guest) -> None:
    """Make of a halted VM what was drawn."""
    _, state, use, _ = guest
    vm = next(vm for vm in rows(sim.host("m0").database, "VM") if vm.text("name_label") == name)
    vbd = vm.all("VBDs", "VBD")[0]
    if state == "Suspended":
        vm.set(power_state="Suspended", resident_on=NULL, suspend_VDI=vbd.text("VDI"))
    if state == "Running":
        vm.set(power_state="Running", resident_on=own_row(sim.host("m1")).ref)
    vm.set(is_a_template=use in {"template", "snapshot"}, is_a_snapshot=use == "snapshot")
    if use == "protected":
        vm.set(ha_restart_priority="restart")
    if use == "disc":
        vbd.set(type="CD")
