"""Remove servers from a pool: one after the other, the coordinator last, and each only when nothing else is lost."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypedDict

from pools import connections
from pools.checks.facts import Facts, ServerFacts
from pools.checks.host_remove import rules
from pools.checks.host_remove.emptying import Emptying
from pools.checks.host_remove.rules import ENOUGH_FOR_HA, Leaving
from pools.checks.registry import Report
from pools.forecast import stored
from pools.forecast.come_back import come_back_of
from pools.forecast.leftovers import elsewhere
from pools.forecast.losses import losses_of, own_storage
from pools.models import Operation, Pool, Server
from pools.operations import facts as live
from pools.operations.high_availability import DisableHA, EnableHA
from pools.operations.joins import address_of, ha_params
from pools.operations.kind import Choices
from pools.operations.removal.asking import evacuation
from pools.operations.removal.choices import Removal, What, in_turn
from pools.operations.removal.coming_back import AwaitAnswer, AwaitOwnPool, AwaitShutdown, AwaitToolstack, EnableAgain
from pools.operations.removal.comparison import CompareComeBack
from pools.operations.removal.ejecting import EjectHost, ProveNothingElseIsLost
from pools.operations.removal.emptying import DisableHost, EvacuateHost, running_on
from pools.operations.removal.forgotten import AwaitForgotten
from pools.operations.removal.handover import HandOver
from pools.operations.removal.moving import MoveDisk, described
from pools.operations.removal.placing import PlaceVM
from pools.operations.removal.saving import SaveNetwork
from pools.operations.step import Step
from pools.xapi.errors import LoginMissing, XapiError
from pools.xapi.gateway import WITH_DISKS
from pools.xapi.records import HostRecord

STEPS: Final[Sequence[type[Step]]] = (
    HandOver,
    SaveNetwork,
    DisableHost,
    MoveDisk,
    PlaceVM,
    EvacuateHost,
    ProveNothingElseIsLost,
    EjectHost,
    AwaitForgotten,
    AwaitShutdown,
    AwaitAnswer,
    AwaitToolstack,
    AwaitOwnPool,
    CompareComeBack,
    EnableAgain,
)


class LeavingParams(TypedDict):
    """What every step of a removal is told."""

    host_uuid: str
    host_name: str
    coordinator_name: str
    coordinator_address: str
    username: str


class HostRemove:
    """The kind of operation: its pool is the one that is left; its draft's servers are those that leave it."""

    def facts(self, operation: Operation) -> Facts:
        """Read the pool through its coordinator, with every disk, and whether those that leave can be emptied."""
        coordinator, removal = coordinator_of(operation.pool), Removal.read(operation.draft)
        try:
            with connections.connect(coordinator) as xapi:
                read = live.read(coordinator, xapi, WITH_DISKS)
                asked = evacuation(xapi, read.snapshot, removal)
        except XapiError as error:
            return Facts(coordinator=live.unreadable(coordinator, error), joining=())
        found = replace(read, rests_on=rests_on(read, removal.leaving), evacuation=asked)
        return Facts(coordinator=found, joining=())

    def check(self, facts: Facts, choices: Choices) -> Report:
        """Ask what pool.eject would, and whether every loss is decided."""
        return rules.run(facts, leaving_of(facts, choices))

    def plan(self, facts: Facts, choices: Choices) -> Sequence[Step]:
        """Return the steps."""
        return tuple(plan(facts, choices))


def plan(facts: Facts, choices: Choices) -> Iterator[Step]:
    """One server after the other; HA is off around them, where that was chosen, and stays off for a pool of one."""
    leaving = leaving_of(facts, choices)
    around = ha_params(facts, choices) if choices.ha and facts.pool.pool.ha_enabled else None
    if around:
        yield DisableHA(**around, occasion="the removal")
    for each in leaving:
        yield from lane(facts, each, choices)
    left = len(facts.pool.hosts) - len(leaving)
    if around and left >= ENOUGH_FOR_HA:
        fewer = min(around["failures"], left - 1)
        yield replace(EnableHA(**around, occasion="the removal"), failures=fewer)


def lane(facts: Facts, leaving: Leaving, choices: Choices) -> Iterator[Step]:
    """All that takes one server out of its pool, and sees it come back."""
    host, old_pool = leaving.host, facts.pool.pool.uuid
    through = params(facts, host, choices)
    if host.uuid == facts.pool.master.uuid:
        heir = facts.pool.host(leaving.heir)
        resting = sorted(each.uuid for each in facts.pool.hosts.values() if not each.enabled)
        name = heir.name_label if heir else ""
        yield HandOver(next_uuid=leaving.heir, next_name=name, resting=resting, **through)
    yield SaveNetwork(**through)
    yield DisableHost(**through)
    yield from moves(facts, leaving, choices, through)
    placed = tuple(placements(facts, leaving, choices, through))
    yield from placed
    yield EvacuateHost(guests=len(running_on(facts.pool, host.ref)) - len(placed), **through)
    known = given_up(facts, leaving, choices)
    yield ProveNothingElseIsLost(known=known, **through)
    own = own_storage(facts.pool, host.uuid)
    yield EjectHost(
        known=known,
        old_pool_uuid=old_pool,
        storage={sr.uuid: sr.name_label for sr in own.values()},
        elsewhere=elsewhere(facts.pool, own),
        **through,
    )
    yield AwaitForgotten(**through)
    yield from return_of(facts, leaving, through)


