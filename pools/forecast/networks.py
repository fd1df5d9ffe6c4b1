"""What becomes of a joining server's networks (xapi_pool.ml, create_or_get_network_on_master)."""

from dataclasses import dataclass
from enum import StrEnum


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
