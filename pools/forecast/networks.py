"""What becomes of a joining server's networks (xapi_pool.ml, create_or_get_network_on_master; xapi_network.ml)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from pools.xapi.inventory import Snapshot
from pools.xapi.records import HostRecord, NetworkRecord, PIFRecord

HOST_INTERNAL: Final = "xenapi"
RESERVED: Final = ("xen", "xapi", "vif", "tap", "eth")
LONGEST_BRIDGE: Final = 15


class NetworkOutcome(StrEnum):
    """Where one network of the joining server goes."""

    MERGED = "merged"  # the pool has one on a bridge of this name: its name and settings stay, the server's are lost
    CREATED = "created"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True)
class NetworkForecast:
    """One network of the joining server; ``pool_*`` is the one of the pool that it becomes."""

    uuid: str
    name: str
    bridge: str
    outcome: NetworkOutcome
    pool_uuid: str = ""
    pool_name: str = ""

    @property
    def loses_its_name(self) -> bool:
        return self.outcome is NetworkOutcome.MERGED and self.name != self.pool_name

    @property
    def key(self) -> str:
        """What tells it from all other networks after the join; empty for a lost one."""
        if self.outcome is NetworkOutcome.LOST:
            return ""
        return self.pool_uuid or f"new {self.bridge or self.uuid}"


def forecast_networks(pool: Snapshot, joiner: Snapshot, host: HostRecord) -> dict[str, NetworkForecast]:
    """Foretell each of the server's networks, by its reference on the server, in the server's order."""
    taken = {network.bridge for network in pool.networks.values()}
    found: dict[str, NetworkForecast] = {}
    for ref, network in joiner.networks.items():
        first = next(_pifs_on(joiner, host, ref), None)
        if first is not None and first.management and first.VLAN >= 0:
            found[ref] = _merged(network, _management_network(pool))
        elif network.bridge == HOST_INTERNAL or (first is not None and first.physical):
            found[ref] = _by_bridge(network, pool)
        else:
            found[ref] = _private(network, taken)
        taken |= {network.bridge} if found[ref].outcome is NetworkOutcome.CREATED else set()
    return found


def kept_for_vms(forecast: NetworkForecast) -> NetworkForecast:
    """The import of a VM makes the network it asks for, where neither label nor bridge is there (import.ml, Net)."""
    return replace(forecast, outcome=NetworkOutcome.CREATED)


def _pifs_on(joiner: Snapshot, host: HostRecord, network: str) -> Iterator[PIFRecord]:
    return (pif for pif in joiner.pifs.values() if pif.network == network and pif.host == host.ref)


def _management_network(pool: Snapshot) -> NetworkRecord | None:
    """A management VLAN of the server goes where the coordinator's management is (create_or_get_pif_on_master)."""
    pif = pool.management_pif(pool.master)
    return pool.networks.get(pif.network) if pif else None


def _by_bridge(network: NetworkRecord, pool: Snapshot) -> NetworkForecast:
    same = next((each for each in pool.networks.values() if each.bridge == network.bridge), None)
    return _merged(network, same)


def _merged(network: NetworkRecord, target: NetworkRecord | None) -> NetworkForecast:
    if target is None:
        return _forecast(network, NetworkOutcome.CREATED)
    merged = _forecast(network, NetworkOutcome.MERGED)
    return replace(merged, pool_uuid=target.uuid, pool_name=target.name_label)


def _private(network: NetworkRecord, taken: Collection[str]) -> NetworkForecast:
    """network.create over the wire: it takes no bridge of a name that the server keeps for itself."""
    name = network.bridge
    refused = name.startswith(RESERVED) or len(name) > LONGEST_BRIDGE or (bool(name) and name in taken)
    return _forecast(network, NetworkOutcome.LOST if refused else NetworkOutcome.CREATED)


def _forecast(network: NetworkRecord, outcome: NetworkOutcome) -> NetworkForecast:
    return NetworkForecast(uuid=network.uuid, name=network.name_label, bridge=network.bridge, outcome=outcome)
