"""What becomes of the coordinator's bonds on a server that joins (sync_networking.ml, copy_bonds_from_master)."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What the joining server will have of one bond."""

    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"  # no NIC at the places
    STOLEN = "stolen"  # NICs are there, but Bond.create refuses: ``refusal`` says with which code


class DoubtKind(StrEnum):
    """What records cannot prove about a cable, and hint at."""

    NO_CARRIER = "no carrier"
    SPEED = "speed differs"  # from the coordinator's NIC at the same place
    SPEED_IN_BOND = "speeds within the bond differ"
    CARD = "another card"  # vendor or device is not the coordinator's


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """One hint about one NIC of the joining server; ``theirs`` is its value, ``ours`` the coordinator's."""

    kind: DoubtKind
    device: str
    theirs: str = ""
    ours: str = ""


@dataclass(frozen=True, kw_only=True)
class BondForecast:
    """One bond of the coordinator on one joining server.

    ``wanted`` and ``missing`` are the coordinator's devices, ``members`` and ``primary`` the joining server's;
    ``rivals`` names what holds the place when Bond.create is refused.
    """

    network_uuid: str
    network_name: str
    mode: str
    outcome: Outcome
    wanted: tuple[str, ...]
    members: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    primary: str = ""
    takes_management: bool = False
    refusal: str = ""
    rivals: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
