"""One object of every kind and state, so that every page has something to show; made without a worker."""

import uuid
from dataclasses import dataclass, replace
from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.utils import timezone

from pools.models import (
    Approval,
    Operation,
    OperationState,
    Pool,
    Probe,
    ProbeState,
    Role,
    Server,
    StepState,
    Team,
    User,
)
from pools.operations.states import move_operation
from pools.services import (
    approvals,
    deciding,
    examination,
    fixes,
    forcing,
    host_add,
    host_remove,
    losses,
    operations,
    planning,
    pool_create,
    returning,
    teams,
    wizards,
)
from simulator.running import Simulation
from simulator.scenes.loader import load
from simulator.scenes.model import BondSpec, DiskSpec, HostSpec, PoolSpec, Scene, VlanSpec, VmSpec
from simulator.scenes.rules import spoil
from simulator.scenes.spoil_state import run_vm
from tests.e2e import gallery_cleaning, gallery_silence, gallery_snapshots
from tests.fixtures.lab import Lab, connect_one
from tests.fixtures.people import make_person

MEMBERS = {"office-2", "depot-2", "depot-3"}
MIXED = ("atlas", "web", "bonded", "amd", "veteran", "nas", "ancient")
PAIRS = ("nova", "orion", "lyra", "vega", "rigel", "mira", "norma", "hydra", "pavo", "cygnus")
FOUR = "terra"


def scene() -> Scene:
    """The practice lab, and pairs of sound servers to make pools of."""
    lab = load("practice-lab")
    pairs = tuple(HostSpec(name=f"{name}-{number}") for name in PAIRS for number in (1, 2))
    four = tuple(HostSpec(name=f"{FOUR}-{number}") for number in range(1, 5))
    return replace(lab, hosts=lab.hosts + pairs + four + depot_hosts(), pools=(*lab.pools, depot()))


def depot_hosts() -> tuple[HostSpec, ...]:
    """Three servers whose management is on a bond that speaks LACP."""
    bond = BondSpec(network="Management bond", nics=("eth0", "eth1"), mode="lacp")
    vlan = VlanSpec(network="Guests 20", on="Management bond", tag=20)
    first = HostSpec(name="depot-1", bonds=(bond,), vlans=(vlan,))
    return first, HostSpec(name="depot-2"), HostSpec(name="depot-3")


def depot() -> PoolSpec:
    """A pool in which guests have their disks on a member's own storage."""
    names = ("mail", "wiki", "build", "old shop")
    vms = tuple(
        VmSpec(name=name, host="depot-3", disks=(DiskSpec(name=f"{name} system"), DiskSpec(name=f"{name} data")))
        for name in names
    )
    guests = (
        VmSpec(name="dispatch", host="depot-2", power_state="Running", memory_mib=512, obstacle="immobile"),
        VmSpec(name="labels", host="depot-2", power_state="Running", memory_mib=512),
    )
    return PoolSpec(name="Depot", master="depot-1", members=("depot-2", "depot-3"), vms=(*vms, *guests))


@dataclass
class Gallery:
    """Who looks, and what there is to look at."""

    lab: Lab
    junior: User
    probes: list[Probe]
    approval: Approval
    drafts: dict[str, Operation]
    ran: dict[str, Operation]


def make(sim: Simulation) -> Gallery:
    """Make people, drafts, and operations in every state that a page shows differently."""
    olivia = named("olivia", "Olivia Owens", Role.OWNER)
    junior = named("jun", "Jun Jansen", Role.OPERATOR)
    Authenticator.objects.create(user=junior, type=Authenticator.Type.TOTP, data={})
    make_team(olivia)
    servers = [connect_one(host, olivia) for host in sim.hosts if host.name not in MEMBERS]
    lab = Lab(sim=sim, owner=olivia, servers=servers)
    asked = approvals.ask(operation=planned(lab, "orion", junior), user=junior, message="For the new web shop.")
    drafts, ran = make_drafts(lab, junior), make_runs(lab)
    drafts |= make_growing(lab, ran["done"].pool) | make_leaving(lab)
    gallery_snapshots.make(lab)
    gallery_silence.make(lab)
    ran["left"] = left_pool(lab, leave(lab, "vega-2"))
    gallery_cleaning.make(lab)
    return Gallery(lab=lab, junior=junior, probes=make_probes(lab), approval=asked, drafts=drafts, ran=ran)


def named(username: str, full_name: str, role: Role) -> User:
    person = make_person(username, role)
    person.first_name, _, person.last_name = full_name.partition(" ")
    person.is_staff = role == Role.OWNER
    person.save()
    return person


def make_team(olivia: User) -> Team:
    team = teams.add_team(by=None, name="Platform")
    teams.add_member(by=None, team=team, person=named("adam", "Adam Adler", Role.ADMINISTRATOR))
    return team


