"""Every fix, by the name of its kind; and which findings each of them solves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pools.operations.fixes.fix import Fix
from pools.operations.fixes.vms import RunningVMs
from pools.operations.step import Step

FIXES: Final[Mapping[str, Fix]] = {fix.kind: fix for fix in (RunningVMs(),)}
STEPS: Final[Sequence[type[Step]]] = [step for fix in FIXES.values() for step in fix.steps]


class On(StrEnum):
    """Which server a fix changes."""

    JOINER = "joiner"  # the finding's own, when it is one that joins
    ANY = "any"  # the finding's own, whichever it is
    WEAKER = "weaker"  # whichever of the two lacks something: "off" on its side


@dataclass(frozen=True, kw_only=True)
class Cure:
    """A fix for a finding. ``only``: a word that the finding's own value has to be, where one code has many causes."""

    kind: str
    on: On = On.JOINER
    only: str = ""


CURES: Final[Mapping[str, Cure]] = {
    "JOINING_HOST_CANNOT_HAVE_RUNNING_VMS": Cure(kind="fix_vms"),
}
