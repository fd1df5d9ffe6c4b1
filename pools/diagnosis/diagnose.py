"""All that is wrong with the network of a pool, as far as records show it; pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from pools.diagnosis.attached import attached, sizes
from pools.diagnosis.bonds import bonds
from pools.diagnosis.causes import with_causes
from pools.diagnosis.lost import lost
from pools.diagnosis.management import cluster, management
from pools.diagnosis.mismatch import Kind, Mismatch
from pools.diagnosis.networks import dangling, networks
from pools.diagnosis.nics import nics
from pools.diagnosis.topology import Topology
from pools.diagnosis.view import View
from pools.diagnosis.vlans import vlans
from pools.diagnosis.vms import vifs
from pools.xapi.inventory import Snapshot

RULES: Final[Sequence[Callable[[View], Iterable[Mismatch]]]] = (
    bonds,
    vlans,
    management,
    nics,
    attached,
    sizes,
    networks,
    dangling,
    lost,
    cluster,
)
ORDER: Final = {kind: place for place, kind in enumerate(Kind)}


def diagnose(pool: Snapshot, reference: str = "") -> list[Mismatch]:
    """Compare every server with the reference (a host's uuid; the coordinator's when empty or gone)."""
    topology = Topology(pool=pool)
    if pool.master.ref not in topology.sides:
        return []
    host = pool.host(reference) or pool.master
    return list(findings(topology, host.ref))


def findings(topology: Topology, reference: str) -> Iterator[Mismatch]:
    """Server after server, the reference first; what is nobody's in particular comes last."""
    of_vms = list(vifs(topology))
    ours = topology.sides[reference]
    for side in sorted(topology.sides.values(), key=lambda side: (side.host.ref != reference, side.host.name_label)):
        view = View(ours=ours, theirs=side)
        found = [each for rule in RULES for each in rule(view)]
        found += [each for each in of_vms if each.host == side.host.uuid]
        yield from sorted(with_causes(view, found), key=lambda each: (each.hint, ORDER[each.kind]))
    yield from (each for each in of_vms if not each.host)
