"""Virtual interfaces on the raw network of a NIC that is in a bond (M25): their VMs cannot start, or hear nothing."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pools.diagnosis.mismatch import Kind, Mismatch
from pools.diagnosis.topology import Side, Topology
from pools.xapi.records import NULL, VIFRecord, VMRecord


@dataclass(frozen=True, kw_only=True)
class Covered:
    """A NIC's own network, and the servers on which that NIC is in a bond."""

    network: str
    bonded: Mapping[str, str]
    free: frozenset[str]


def vifs(topology: Topology) -> Iterator[Mismatch]:
    """VMs that run belong to their server; others to the pool, where they can start on few servers, or on none."""
    covered = covered_networks(topology)
    for vif in sorted(topology.pool.vifs.values(), key=lambda vif: vif.uuid):
        vm, under = topology.pool.vms.get(vif.VM), covered.get(vif.network)
        if vm is None or under is None or vm.is_control_domain or vm.is_default_template or vm.is_a_snapshot:
            continue
        if vm.resident_on == NULL or vm.resident_on in under.bonded:
            yield stranded(topology, vif, vm, under)


def covered_networks(topology: Topology) -> dict[str, Covered]:
    """Networks of NICs that are in a bond somewhere."""
    bonded: dict[str, dict[str, str]] = defaultdict(dict)
    free: dict[str, set[str]] = defaultdict(set)
    for ref, side in topology.sides.items():
        for pif in side.nics:
            holder = side.holder.get(pif.ref)
            if holder:
                bonded[pif.network][ref] = holder.pif.network
            else:
                free[pif.network].add(ref)
    return {net: Covered(network=net, bonded=there, free=frozenset(free[net])) for net, there in bonded.items()}


def stranded(topology: Topology, vif: VIFRecord, vm: VMRecord, under: Covered) -> Mismatch:
    """Where it should be is the bond that has the NIC: on its own server, or on the coordinator."""
    side = topology.sides.get(vm.resident_on)
    right = under.bonded.get(vm.resident_on) or under.bonded.get(topology.pool.master.ref) or first(under)
    network = topology.pool.networks.get(vif.network)
    return Mismatch(
        kind=Kind.VIF_ON_MEMBER,
        host=side.host.uuid if side else "",
        network=network.uuid if network else "",
        subject=vif.uuid,
        thing=f"VIF {vif.device} of {vm.name_label}",
        wanted=f"on {label(topology, right)}",
        found=f"on {label(topology, vif.network)}, {whose(side, under)}",
        hint=side is None and bool(under.free),
    )


def first(under: Covered) -> str:
    return next(iter(under.bonded.values()))


def label(topology: Topology, ref: str) -> str:
    network = topology.pool.networks.get(ref)
    return network.name_label if network else "a network that is gone"


def whose(side: Side | None, under: Covered) -> str:
    """Say what is wrong with the network."""
    if side is not None or not under.free:
        return "whose NIC is in a bond" if side else "whose NICs are all in bonds: no server can start it"
    return f"whose NIC is in a bond on {len(under.bonded)} servers"