def moves(facts: Facts, leaving: Leaving, choices: Choices, through: LeavingParams) -> Iterator[Step]:
    """Disks first: a VM with a disk on the server's own storage can run nowhere else."""
    pool, decided = facts.pool, Removal.of(choices).decisions
    srs = {sr.uuid: sr.name_label for sr in pool.srs.values()}
    refs = {vdi.uuid: vdi.ref for vdi in pool.vdis.values()}
    for disk in losses_of(pool, leaving.host.uuid, leaving.gone).destroyed:
        decision = decided.get(disk.key)
        if decision is not None and decision.do is What.MOVE and disk.movable:
            yield MoveDisk(
                vdi_uuid=disk.uuid,
                vdi_name=disk.name_label,
                size=disk.virtual_size,
                sr_uuid=decision.to,
                sr_name=srs.get(decision.to, decision.to),
                drives=list(described(pool, refs[disk.uuid])),
                **through,
            )


def placements(facts: Facts, leaving: Leaving, choices: Choices, through: LeavingParams) -> Iterator[Step]:
    """The VMs for which a server was chosen that stays."""
    pool, removal = facts.pool, Removal.of(choices)
    for vm in running_on(pool, leaving.host.ref):
        to = pool.host(removal.places.get(vm.uuid, ""))
        if vm.power_state == "Running" and to is not None and to.uuid not in removal.leaving:
            yield PlaceVM(
                vm_uuid=vm.uuid,
                vm_name=vm.name_label or vm.uuid,
                memory=vm.memory_static_max,
                to_uuid=to.uuid,
                to_name=to.name_label,
                **through,
            )


def given_up(facts: Facts, leaving: Leaving, choices: Choices) -> dict[str, str]:
    """The losses that may be lost: what is to be moved may not be there any more at the end."""
    moved = Removal.of(choices).keys(What.MOVE)
    lost = losses_of(facts.pool, leaving.host.uuid, leaving.gone).named()
    return {key: name for key, name in lost.items() if key not in moved}


def return_of(facts: Facts, leaving: Leaving, through: LeavingParams) -> Iterator[Step]:
    """The server is followed until it is what it was to come back as."""
    old_pool = facts.pool.pool.uuid
    yield AwaitShutdown(old_pool_uuid=old_pool, **through)
    yield AwaitAnswer(**through)
    yield AwaitToolstack(**through)
    yield AwaitOwnPool(old_pool_uuid=old_pool, **through)
    yield CompareComeBack(forecast=stored.to_json(come_back_of(facts.pool, leaving.host.uuid)), **through)
    yield EnableAgain(**through)


def leaving_of(facts: Facts, choices: Choices) -> list[Leaving]:
    """Who leaves, in order: the coordinator last, whatever was chosen."""
    removal, pool = Removal.of(choices), facts.pool
    ordered = in_turn(removal.leaving, pool.master.uuid)
    hosts = [pool.host(uuid) or HostRecord(ref="", uuid=uuid, name_label=uuid) for uuid in ordered]
    found = [
        Leaving(
            pool=pool,
            host=host,
            gone=ordered[:place],
            decided=frozenset(removal.decisions),
            heir=removal.next_coordinator,
            ha=choices.ha,
        )
        for place, host in enumerate(hosts)
    ]
    return [replace(leaving, emptying=emptying(facts, leaving, removal)) for leaving in found]


def emptying(facts: Facts, leaving: Leaving, removal: Removal) -> Emptying:
    """What XAPI said of the VMs on a server that leaves, and what was chosen for them."""
    host, asked = leaving.host, facts.coordinator.evacuation
    return Emptying(
        pool=facts.pool,
        host=host,
        prevented=asked.prevented.get(host.uuid, {}),
        unanswered=host.uuid in asked.unanswered,
        refused=asked.refused,
        places=removal.places,
        own=frozenset(own_storage(facts.pool, host.uuid, leaving.gone)),
        moved={key: removal.decisions[key].to for key in removal.keys(What.MOVE)},
        ha=leaving.ha,
    )


def params(facts: Facts, host: HostRecord, choices: Choices) -> LeavingParams:
    coordinator = facts.coordinator
    return {
        "host_uuid": host.uuid,
        "host_name": host.name_label,
        "coordinator_name": coordinator.name_label,
        "coordinator_address": address_of(coordinator),
        "username": choices.usernames.get(coordinator.uuid, "root"),
    }


def rests_on(server: ServerFacts, leaving: Sequence[str]) -> Mapping[str, str]:
    """What a plan to remove these servers rests on, in words: when it changes, the plan is out of date."""
    pool = server.snapshot
    said = {"high availability": "on" if pool.pool.ha_enabled else "off"}
    ordered = in_turn(leaving, pool.master.uuid)
    for place, uuid in enumerate(ordered):
        host = pool.host(uuid)
        name = host.name_label if host else uuid
        state = "not in the pool" if host is None else "reports" if pool.is_live(host) else "does not report"
        said[f"state of {name}"] = state
        said[f"lost with {name}"] = ", ".join(sorted(losses_of(pool, uuid, ordered[:place]).named().values()))
    return said


def coordinator_of(pool: Pool | None) -> Server:
    """Return the server through which the pool is changed."""
    if pool is None or pool.coordinator is None:
        raise LoginMissing("XENWEB_LOGIN_MISSING", ())
    return pool.coordinator
