"""All that can be known beforehand of one server's join: from the pool's records and its own, nothing else.

Several servers that join one after the other are each compared with the coordinator: bonds and VLANs are always its.
Only VMs meet those of the servers that joined before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pools.forecast.bonds import BondForecast, Outcome, forecast_bonds
from pools.forecast.cpu import JoinEffect, join_effect
from pools.forecast.doubts import Doubt, DoubtKind
from pools.forecast.identity import Change, forecast_changes
from pools.forecast.licence import LicenceForecast, forecast_licence
from pools.forecast.management import ManagementForecast, forecast_management
from pools.forecast.matching import Rule, rule_of
from pools.forecast.networks import NetworkForecast, NetworkOutcome, forecast_networks, kept_for_vms
from pools.forecast.newcomer import NicForecast, forecast_nics, newcomer
from pools.forecast.storage import StorageForecast, StorageName, forecast_storage
from pools.forecast.vlans import VLANForecast, VLANOutcome, forecast_vlans
from pools.forecast.vms import Crossing, VMConflict, VMForecast, VMName, forecast_vms, made_for_vms
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
    "NicForecast",
    "Outcome",
    "Rule",
    "StorageForecast",
    "StorageName",
    "VLANForecast",
    "VLANOutcome",
    "VMConflict",
    "VMForecast",
    "VMName",
    "forecast_join",
]


@dataclass(frozen=True, kw_only=True)
class JoinForecast:
    """``management`` is None when its interface is not known, ``cpu`` when there is nothing to compare."""

    host_uuid: str
    rule: Rule
    nics: tuple[NicForecast, ...] = ()
    bonds: tuple[BondForecast, ...] = ()
    vlans: tuple[VLANForecast, ...] = ()
    networks: tuple[NetworkForecast, ...] = ()
    vms: VMForecast = field(default_factory=VMForecast)
    storage: StorageForecast = field(default_factory=StorageForecast)
    cpu: JoinEffect | None = None
    licence: LicenceForecast = field(default_factory=LicenceForecast)
    management: ManagementForecast | None = None
    changes: tuple[Change, ...] = ()


def forecast_join(pool: Snapshot, joiner: Snapshot, host_uuid: str, before: Sequence[Snapshot] = ()) -> JoinForecast:
    """Foretell the join of this server; ``joiner`` is its own pool of one, as it says itself.

    ``before`` are those of the servers that join earlier.
    """
    host = joiner.host(host_uuid) or HostRecord(ref=NULL, uuid=host_uuid)
    rule, networks = rule_of(host), forecast_networks(pool, joiner, host)
    arriving = newcomer(joiner, host, networks, rule)
    bonds, settled = forecast_bonds(pool, joiner, arriving, rule)
    vms = forecast_vms(pool, joiner, networks, before)
    return JoinForecast(
        host_uuid=host_uuid,
        rule=rule,
        nics=forecast_nics(arriving, networks),
        bonds=bonds,
        vlans=forecast_vlans(pool, host, settled),
        networks=_with_those_of_vms(pool, joiner, networks, vms),
        vms=vms,
        storage=forecast_storage(pool, joiner),
        cpu=join_effect(pool, host) if _same_vendor(pool, host) else None,
        licence=forecast_licence(pool, joiner, host.edition),
        management=forecast_management(pool, settled, networks),
        changes=forecast_changes(pool, joiner, host),
    )


def _same_vendor(pool: Snapshot, host: HostRecord) -> bool:
    """With another maker's processors there is nothing to level: the join is refused."""
    return host.cpu_info.get("vendor") == pool.pool.cpu_info.get("vendor")


def _with_those_of_vms(
    pool: Snapshot, joiner: Snapshot, networks: Mapping[str, NetworkForecast], vms: VMForecast
) -> tuple[NetworkForecast, ...]:
    """Where the VMs come along, the private networks they use come too."""
    made = frozenset() if vms.conflicts else made_for_vms(pool, joiner, networks)
    return tuple(kept_for_vms(each) if ref in made else each for ref, each in networks.items())
