"""Clean up what servers that left a pool left in it: only what was chosen, and only while it is left over."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

from pools import connections
from pools.checks import pool_cleanup as checks
from pools.checks.facts import Facts
from pools.checks.registry import Report
from pools.forecast.leftovers import SETTINGS, LeftKind, Leftover, leftovers_of, targets
from pools.models import Operation
from pools.operations import facts as live
from pools.operations.forgetting.leftovers import ForgetLeftStorage, RemoveLeftVM
from pools.operations.forgetting.recorded import lost_of
from pools.operations.forgetting.records import ClearHAPlan, HaltSuspended, SetPoolStorage
from pools.operations.host_remove import LeavingParams, coordinator_of, params
from pools.operations.kind import Choices
from pools.operations.removal.choices import mapping
from pools.operations.step import Step
from pools.xapi.errors import XapiError
from pools.xapi.gateway import WITH_DISKS
from pools.xapi.inventory import Snapshot

KIND: Final = "pool_cleanup"
NOTHING: Final = "none"
STEPS: Final[Sequence[type[Step]]] = (SetPoolStorage, ClearHAPlan, HaltSuspended)
ORDER: Final = tuple(LeftKind)


@dataclass(frozen=True, kw_only=True)
class Cleaning:
    """What was chosen. ``items``: names by key; ``settings``: by key the uuid of an SR, or ``NOTHING``."""

    items: Mapping[str, str]
    settings: Mapping[str, str]

    @classmethod
    def of(cls, draft: Mapping[str, object]) -> Self:
        return cls(
            items={key: str(name) for key, name in mapping(draft.get("items")).items()},
            settings={key: str(value) for key, value in mapping(draft.get("settings")).items()},
        )

    def takes(self, found: Leftover) -> bool:
        return found.key in (self.settings if found.is_setting else self.items)


class PoolCleanup:
    """The kind of operation: its pool is cleaned."""

    def facts(self, operation: Operation) -> Facts:
        """Read the pool through its coordinator, with every disk."""
        coordinator = coordinator_of(operation.pool)
        try:
            with connections.connect(coordinator) as xapi:
                read = live.read(coordinator, xapi, WITH_DISKS)
        except XapiError as error:
            return Facts(coordinator=live.unreadable(coordinator, error), joining=())
        chosen = Cleaning.of(operation.draft)
        left = sorted(f"{each.kind} {each.name}" for each in left_in(read.snapshot) if chosen.takes(each))
        return Facts(coordinator=replace(read, rests_on={"left over, of what was chosen": ", ".join(left)}), joining=())

    def check(self, facts: Facts, choices: Choices) -> Report:
        """Say what is not left over any more, and whether anything is to be done."""
        chosen, left = Cleaning.of(choices.chosen), left_in(facts.pool)
        keys = {each.key for each in left}
        names = {**chosen.items, **{key: setting_of(key) for key in chosen.settings}}
        offered = targets(facts.pool)
        gone = [uuid for uuid in chosen.settings.values() if uuid not in {NOTHING, *offered}]
        mended = {key: name for key, name in names.items() if key not in keys}
        return checks.run(facts, checks.Found(left=len(names) - len(mended), mended=mended, gone=gone))

    def plan(self, facts: Facts, choices: Choices) -> Sequence[Step]:
        """Return the steps."""
        return tuple(plan(facts, choices))


def plan(facts: Facts, choices: Choices) -> Iterator[Step]:
    """Settings first, then storage, then what has no disks: an HA plan is of no use without its VM."""
    chosen, through = Cleaning.of(choices.chosen), params(facts, facts.coordinator.host, choices)
    left = [each for each in left_in(facts.pool) if chosen.takes(each)]
    for each in sorted(left, key=lambda each: ORDER.index(each.kind)):
        yield step_of(facts.pool, each, chosen, through)


def step_of(pool: Snapshot, left: Leftover, chosen: Cleaning, through: LeavingParams) -> Step:
    """The step that deals with one leftover."""
    match left.kind:
        case LeftKind.DEFAULT_SR | LeftKind.SUSPEND_SR | LeftKind.CRASH_DUMP_SR:
            wanted = chosen.settings[left.key].replace(NOTHING, "")
            return SetPoolStorage(
                uuid=pool.pool.uuid,
                name=left.name,
                setting=SETTINGS[left.kind],
                sr_uuid=wanted,
                sr_name=targets(pool).get(wanted, ""),
                **through,
            )
        case LeftKind.SR:
            return ForgetLeftStorage(uuid=left.uuid, name=left.name, vms=only_there(pool, left.uuid), **through)
        case LeftKind.HA_PLAN:
            priority = next(vm.ha_restart_priority for vm in pool.vms.values() if vm.uuid == left.uuid)
            return ClearHAPlan(uuid=left.uuid, name=left.name, priority=priority, **through)
        case LeftKind.SUSPENDED:
            return HaltSuspended(uuid=left.uuid, name=left.name, **through)
        case _:
            return RemoveLeftVM(uuid=left.uuid, name=left.name, what=str(left.kind), **through)


def left_in(pool: Snapshot) -> tuple[Leftover, ...]:
    """What is left over in a pool, by all that is on record."""
    return leftovers_of(pool, lost_of(pool.pool.uuid))


def only_there(pool: Snapshot, sr_uuid: str) -> dict[str, str]:
    """The VMs all of whose disks lie on one SR."""
    there = {vdi.ref for vdi in pool.vdis.values() if vdi.SR in pool.srs and pool.srs[vdi.SR].uuid == sr_uuid}
    disks: dict[str, set[str]] = {}
    for vbd in pool.vbds.values():
        if vbd.type == "Disk" and vbd.VM in pool.vms:
            disks.setdefault(vbd.VM, set()).add(vbd.VDI)
    return {pool.vms[vm].uuid: pool.vms[vm].name_label for vm, vdis in disks.items() if vdis <= there}


def setting_of(key: str) -> str:
    """What a setting is called, by its key."""
    return next((str(kind) for kind in SETTINGS if key.startswith(f"{kind.name.lower()}:")), key)
