"""Forget a server that is dead: state it, start its VMs elsewhere, forget its record, and deal with what it leaves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

from pools import connections
from pools.checks import host_forget as checks
from pools.checks.evidence import Evidence
from pools.checks.facts import Facts
from pools.checks.registry import Report
from pools.forecast.losses import own_storage
from pools.forecast.losses.unplugged import unplugged
from pools.forecast.restarts import restarts_of
from pools.models import Operation, Server
from pools.operations import asking_around
from pools.operations import facts as live
from pools.operations.forgetting.declaring import DeclareDead, ForgetHost
from pools.operations.forgetting.leftovers import ForgetLeftStorage, RemoveLeftVM
from pools.operations.forgetting.restarting import StartElsewhere
from pools.operations.host_remove import LeavingParams, coordinator_of, params
from pools.operations.kind import Choices
from pools.operations.removal.choices import texts
from pools.operations.removal.forgotten import AwaitForgotten
from pools.operations.step import Step
from pools.xapi.errors import XapiError, XapiFailure
from pools.xapi.gateway import WITH_DISKS
from pools.xapi.inventory import Snapshot
from pools.xapi.records import HostRecord

KIND: Final = "host_forget"
STEPS: Final[Sequence[type[Step]]] = (DeclareDead, StartElsewhere, ForgetHost, ForgetLeftStorage, RemoveLeftVM)


@dataclass(frozen=True, kw_only=True)
class Forgetting:
    """What was chosen. ``stated``: the server's name, typed by who says that it is dead.

    ``forget_host``: not only free its VMs, but let the pool forget it. ``srs``, ``vms``: uuids of the leftovers that
    go with it. ``starts``: uuids of the VMs that ran there and are started elsewhere.
    """

    stated: str = ""
    forget_host: bool = True
    srs: tuple[str, ...] = ()
    vms: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()

    @classmethod
    def of(cls, choices: Choices) -> Self:
        draft = choices.chosen
        return cls(
            stated=str(draft.get("stated_dead") or ""),
            forget_host=draft.get("forget_host") is not False,
            srs=texts(draft.get("forget_srs")),
            vms=texts(draft.get("remove_vms")),
            starts=texts(draft.get("start_vms")),
        )


class HostForget:
    """The kind of operation: its pool lets one server go, which is never asked."""

    def facts(self, operation: Operation) -> Facts:
        """Read the pool through its coordinator, and ask around about the server."""
        coordinator, dead = coordinator_of(operation.pool), dead_of(operation)
        try:
            with connections.connect(coordinator) as xapi:
                pool = live.read(coordinator, xapi, WITH_DISKS)
        except XapiError as error:
            pool = live.unreadable(coordinator, error)
        others = [server for server in coordinator.pool.servers.all() if server.pk not in {dead.pk, coordinator.pk}]
        host = pool.snapshot.host(dead.uuid)
        evidence = asking_around.ask(dead, others, reports=pool.snapshot.is_live(host) if host else None)
        known = evidence.in_words() | dict(rests_on(pool.snapshot, dead.uuid))
        return Facts(coordinator=replace(pool, evidence=evidence, rests_on=known), joining=())

    def check(self, facts: Facts, choices: Choices) -> Report:
        """Ask what XAPI would, and whether somebody states it."""
        chosen, dead = Forgetting.of(choices), evidence_of(facts)
        crowded = [vm.name for vm in restarts_of(facts.pool, dead.uuid, chosen.starts) if vm.doubt]
        asked = checks.Chosen(stated=chosen.stated, forgets=chosen.forget_host, crowded=crowded)
        return checks.run(facts, dead, asked)

    def plan(self, facts: Facts, choices: Choices) -> Sequence[Step]:
        """Return the steps."""
        return tuple(plan(facts, choices))


def plan(facts: Facts, choices: Choices) -> Iterator[Step]:
    """First its VMs are free, and run again; then the record goes, and last what it leaves."""
    chosen = Forgetting.of(choices)
    dead = evidence_of(facts)
    host = facts.pool.host(dead.uuid) or HostRecord(ref="", uuid=dead.uuid, name_label=dead.name)
    through = params(facts, host, choices)
    yield DeclareDead(**through)
    for vm in restarts_of(facts.pool, dead.uuid, chosen.starts):
        if vm.can_start and vm.uuid in chosen.starts:
            yield StartElsewhere(vm_uuid=vm.uuid, vm_name=vm.name, **through)
    if chosen.forget_host:
        yield ForgetHost(leaves=leftovers_of(facts.pool, dead.uuid), **through)
        yield AwaitForgotten(**through)
        yield from leftover_steps(facts.pool, chosen, through)


def leftover_steps(pool: Snapshot, chosen: Forgetting, through: LeavingParams) -> Iterator[Step]:
    """Storage first: a VM whose disks are forgotten has none."""
    names = leftovers_of(pool, through["host_uuid"])
    for uuid in chosen.srs:
        if f"sr:{uuid}" in names:
            yield ForgetLeftStorage(uuid=uuid, name=names[f"sr:{uuid}"], **through)
    for uuid in chosen.vms:
        if f"vm:{uuid}" in names:
            yield RemoveLeftVM(uuid=uuid, name=names[f"vm:{uuid}"], **through)


def rests_on(pool: Snapshot, host_uuid: str) -> Iterator[tuple[str, str]]:
    """What a plan rests on beside the evidence, in words."""
    yield "what it leaves", ", ".join(sorted(leftovers_of(pool, host_uuid).values()))
    yield "what ran on it", ", ".join(vm.name for vm in restarts_of(pool, host_uuid))


def leftovers_of(pool: Snapshot, host_uuid: str) -> dict[str, str]:
    """What only this server was connected to, and the VMs all of whose disks lie on its own disks, by key."""
    lost = own_storage(pool, host_uuid)
    erased = lost.keys() - unplugged(pool, lost).keys()
    named = {f"sr:{sr.uuid}": sr.name_label for sr in lost.values()}
    storage: dict[str, set[str]] = {}
    for vbd in pool.vbds.values():
        if vbd.VDI in pool.vdis and vbd.VM in pool.vms and vbd.type != "CD":
            storage.setdefault(vbd.VM, set()).add(pool.vdis[vbd.VDI].SR)
    lacking = [pool.vms[vm] for vm, srs in storage.items() if srs <= erased]
    return named | {f"vm:{vm.uuid}": vm.name_label for vm in lacking if not vm.is_control_domain}


def evidence_of(facts: Facts) -> Evidence:
    """What is known of the server; of this kind there always is."""
    return facts.coordinator.evidence or Evidence(uuid="", name="")


def dead_of(operation: Operation) -> Server:
    """Return the server that is said to be dead."""
    uuids = texts(operation.draft.get("servers"))
    found = Server.objects.filter(uuid__in=uuids[:1]).first()
    if found is None or found.pool_id != operation.pool_id:
        raise XapiFailure("XENWEB_NOT_IN_POOL", (found.name_label if found else "The server",))
    return found
