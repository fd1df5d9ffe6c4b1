"""What becomes of the coordinator's VLANs on a server that joins (xapi_host.ml, sync_vlans)."""

from dataclasses import dataclass
from enum import StrEnum


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