def chosen(lab: Lab, *starts: str) -> list[Server]:
    """Return the servers whose names begin so."""
    return [server for server in lab.servers if server.name_label.startswith(starts)]


def draft(servers: list[Server], user: User) -> Operation:
    """Choose the servers, and the first one as coordinator."""
    operation = pool_create.begin(user=user, servers=servers)
    pool_create.choose_coordinator(operation=operation, user=user, uuid=servers[0].uuid)
    operation.refresh_from_db()
    return operation


def planned(lab: Lab, start: str, user: User) -> Operation:
    operation = draft(chosen(lab, start), user)
    title = f"{start.title()} – production"
    named = pool_create.name(operation=operation, user=user, name=title, description="Racks 7 and 8, second floor.")
    wizards.go_on(operation=named, user=user, after="name")
    planning.run(str(operation.pk))
    operation.refresh_from_db()
    return operation


def make_drafts(lab: Lab, junior: User) -> dict[str, Operation]:
    """Drafts at different pages of the wizard, one of them with many problems, and plans that went nowhere."""
    olivia = lab.owner
    begun = pool_create.begin(user=olivia, servers=chosen(lab, "atlas"))
    examined = draft(chosen(lab, *MIXED), olivia)
    examination.run(str(examined.pk))
    refused = planned(lab, "rigel", junior)
    request = approvals.ask(operation=refused, user=junior)
    note = "Rigel 2 is to be moved to another rack first."
    shown = refused.plan_hash
    approvals.decide(approval=request, user=olivia, plan_hash=shown, approved=False, note=note)
    stale = planned(lab, "mira", olivia)
    stale.stale_reason = "mira-2: memory free was 60 GiB and is 12 GiB."
    move_operation(stale, OperationState.STALE)
    fine = planned(lab, "atlas", olivia)
    examination.ask(operation=draft(chosen(lab, "mira"), olivia), user=olivia)
    forced = by_force(lab, "pavo", olivia)
    states = {"begun": begun, "examined": examined, "fine": fine}
    return states | {"refused": refused, "stale": stale, "forced": forced, "fix": fix_of(examined, olivia)}


def by_force(lab: Lab, start: str, user: User) -> Operation:
    """A plan with a join past a difference of versions."""
    first, second = chosen(lab, start)
    spoil("xapi-version", lab.sim.host(second.name_label), lab.sim.host(first.name_label))
    operation = draft([first, second], user)
    pool_create.name(operation=operation, user=user, name="Pavo – in between", description="")
    operation.refresh_from_db()
    examination.run(str(operation.pk))
    operation.refresh_from_db()
    reason = "Its updates come from a repository that only the pool’s network reaches; updated tonight."
    forced = forcing.force(operation=operation, user=user, server_uuid=second.uuid, reason=reason)
    examination.run(str(forced.pk))
    forced.refresh_from_db()
    return operations.make_plan(operation=forced, user=user)


def make_growing(lab: Lab, pool: Pool | None) -> dict[str, Operation]:
    """Servers that are to join a pool: two that fit, and two that do not, whose pool has HA on; and one left behind."""
    assert pool is not None
    olivia, office = lab.owner, chosen(lab, "office")[0].pool
    growing = host_add.begin(user=olivia, pool=pool, servers=chosen(lab, "cygnus"))
    examination.run(str(growing.pk))
    wizards.go_on(operation=growing, user=olivia, after="network")
    planning.run(str(growing.pk))
    database = lab.sim.host("office-1").database
    database.set("pool", next(iter(database.records("pool"))), ha_enabled=True)
    blocked = host_add.begin(user=olivia, pool=office, servers=chosen(lab, "amd", "bonded"))
    examination.run(str(blocked.pk))
    left = pool_create.begin(user=named("otto", "Otto Older", Role.OPERATOR), servers=chosen(lab, "atlas", "web"))
    long_ago = timezone.now() - timedelta(days=40)
    Operation.objects.filter(pk=left.pk).update(changed_at=long_ago, title="Create pool “Old shop”")
    return {"growing": growing, "blocked": blocked}


def make_leaving(lab: Lab) -> dict[str, Operation]:
    """A member with disks of its own, nothing decided; a plan to remove it; and one with a VM that cannot move."""
    begun = {}
    for name, member in (("leaving", "depot-3"), ("crowded", "depot-2")):
        server = Server.objects.get(name_label=member)
        begun[name] = host_remove.begin(user=lab.owner, pool=server.pool, servers=[server])
        examination.run(str(begun[name].pk))
    return begun | {"left": leave(lab, "depot-3")}


