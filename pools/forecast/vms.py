"""Whether a joining server's VMs come along, and on which networks (import.ml, importexport.ml)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pools.forecast.networks import NetworkForecast, NetworkOutcome
from pools.xapi.inventory import Snapshot
from pools.xapi.records import VIFRecord, VMRecord


@dataclass(frozen=True, kw_only=True)
class VMConflict:
    """A VM that cannot be imported; then none of the server's VMs is, and the join says nothing of it."""

    code: str
    vm: str
    other: str
    theirs: str = ""
    ours: str = ""


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """A VIF that ends on another network than where its own network goes."""

    vm: str
    device: str
    network: str
    lands_on: str
    lands_on_uuid: str


@dataclass(frozen=True, kw_only=True)
class VMName:
    """A VM, as a person knows it."""

    uuid: str
    name: str


@dataclass(frozen=True, kw_only=True)
class VMForecast:
    """``coming``: the server's VMs and own templates, no dom0; ``replaced``: older ones of the pool that go."""

    coming: tuple[VMName, ...] = ()
    replaced: tuple[str, ...] = ()
    staying_behind: tuple[str, ...] = ()
    conflicts: tuple[VMConflict, ...] = ()
    crossings: tuple[Crossing, ...] = ()


def forecast_vms(
    pool: Snapshot, joiner: Snapshot, networks: Mapping[str, NetworkForecast], before: Sequence[Snapshot] = ()
) -> VMForecast:
    """All or nothing: one VM that cannot be imported keeps all behind (importexport.ml, handle_all).

    ``before``: servers that join earlier; their VMs are the pool's by then.
    """
    imported = [vm for vm in joiner.vms.values() if not vm.is_default_template]
    guests = sorted((vm for vm in imported if not vm.is_control_domain), key=lambda vm: (vm.name_label, vm.uuid))
    conflicts = tuple(conflict for side in (pool, *before) for conflict in _conflicts_of(joiner, side))
    if conflicts:
        return VMForecast(staying_behind=tuple(vm.name_label for vm in guests), conflicts=conflicts)
    there = {vm.uuid for side in (pool, *before) for vm in side.vms.values()}
    return VMForecast(
        coming=tuple(VMName(uuid=vm.uuid, name=vm.name_label) for vm in guests),
        replaced=tuple(vm.name_label for vm in guests if vm.uuid in there),
        crossings=tuple(_crossings(pool, joiner, networks)),
    )


def _conflicts_of(joiner: Snapshot, pool: Snapshot) -> Iterator[VMConflict]:
    """Everything of one side that keeps the server's VMs out."""
    by_uuid = {vm.uuid: vm for vm in pool.vms.values()}
    by_seed: dict[str, list[VMRecord]] = {}
    for vm in pool.vms.values():
        by_seed.setdefault(vm.mac_seed, []).append(vm)
    imported = (vm for vm in joiner.vms.values() if not vm.is_default_template)
    for vm in imported:
        same = by_uuid.get(vm.uuid)
        for other in [*([same] if same else []), *(by_seed.get(vm.mac_seed, []) if vm.mac_seed else [])]:
            yield from _conflicts(vm, other)


def made_for_vms(pool: Snapshot, joiner: Snapshot, networks: Mapping[str, NetworkForecast]) -> frozenset[str]:
    """References of lost networks that the import makes anew, since a VM asks for them."""
    asked = {vif.network for vif in joiner.vifs.values()}
    lost = {ref: each for ref, each in networks.items() if each.outcome is NetworkOutcome.LOST and ref in asked}
    return frozenset(ref for ref, each in lost.items() if _landing(each, pool, networks) is None)


def _conflicts(vm: VMRecord, other: VMRecord) -> Iterator[VMConflict]:
    """Same seed of MACs on another VM; same uuid and not halted there, or there in no older version."""
    named = {"vm": vm.name_label, "other": other.name_label}
    if other.uuid != vm.uuid:
        yield VMConflict(code="DUPLICATE_MAC_SEED", theirs=vm.mac_seed, ours=other.mac_seed, **named)
    elif other.power_state != "Halted":
        yield VMConflict(code="VM_BAD_POWER_STATE", ours=other.power_state, theirs=vm.power_state, **named)
    elif other.version >= vm.version:
        versions = {"ours": f"version {other.version}", "theirs": f"version {vm.version}"}
        yield VMConflict(code="VM_TO_IMPORT_IS_NOT_NEWER_VERSION", **versions, **named)


def _crossings(pool: Snapshot, joiner: Snapshot, networks: Mapping[str, NetworkForecast]) -> Iterator[Crossing]:
    for vif in joiner.vifs.values():
        vm, own = joiner.vms.get(vif.VM), networks.get(vif.network)
        if vm is None or own is None or vm.is_control_domain or vm.is_default_template:
            continue
        landing = _landing(own, pool, networks)
        if landing is not None and landing[0] != own.key:
            yield _crossing(vm, vif, own, landing)


def _crossing(vm: VMRecord, vif: VIFRecord, own: NetworkForecast, landing: tuple[str, str]) -> Crossing:
    uuid, name = landing
    return Crossing(
        vm=vm.name_label,
        device=vif.device,
        network=own.name,
        lands_on=name,
        lands_on_uuid="" if uuid[:4] == "new " else uuid,
    )


def _landing(own: NetworkForecast, pool: Snapshot, networks: Mapping[str, NetworkForecast]) -> tuple[str, str] | None:
    """Key and name of the network that an interface gets: by label, then by bridge (import.ml, Net.precheck)."""
    there = [(each.uuid, each.name_label, each.bridge) for each in pool.networks.values()]
    created = [each for each in networks.values() if each.outcome is NetworkOutcome.CREATED]
    there += [(each.key, each.name, each.bridge) for each in created]
    by_label = [(key, label) for key, label, _ in there if label == own.name]
    by_bridge = [(key, label) for key, label, bridge in there if bridge == own.bridge]
    return next(iter(by_label + by_bridge), None)
