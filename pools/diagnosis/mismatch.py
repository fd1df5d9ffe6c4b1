"""One way in which a member's network differs from what the pool wants (M1–M28 of the taxonomy of mismatches).

The numbers are only for people who talk about them; what is compared are records. Two kinds are never reported:
device numbers of bonds that differ (M26), which is no fault, and cables that records cannot show (part of M15).
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is wrong."""

    BOND_MISSING = "M1"
    BOND_IMPOSSIBLE = "M2"
    BOND_PARTIAL = "M3"
    BOND_NIC_TAKEN = "M4"
    BONDS_CROSSED = "M5"
    BOND_ELSEWHERE = "M6"
    BOND_EXTRA = "M7"
    BOND_MODE = "M8"
    BOND_PRIMARY = "M9"
    MTU = "M10"
    VLAN_MISSING = "M11"
    VLAN_ELSEWHERE = "M12"
    MANAGEMENT_ELSEWHERE = "M13"
    MANAGEMENT_ADDRESS = "M14"
    CABLING = "M15"
    NIC = "M16"
    CARRIER = "M17"
    NOT_PLUGGED = "M18"
    MEMBER_IN_USE = "M19"
    POSITION = "M20"
    TWO_ON_ONE = "M21"
    NETWORK_TWICE = "M22"
    NETWORK_ONLY_HERE = "M23"
    DANGLING = "M24"
    VIF_ON_MEMBER = "M25"
    SETTINGS_LOST = "M27"
    CLUSTER_ELSEWHERE = "M28"


@dataclass(frozen=True, kw_only=True)
class Mismatch:
    """One finding. ``wanted`` and ``found`` are the two values, in words.

    ``host`` and ``network`` are uuids: the row and the column that it belongs to; without a host it is the pool's.
    ``subject`` is the uuid of the record concerned. ``hint``: it may be meant so, or records cannot tell for sure.
    ``because`` is the ``key`` of another one, of which this is only a consequence.
    """

    kind: Kind
    host: str = ""
    network: str = ""
    subject: str = ""
    thing: str = ""
    wanted: str = ""
    found: str = ""
    hint: bool = False
    because: str = ""

    @property
    def key(self) -> str:
        """The same from one reading to the next, as long as it is the same finding."""
        return f"{self.kind}:{self.host}:{self.network}:{self.subject}"
