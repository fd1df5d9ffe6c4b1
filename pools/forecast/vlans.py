"""What becomes of the coordinator's VLANs on a server that joins (xapi_host.ml, sync_vlans)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pools.forecast.newcomer import Newcomer
from pools.xapi.inventory import Snapshot
from pools.xapi.records import HostRecord, NetworkRecord, VLANRecord


class VLANOutcome(StrEnum):
    """What the joining server will have of one VLAN."""

    MADE = "made"
    KEPT = "kept"  # the VLAN that carries its management
    NOTHING = "nothing"  # it has no PIF, or several, on the lower network
    SECOND = "second"  # made, although another PIF of the server is on the VLAN's network already
    OFF = "off"  # host.other_config has sync_vlans=nosync


@dataclass(frozen=True, kw_only=True)
class VLANForecast:
    """One VLAN of the coordinator on one joining server; ``below`` names the lower network."""

    network_uuid: str
    network_name: str
    tag: int
    below: str
    below_uuid: str
    outcome: VLANOutcome


def forecast_vlans(pool: Snapshot, host: HostRecord, newcomer: Newcomer) -> tuple[VLANForecast, ...]:
    """Foretell every VLAN of the coordinator, in its order, once the bonds are made."""
    made: list[VLANForecast] = []
    for vlan, network, below in _vlans_of_coordinator(pool):
        outcome = _outcome(newcomer, host, (network.uuid, vlan.tag, below.uuid))
        if outcome in {VLANOutcome.MADE, VLANOutcome.SECOND}:
            newcomer = newcomer.with_vlan(network.uuid)
        made.append(
            VLANForecast(
                network_uuid=network.uuid,
                network_name=network.name_label,
                tag=vlan.tag,
                below=below.name_label,
                below_uuid=below.uuid,
                outcome=outcome,
            )
        )
    return tuple(made)


def _vlans_of_coordinator(pool: Snapshot) -> Iterator[tuple[VLANRecord, NetworkRecord, NetworkRecord]]:
    """Each with its own network and the one below; records that hang in the air are nobody's."""
    for vlan in pool.vlans.values():
        own, lower = pool.pifs.get(vlan.untagged_PIF), pool.pifs.get(vlan.tagged_PIF)
        if own is None or lower is None or own.host != pool.master.ref:
            continue
        network, below = pool.networks.get(own.network), pool.networks.get(lower.network)
        if network and below:
            yield vlan, network, below


def _outcome(newcomer: Newcomer, host: HostRecord, wanted: tuple[str, int, str]) -> VLANOutcome:
    network, _tag, below = wanted
    has = newcomer.vlan
    if has and (has.network, has.tag, has.lower) == wanted:
        return VLANOutcome.KEPT
    if host.sync_vlans == "nosync":
        return VLANOutcome.OFF
    if newcomer.pifs_on(below) != 1:
        return VLANOutcome.NOTHING
    return VLANOutcome.SECOND if newcomer.pifs_on(network) else VLANOutcome.MADE
