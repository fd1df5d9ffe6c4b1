"""Who should coordinate a pool when its coordinator leaves: who is at work, of its version, and steady."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from pools.checks.host_remove.rules import version
from pools.xapi.inventory import Snapshot
from pools.xapi.records import HostRecord

DHCP = "DHCP"


@dataclass(frozen=True, kw_only=True)
class Heir:
    """A server that stays. ``doubts``: what speaks against it, in words; XAPI itself asks none of it."""

    uuid: str
    name: str
    memory: int = 0
    doubts: tuple[str, ...] = ()


def heirs(pool: Snapshot, leaving: Collection[str]) -> list[Heir]:
    """Rank those that stay: the fewest doubts first, then the most memory; equals by name."""
    staying = [host for host in pool.hosts.values() if host.uuid not in leaving]
    found = [
        Heir(uuid=host.uuid, name=host.name_label, memory=memory(pool, host), doubts=tuple(doubts(pool, host)))
        for host in staying
    ]
    return sorted(found, key=lambda heir: (len(heir.doubts), -heir.memory, heir.name.casefold()))


def doubts(pool: Snapshot, host: HostRecord) -> Iterator[str]:
    if not pool.is_live(host):
        yield "does not report"
    elif not host.enabled:
        yield "is disabled"
    if version(host) != version(pool.master):
        yield f"runs {version(host)}"
    pif = pool.management_pif(host)
    if pif is None or pif.ip_configuration_mode == DHCP:
        yield "has no fixed address"


def memory(pool: Snapshot, host: HostRecord) -> int:
    metrics = pool.host_metrics.get(host.metrics)
    return metrics.memory_total if metrics else 0
