"""Which VM goes where, or why it cannot: pure, from facts to a plan (xapi_host.ml: compute_evacuation_plan_no_wlb)."""

from dataclasses import dataclass, field

Refusal = tuple[str, ...]
NOTHING: Refusal = ()


@dataclass(frozen=True, kw_only=True)
class Guest:
    """`unplaceable` is the answer of the first target that cannot run it; `unmovable` why it may not move now."""

    ref: str
    memory: int
    protected: bool = True
    unplaceable: Refusal = NOTHING
    unmovable: Refusal = NOTHING


@dataclass(frozen=True, kw_only=True)
class Target:
    ref: str
    free: int


@dataclass(frozen=True, kw_only=True)
class Situation:
    """`targets`: the other enabled hosts of the same or a higher version."""

    guests: tuple[Guest, ...]
    targets: tuple[Target, ...]
    ha: bool = False
    old_ha_error: bool = False  # before 26.17 a VM without protection lacked memory, as far as callers could tell


@dataclass(frozen=True)
class Plan:
    moves: dict[str, str] = field(default_factory=dict)
    refusals: dict[str, Refusal] = field(default_factory=dict)


def plan(now: Situation) -> Plan:
    """A later rule overwrites what an earlier one said of the same VM."""
    if not now.targets:
        return Plan(refusals={guest.ref: ("NO_HOSTS_AVAILABLE", guest.ref) for guest in now.guests})
    refusals: dict[str, Refusal] = {}
    if now.ha:
        code = "HOST_NOT_ENOUGH_FREE_MEMORY" if now.old_ha_error else "HOST_EVACUATE_VM_NOT_HA_PROTECTED"
        refusals |= {guest.ref: (code, guest.ref) for guest in now.guests if not guest.protected}
    refusals |= {guest.ref: guest.unplaceable for guest in now.guests if guest.unplaceable}
    refusals |= {guest.ref: guest.unmovable for guest in now.guests if guest.unmovable}
    moves = _packed([guest for guest in now.guests if guest.ref not in refusals], now.targets)
    for guest in now.guests:
        if guest.ref not in refusals and guest.ref not in moves:
            refusals[guest.ref] = ("HOST_NOT_ENOUGH_FREE_MEMORY", guest.ref)
    return Plan(moves, refusals)


def _packed(guests: list[Guest], targets: tuple[Target, ...]) -> dict[str, str]:
    """The largest first, each to where most memory is left."""
    free = {target.ref: target.free for target in targets}
    moves: dict[str, str] = {}
    for guest in sorted(guests, key=lambda guest: -guest.memory):
        roomiest = max(free, key=lambda ref: free[ref])
        if free[roomiest] >= guest.memory:
            moves[guest.ref] = roomiest
            free[roomiest] -= guest.memory
    return moves
