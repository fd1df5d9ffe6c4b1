"""Every fix, by the name of its kind; and which findings each of them solves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pools.operations.fixes.fix import Fix
from pools.operations.fixes.guests import Guests
from pools.operations.fixes.storage import SharedSR
from pools.operations.fixes.taking_apart import Bonds, Tunnels, VLANs
from pools.operations.fixes.toolstack import Toolstack
from pools.operations.fixes.vms import RunningVMs
from pools.operations.fixes.whole_pool import HAOff, Verification, Wait
from pools.operations.step import Step

ALL: Final[Sequence[Fix]] = (
    RunningVMs(),
    Guests(),
    SharedSR(),
    Bonds(),
    VLANs(),
    Tunnels(),
    HAOff(),
    Verification(),
    Wait(),
    Toolstack(),
)
FIXES: Final[Mapping[str, Fix]] = {fix.kind: fix for fix in ALL}
STEPS: Final[Sequence[type[Step]]] = [step for fix in FIXES.values() for step in fix.steps]


class On(StrEnum):
    """Which server a fix changes."""

    JOINER = "joiner"  # the finding's own, when it is one that joins
    ANY = "any"  # the finding's own, whichever it is
    WEAKER = "weaker"  # whichever of the two lacks something: "off" on its side
    EITHER = "either"  # the finding's own, when it is one that joins; of XAPI's refusal nobody knows the side


@dataclass(frozen=True, kw_only=True)
class Cure:
    """A fix for a finding. ``only``: a word that the finding's own value has to be, where one code has many causes."""

    kind: str
    on: On = On.JOINER
    only: str = ""


CURES: Final[Mapping[str, Cure]] = {
    "JOINING_HOST_CANNOT_HAVE_RUNNING_VMS": Cure(kind="fix_vms"),
    "JOINING_HOST_CANNOT_HAVE_VMS_WITH_CURRENT_OPERATIONS": Cure(kind="fix_wait"),
    "JOINING_HOST_CANNOT_CONTAIN_SHARED_SRS": Cure(kind="fix_shared_sr"),
    "POOL_JOINING_HOST_HAS_BONDS": Cure(kind="fix_bonds"),
    "POOL_JOINING_HOST_HAS_NON_MANAGEMENT_VLANS": Cure(kind="fix_vlans"),
    "POOL_JOINING_HOST_HAS_TUNNELS": Cure(kind="fix_tunnels"),
    "HA_IS_ENABLED": Cure(kind="fix_ha_off", on=On.EITHER),
    "POOL_JOINING_HOST_TLS_VERIFICATION_MISMATCH": Cure(kind="fix_tls_verification", on=On.WEAKER),
    "HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY": Cure(kind="fix_toolstack", only="restart toolstack"),
    "NOT_SUPPORTED_DURING_UPGRADE": Cure(kind="fix_wait", on=On.ANY),
}
