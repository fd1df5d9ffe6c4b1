"""All that can be known beforehand of one server's join: from the pool's records and its own, nothing else.

Several servers that join one after the other are each compared with the coordinator: bonds and VLANs are always its.
"""

from dataclasses import dataclass, field

from pools.forecast.bonds import BondForecast, Doubt, DoubtKind, Outcome
from pools.forecast.cpu import JoinEffect, join_effect
from pools.forecast.identity import Change
from pools.forecast.licence import LicenceForecast
from pools.forecast.management import ManagementForecast
from pools.forecast.matching import Rule, rule_of
from pools.forecast.networks import NetworkForecast, NetworkOutcome
from pools.forecast.storage import StorageForecast, StorageName
from pools.forecast.vlans import VLANForecast, VLANOutcome
from pools.forecast.vms import Crossing, VMConflict, VMForecast
from pools.xapi.inventory import Snapshot
from pools.xapi.records import NULL, HostRecord

__all__ = [
    "BondForecast",
    "Change",
    "Crossing",
    "Doubt",
    "DoubtKind",
    "JoinForecast",
    "LicenceForecast",
    "ManagementForecast",
    "NetworkForecast",
    "NetworkOutcome",
    "Outcome",
    "Rule",
    "StorageForecast",
    "StorageName",
    "VLANForecast",
    "VLANOutcome",
    "VMConflict",
    "VMForecast",
    "forecast_join",
]


@dataclass(frozen=True, kw_only=True)
class JoinForecast:
    """``management`` is None when its interface is not known, ``cpu`` when either side's features are not."""

    host_uuid: str
    rule: Rule
    bonds: tuple[BondForecast, ...] = ()
    vlans: tuple[VLANForecast, ...] = ()
    networks: tuple[NetworkForecast, ...] = ()
    vms: VMForecast = field(default_factory=VMForecast)
    storage: StorageForecast = field(default_factory=StorageForecast)
    cpu: JoinEffect | None = None
    licence: LicenceForecast = field(default_factory=LicenceForecast)
    management: ManagementForecast | None = None
    changes: tuple[Change, ...] = ()


def forecast_join(pool: Snapshot, joiner: Snapshot, host_uuid: str) -> JoinForecast:
    """Foretell the join of this server; ``joiner`` is its own pool of one, as it says itself."""
    host = joiner.host(host_uuid) or HostRecord(ref=NULL, uuid=host_uuid)
    return JoinForecast(host_uuid=host_uuid, rule=rule_of(host), cpu=join_effect(pool, host))
