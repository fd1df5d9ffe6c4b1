"""Bonds that are missing, have other NICs or settings, or are on a network of their own (M1–M9)."""

from collections.abc import Iterator, Sequence

from pools.diagnosis.mismatch import Kind, Mismatch
from pools.diagnosis.topology import Bonded, Side
from pools.diagnosis.view import View, devices
from pools.xapi.records import PIFRecord


def bonds(view: View) -> Iterator[Mismatch]:
    """Compare by network, never by the device of a bond: each server numbers its own (M26)."""
    for network, bonded in view.ours.bonds.items():
        mine = view.theirs.bonds.get(network)
        yield from absent(view, network) if mine is None else present(view, network, mine)
        if mine is not None and bonded.refs and mine.refs == view.wants(network):
            yield from settings(view, bonded, mine)
    for network, mine in view.theirs.bonds.items():
        if network not in view.ours.bonds:
            yield extra(view, network, mine)


def absent(view: View, network: str) -> Iterator[Mismatch]:
    """The member has no bond there: it could have one, or has no NIC for it."""
    want, at, thing = view.wanted[network], view.at(network), f"bond {view.name(network)}"
    if want:
        found = f"no bond; {', '.join(whereabouts(view.theirs, want))}"
        yield Mismatch(kind=Kind.BOND_MISSING, thing=thing, wanted=f"a bond of {devices(want)}", found=found, **at)
    else:
        yield Mismatch(kind=Kind.BOND_IMPOSSIBLE, thing=thing, wanted=places(view, network), found="no such NIC", **at)


def present(view: View, network: str, mine: Bonded) -> Iterator[Mismatch]:
    """The member has a bond there, and other NICs are wanted in it."""
    want = view.wanted[network]
    if mine.refs == view.wants(network):
        return
    missing = [pif for pif in want if pif.ref not in mine.refs]
    if not want:
        kind = Kind.BOND_IMPOSSIBLE
    elif network in view.crossed:
        kind = Kind.BONDS_CROSSED
    elif any(pif.ref in view.theirs.holder for pif in missing):
        kind = Kind.BOND_NIC_TAKEN
    else:
        kind = Kind.BOND_PARTIAL
    said = ", ".join([devices(mine.members), *whereabouts(view.theirs, missing)])
    yield Mismatch(
        kind=kind,
        thing=f"bond {view.name(network)}",
        wanted=devices(want) if want else places(view, network),
        found=said,
        **view.at(network, mine.bond.uuid),
    )


def settings(view: View, ours: Bonded, mine: Bonded) -> Iterator[Mismatch]:
    """The NICs are right; XAPI never compares mode, properties, primary member and MAC."""
    at, thing = view.at(mine.pif.network, mine.bond.uuid), f"bond {view.name(mine.pif.network)}"
    wanted, found = mode(ours), mode(mine)
    if wanted != found:
        yield Mismatch(kind=Kind.BOND_MODE, thing=thing, wanted=wanted, found=found, **at)
    wanted, found = leads(view, view.ours, ours), leads(view, view.theirs, mine)
    if wanted != found:
        yield Mismatch(kind=Kind.BOND_PRIMARY, thing=thing, wanted=wanted, found=found, **at)


def extra(view: View, network: str, mine: Bonded) -> Mismatch:
    """On a network that is no bond on the reference: its NICs may be wanted in a bond that is."""
    owed = [name for name in view.ours.bonds if mine.refs & view.wants(name)]
    names = " and ".join(view.name(name) for name in owed)
    return Mismatch(
        kind=Kind.BOND_ELSEWHERE if owed else Kind.BOND_EXTRA,
        thing=f"bond {view.name(network)}",
        wanted=f"its NICs in {names}" if owed else f"none: {view.ours.host.name_label} has no bond on this network",
        found=f"a bond of {devices(mine.members)}",
        **view.at(network, mine.bond.uuid),
    )


def whereabouts(side: Side, nics: Sequence[PIFRecord]) -> Iterator[str]:
    """Say of each NIC who has it."""
    for pif in sorted(nics, key=lambda pif: pif.device):
        holder = side.holder.get(pif.ref)
        yield f"{pif.device} is in {side.named(holder.pif)}" if holder else f"{pif.device} is free"


def places(view: View, network: str) -> str:
    """Say what the reference's bond is made of, where the member has nothing like it."""
    return f"NICs at the places of {devices(view.ours.bonds[network].members)} of {view.ours.host.name_label}"


def mode(bonded: Bonded) -> str:
    """Say the mode with its properties; only what Bond.create would have is compared."""
    told = ", ".join(f"{key} {value}" for key, value in sorted(bonded.bond.properties.items()))
    return f"{bonded.bond.mode} ({told})" if told else bonded.bond.mode


def leads(view: View, side: Side, bonded: Bonded) -> str:
    """Say which member gave the bond its MAC, by its place; an own MAC is one that was given."""
    primary = next((pif for pif in bonded.members if pif.ref == bonded.bond.primary_slave), None)
    where = side.place(primary, view.theirs.rule) if primary else ""
    own = "" if bonded.bond.auto_update_mac else ", with a fixed MAC"
    word = "NIC" if where[:1].isalpha() else "NIC at position"
    return f"{word} {where} leads{own}" if where else f"no NIC leads{own}"
