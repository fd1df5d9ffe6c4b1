"""On which interface and network a server's management ends after its join (xapi_bond.ml, create)."""

from collections.abc import Mapping
from dataclasses import dataclass

from pools.forecast.networks import NetworkForecast
from pools.forecast.newcomer import Newcomer
from pools.xapi.inventory import Snapshot
from pools.xapi.records import NULL, NetworkRecord

UNTAGGED = -1


@dataclass(frozen=True, kw_only=True)
class ManagementForecast:
    """``device`` is the NIC, or the NIC under bond and VLAN; ``network_uuid`` is empty for a network that is new."""

    device: str
    vlan: int
    on_bond: bool
    network_uuid: str
    network_name: str
    pool_network_uuid: str
    pool_network_name: str
    stranded: bool = False  # on no network at all: nothing would make its bridge

    @property
    def is_the_pools(self) -> bool:
        """Whether the coordinator's management is on the same network."""
        return bool(self.network_uuid) and self.network_uuid == self.pool_network_uuid


def forecast_management(
    pool: Snapshot, newcomer: Newcomer, networks: Mapping[str, NetworkForecast]
) -> ManagementForecast | None:
    """Foretell it; ``newcomer`` is the server with its bonds made. None: no interface carries management."""
    nic = next((nic for nic in newcomer.nics if _carries(newcomer, nic.pif.device, management=nic.management)), None)
    if nic is None:
        return None
    vlan, ours = newcomer.vlan, pool.management_pif(pool.master)
    key = vlan.network if vlan else nic.bond or nic.network
    target = _network(pool, key, networks)
    pools = pool.networks.get(ours.network, NetworkRecord(ref=NULL)) if ours else NetworkRecord(ref=NULL)
    return ManagementForecast(
        device=nic.pif.device,
        vlan=vlan.tag if vlan else UNTAGGED,
        on_bond=bool(nic.bond),
        network_uuid=target.uuid,
        network_name=target.name_label,
        pool_network_uuid=pools.uuid,
        pool_network_name=pools.name_label,
        stranded=not key,
    )


def _carries(newcomer: Newcomer, device: str, *, management: bool) -> bool:
    return newcomer.vlan.device == device if newcomer.vlan else management


def _network(pool: Snapshot, key: str, networks: Mapping[str, NetworkForecast]) -> NetworkRecord:
    """The pool's network of this key, or one that the join creates: that has no uuid yet."""
    known = next((network for network in pool.networks.values() if network.uuid == key), None)
    name = next((forecast.name for forecast in networks.values() if forecast.key == key), "")
    return known or NetworkRecord(ref=NULL, name_label=name)
