"""What of the pool is not as before when a server has left: processor level, licence, HA, size, coordinator."""

from collections.abc import Collection, Iterator, Sequence
from functools import reduce

from pools.forecast import cpuid
from pools.forecast.licence import NAMES, has
from pools.forecast.losses.rows import Capacity, Change
from pools.forecast.wording import listed
from pools.xapi.inventory import Snapshot
from pools.xapi.records import HostRecord

GIB = 1024**3


def changed(pool: Snapshot, host_uuid: str, gone: Collection[str], capacity: Capacity) -> Iterator[Change]:
    """Each with its values on both sides."""
    before = [host for host in pool.hosts.values() if host.uuid not in gone]
    after = [host for host in before if host.uuid != host_uuid]
    yield Change(what="Servers", before=str(len(before)), after=str(len(after)))
    yield from memory(capacity)
    yield from failures(pool, capacity)
    yield from processors(before, after)
    yield from level(before, after)
    yield from licence(pool, before, after)
    if pool.master.uuid == host_uuid:
        yield Change(what="Coordinator", before=pool.master.name_label, after="another server, chosen in this wizard")


def memory(capacity: Capacity) -> Iterator[Change]:
    note = f"No server has the memory for {listed(capacity.unplaced)}." if capacity.unplaced else ""
    before, after = (f"{total / GIB:.0f} GiB" for total in (capacity.total_before, capacity.total_after))
    yield Change(what="Memory", before=before, after=after, note=note)


def failures(pool: Snapshot, capacity: Capacity) -> Iterator[Change]:
    """XAPI's own plan, where HA is on, can tolerate less: it counts what is protected, and its storage."""
    before, after = capacity.tolerates_before, capacity.tolerates_after
    if before != after:
        note = "Computed from memory alone, for everything that runs now."
        yield Change(what="Servers that may fail", before=str(before), after=str(after), note=note)
    if pool.pool.ha_enabled and capacity.configured > after:
        plan = f"XAPI has a plan for {capacity.planned} now. " if capacity.planned != capacity.configured else ""
        note = f"{plan}HA cannot be switched on again with this; fewer failures have to do."
        yield Change(what="HA: failures to tolerate", before=str(capacity.configured), after=str(after), note=note)


def processors(before: Sequence[HostRecord], after: Sequence[HostRecord]) -> Iterator[Change]:
    counts = [sum(int(host.cpu_info.get("cpu_count") or 0) for host in hosts) for hosts in (before, after)]
    yield Change(what="Processors", before=str(counts[0]), after=str(counts[1]))


def level(before: Sequence[HostRecord], after: Sequence[HostRecord]) -> Iterator[Change]:
    """The pool has what all have in common (create_misc.ml, create_pool_cpuinfo): it can only gain by a departure."""
    had, has = common(before), common(after)
    if had is None or has is None:
        return
    gained = cpuid.names(cpuid.without(has, had))
    if gained:
        also = f"VMs that start afterwards also get {', '.join(gained)}."
        note = f"{also} They cannot move to a server without them until they are shut down."
        yield Change(what="Processor level", before="as now", after=f"{len(gained)} features more", note=note)


def common(hosts: Sequence[HostRecord]) -> cpuid.Words | None:
    """The features that all of these servers offer; None when one does not say."""
    offered = [
        cpuid.parse(host.cpu_info.get("features_hvm_host") or host.cpu_info.get("features_hvm", "")) for host in hosts
    ]
    known = [words for words in offered if words is not None]
    if not known or len(known) < len(offered):
        return None
    return reduce(lambda left, right: tuple(a & b for a, b in zip(left, right, strict=False)), known)


def licence(pool: Snapshot, before: Sequence[HostRecord], after: Sequence[HostRecord]) -> Iterator[Change]:
    """With a server of a lesser edition its restrictions go, too (pool_features_helpers.ml)."""
    editions = [sorted({host.edition for host in hosts if host.edition}) for hosts in (before, after)]
    if editions[0] != editions[1]:
        said = pool.pool.restrictions
        restricted = sorted(NAMES[flag] for flag in said if flag in NAMES and not has(said, flag))
        note = f"Restricted now: {listed(restricted)}." if restricted else ""
        yield Change(what="Editions", before=", ".join(editions[0]), after=", ".join(editions[1]), note=note)
