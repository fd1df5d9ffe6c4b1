"""Which findings only follow from another one: who mends the cause, mends them too."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from pools.diagnosis.mismatch import Kind, Mismatch
from pools.diagnosis.view import View

CAUSES = (
    Kind.BONDS_CROSSED,
    Kind.BOND_NIC_TAKEN,
    Kind.BOND_ELSEWHERE,
    Kind.BOND_IMPOSSIBLE,
    Kind.BOND_MISSING,
    Kind.BOND_PARTIAL,
    Kind.POSITION,
)
CARRIED = (
    Kind.VLAN_MISSING,
    Kind.VLAN_ELSEWHERE,
    Kind.MANAGEMENT_ELSEWHERE,
    Kind.TWO_ON_ONE,
    Kind.VIF_ON_MEMBER,
    Kind.SETTINGS_LOST,
)
"""What XAPI drags along with the NICs of a bond."""


def with_causes(view: View, found: Sequence[Mismatch]) -> list[Mismatch]:
    """Give every consequence its cause, of one member's findings."""
    return [replace(each, because=cause.key) if (cause := cause_of(view, each, found)) else each for each in found]


def cause_of(view: View, mismatch: Mismatch, found: Iterable[Mismatch]) -> Mismatch | None:
    """A cause stands before its consequences in every chain, so that no two name each other."""
    causes = sorted((each for each in found if each.kind in CAUSES), key=lambda each: CAUSES.index(each.kind))
    for fits in RULES:
        for cause in causes:
            if cause.key != mismatch.key and fits(view, cause, mismatch):
                return cause
    return None


def taken_by_another(view: View, cause: Mismatch, mismatch: Mismatch) -> bool:
    """A bond on a network of its own took the NICs; or it is named only as the holder of one."""
    if (cause.kind, mismatch.kind) == (Kind.BOND_ELSEWHERE, Kind.BOND_MISSING):
        return bool(members(view, cause) & view.wants(ref(view, mismatch)))
    if (cause.kind, mismatch.kind) == (Kind.BOND_NIC_TAKEN, Kind.BOND_ELSEWHERE):
        return bool(members(view, mismatch) & view.wants(ref(view, cause)))
    return False


def lies_on_it(view: View, cause: Mismatch, mismatch: Mismatch) -> bool:
    """What should lie on the bond, or does lie on the NICs that it should have."""
    if mismatch.kind not in CARRIED or cause.kind is Kind.POSITION:
        return False
    networks = {ref(view, cause), ref(view, mismatch)}
    on = {each.below.network for each in view.ours.vlans if each.pif.network == ref(view, mismatch)}
    return ref(view, cause) in on or len(networks) == 1 or below(view, mismatch) in with_nics(view, cause)


def no_such_nic(_view: View, cause: Mismatch, mismatch: Mismatch) -> bool:
    """NICs that are missing are why a bond is impossible: they are said with it."""
    return cause.kind is Kind.BOND_IMPOSSIBLE and mismatch.kind is Kind.NIC and mismatch.found == "none"


def no_place(_view: View, cause: Mismatch, mismatch: Mismatch) -> bool:
    """The NIC is there, but XAPI does not know at which place."""
    return cause.kind is Kind.POSITION and mismatch.kind is Kind.NIC and mismatch.found == "none"


def below(view: View, mismatch: Mismatch) -> str:
    """The network under the interface that was found, or its own where it lies on none."""
    for each in view.theirs.vlans:
        if each.pif.uuid == mismatch.subject:
            return each.below.network
    return next((pif.network for pif in view.theirs.pifs if pif.uuid == mismatch.subject), "")


def with_nics(view: View, cause: Mismatch) -> frozenset[str]:
    """The networks of the NICs that a bond should have, and of the bonds that hold them."""
    nics = view.wanted.get(ref(view, cause), ())
    holders = {view.theirs.holder[pif.ref].pif.network for pif in nics if pif.ref in view.theirs.holder}
    return frozenset({pif.network for pif in nics} | holders | {ref(view, cause)})


def members(view: View, mismatch: Mismatch) -> frozenset[str]:
    bonded = view.theirs.bonds.get(ref(view, mismatch))
    return bonded.refs if bonded else frozenset()


def ref(view: View, mismatch: Mismatch) -> str:
    """The reference of the network that a mismatch is about."""
    return view.refs.get(mismatch.network, "")


RULES: Sequence[Callable[[View, Mismatch, Mismatch], bool]] = (taken_by_another, lies_on_it, no_such_nic, no_place)