def left_pool(lab: Lab, operation: Operation) -> Operation:
    """A removal that a second person said yes to, done."""
    request = approvals.ask(operation=operation, user=lab.owner)
    adam = User.objects.get(username="adam")
    approvals.decide(approval=request, user=adam, plan_hash=operation.plan_hash, approved=True)
    return lab.run(operation)


def leave(lab: Lab, name: str) -> Operation:
    """Plan a removal whose every loss is accepted."""
    server = Server.objects.get(name_label=name)
    operation = host_remove.begin(user=lab.owner, pool=server.pool, servers=[server])
    examination.run(str(operation.pk))
    operation.refresh_from_db()
    keys = [row.key for table in losses.page(operation).tables for row in table.rows]
    decided = deciding.decide(operation=operation, user=lab.owner, given=dict.fromkeys(keys, "accept"), typed={})
    answered = returning.answer(operation=decided, user=lab.owner, given={"rebuild": {}, "new_password": True})
    return operations.make_plan(operation=answered, user=lab.owner)


def fix_of(parent: Operation, user: User) -> Operation:
    """The plan that removes a joiner's bond."""
    page = fixes.FixPage(kind="fix_bonds", server=parent.servers.get(name_label__startswith="bonded"), parent=parent)
    operation = fixes.begin(page=page, user=user, chosen={})
    planning.run(str(operation.pk))
    operation.refresh_from_db()
    return operation


def make_runs(lab: Lab) -> dict[str, Operation]:
    """Operations that began: at work, in trouble, done, done but for what was skipped, and undone only half."""
    working = operations.start(operation=planned(lab, "nova", lab.owner), user=lab.owner)
    lab.run_steps(working, 1)
    join = working.steps.get(kind="JoinPool")
    join.state, join.progress, join.started_at = StepState.RUNNING, 0.42, working.steps.earliest("seq").finished_at
    join.note = "XAPI copies the server’s objects to the coordinator."
    join.save()
    done = lab.run(operations.start(operation=planned(lab, "vega", lab.owner), user=lab.owner))
    partly = in_trouble(lab, "norma")
    join = partly.steps.get(state=StepState.FAILED)
    operations.skip_step(step=join, user=lab.owner, reason="Its VMs may not be shut down before Sunday.")
    stuck = in_trouble(lab, "hydra")
    lab.sim.fault("drop_before", host="hydra-1", method="pool.set_name_label")
    operations.undo(operation=stuck, user=lab.owner)
    return {
        "working": working,
        "troubled": in_trouble(lab, "lyra"),
        "done": done,
        "partly": lab.run(partly),
        "stuck": lab.run(stuck),
        "open": with_open_points(lab),
    }


def with_open_points(lab: Lab) -> Operation:
    """Of three servers one joined; one runs a VM since, and one has lost its power."""
    operation = operations.start(operation=planned(lab, FOUR, lab.owner), user=lab.owner)
    lab.run_steps(operation, 1)
    run_vm(lab.sim.host(f"{FOUR}-2"), lab.sim.host(f"{FOUR}-1"))
    lab.sim.world.power_off(lab.sim.host(f"{FOUR}-4"))
    return lab.run(operation)


def in_trouble(lab: Lab, start: str) -> Operation:
    """A VM was started on the joiner after the plan was made."""
    operation = operations.start(operation=planned(lab, start, lab.owner), user=lab.owner)
    lab.run_steps(operation, 1)
    run_vm(lab.sim.host(f"{start}-2"), lab.sim.host(f"{start}-1"))
    return lab.run(operation)


def make_probes(lab: Lab) -> list[Probe]:
    """A batch of addresses in every state."""
    batch = uuid.uuid4()
    known = lab.servers[0]
    found = {"host_name": "atlas-1", "role": "standalone", "brand": "XCP-ng", "version": "8.3.0"}
    failed: dict[str, object] = {"error_code": "SESSION_AUTHENTICATION_FAILED", "error_params": ["root"]}
    late: dict[str, object] = {"error_code": "XENWEB_TIMEOUT", "error_params": ["10.0.0.6", "5"]}
    rows: list[tuple[ProbeState, dict[str, object]]] = [
        (ProbeState.TRUST, {"pin": known.pin}),
        (ProbeState.READY, {"pin": known.pin, "result": found}),
        (ProbeState.ADDED, {"pin": known.pin, "result": found, "pool": known.pool}),
        (ProbeState.MEMBER, {"result": {"role": "member", "coordinator_address": "10.0.0.7"}}),
        (ProbeState.FAILED, failed),
        (ProbeState.FAILED, late),
    ]
    return [
        Probe.objects.create(
            owner=lab.owner, batch=batch, address=f"10.0.0.{number}", login=b"", **{"state": state, **more}
        )
        for number, (state, more) in enumerate(rows, start=1)
    ]
