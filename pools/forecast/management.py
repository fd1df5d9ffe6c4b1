"""On which interface and network a server's management ends after its join (xapi_bond.ml, create)."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ManagementForecast:
    """``device`` is the NIC, or the first NIC under the bond or VLAN, as the server calls it."""

    device: str
    vlan: int
    on_bond: bool
    network_uuid: str
    network_name: str
    pool_network_uuid: str
    pool_network_name: str

    @property
    def is_the_pools(self) -> bool:
        """Whether the coordinator's management is on the same network."""
        return bool(self.network_uuid) and self.network_uuid == self.pool_network_uuid
