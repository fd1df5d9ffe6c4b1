"""What XAPI makes of a server's network, VMs and storage after the join without saying a word: rules of our own."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pools.checks.facts import Facts, ServerFacts
from pools.checks.finding import Finding, Severity, listed
from pools.checks.registry import Side, check, refusal, unknown, warning
from pools.forecast.join import BondForecast, Doubt, DoubtKind, NetworkOutcome, Outcome, VLANForecast, VLANOutcome

NETWORKING: Final = ("pif", "network", "bond", "vlan")
SHOWN: Final = 8
RESTRICTED_POOL_SIZE: Final = 3
AUTOMATIC_NAME = re.compile(r"Pool-wide network (\d+|associated with .+)")
DOUBTS: Final = {
    DoubtKind.NO_CARRIER: "XENWEB_BOND_NO_CARRIER",
    DoubtKind.SPEED: "XENWEB_BOND_SPEED",
    DoubtKind.SPEED_IN_BOND: "XENWEB_BOND_SPEED",
    DoubtKind.ORDER: "XENWEB_BOND_NIC_ORDER",
    DoubtKind.SLOT: "XENWEB_BOND_NIC_ORDER",
    DoubtKind.MTU: "XENWEB_BOND_MTU",
    DoubtKind.CARD: "XENWEB_BOND_OTHER_CARD",
}
VLANS: Final = {
    VLANOutcome.NOTHING: "XENWEB_VLAN_MISSING",
    VLANOutcome.SECOND: "XENWEB_VLAN_SECOND",
    VLANOutcome.OFF: "XENWEB_VLAN_SYNC_OFF",
}


@check(title="It gets the pool's bonds", side=Side.BOTH, needs=NETWORKING)
def bonds_can_be_made(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """The member makes them of its own NICs at the same places; no failure is reported (copy_bonds_from_master)."""
    for bond in facts.forecast(server).bonds:
        wanted = _joined(bond.wanted)
        if bond.outcome is Outcome.PARTIAL:
            members, missing = _joined(bond.members), _joined(bond.missing)
            yield warning(
                "XENWEB_BOND_PARTIAL", server, bond.network_name, members, missing, theirs=members, ours=wanted
            )
        elif bond.outcome is Outcome.NONE:
            yield warning("XENWEB_BOND_NONE", server, bond.network_name, wanted, theirs="no NIC there", ours=wanted)
        elif bond.outcome is Outcome.STOLEN:
            rivals = listed(bond.rivals) or "the bond's network"
            params = (bond.network_name, bond.refusal, rivals)
            yield warning("XENWEB_BOND_STOLEN", server, *params, theirs=f"{bond.refusal}: {rivals}", ours=wanted)


@check(
    title="The NICs of its bonds have links like the coordinator's", side=Side.BOTH, needs=(*NETWORKING, "pif_metrics")
)
def bond_cables_agree(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """Neither link nor speed nor maker decide which NIC is taken; they hint at the wrong cable (get_pif_position)."""
    for bond in facts.forecast(server).bonds:
        for doubt in bond.doubts:
            if doubt.kind is DoubtKind.UNKNOWN:
                yield unknown(server, f"the link of {doubt.device}")
        for code in dict.fromkeys(DOUBTS.values()):
            yield from _doubts(bond, code, server)


def _doubts(bond: BondForecast, code: str, server: ServerFacts) -> Iterator[Finding]:
    found = [doubt for doubt in bond.doubts if DOUBTS.get(doubt.kind) == code]
    theirs = list(dict.fromkeys(_seen(doubt) for doubt in found))
    ours = list(dict.fromkeys(doubt.ours for doubt in found if doubt.ours))
    said = list(dict.fromkeys(_compared(doubt) for doubt in found))
    if found:
        yield Finding(
            code=code,
            subject=server.uuid,
            severity=Severity.INFO if code == "XENWEB_BOND_OTHER_CARD" else Severity.WARNING,
            params=(bond.network_name, listed(said)),
            theirs=listed(theirs),
            ours=listed(ours) or "not known",
        )


def _seen(doubt: Doubt) -> str:
    return doubt.device if doubt.theirs == doubt.device else f"{doubt.device}: {doubt.theirs}"


def _compared(doubt: Doubt) -> str:
    """Where the link is missing, the coordinator's says nothing more."""
    return _seen(doubt) if doubt.kind is DoubtKind.NO_CARRIER else f"{_seen(doubt)} instead of {doubt.ours}"


@check(title="It gets the pool's VLANs", side=Side.BOTH, needs=NETWORKING)
def vlans_can_be_made(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """Each is made on the one interface on the coordinator's lower network, or silently not (sync_vlans)."""
    groups: dict[tuple[VLANOutcome, str], list[VLANForecast]] = {}
    for vlan in facts.forecast(server).vlans:
        groups.setdefault((vlan.outcome, vlan.below), []).append(vlan)
    for (outcome, below), vlans in groups.items():
        if outcome in VLANS:
            names = listed([f"{vlan.tag} ({vlan.network_name})" for vlan in vlans], SHOWN)
            theirs = {VLANOutcome.NOTHING: "none", VLANOutcome.OFF: "sync_vlans=nosync"}.get(outcome, "two interfaces")
            yield warning(VLANS[outcome], server, names, below, theirs=theirs, ours=f"{names} on {below}")


@check(title="Its networks come along", side=Side.BOTH, needs=NETWORKING)
def networks_come_along(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """A NIC's network becomes the pool's of the same bridge, private ones vanish (create_or_get_network_on_master)."""
    networks = [each for each in facts.forecast(server).networks if not AUTOMATIC_NAME.fullmatch(each.name)]
    lost = [each.name for each in networks if each.outcome is NetworkOutcome.LOST]
    if lost:
        names = listed(lost, SHOWN)
        yield warning("XENWEB_NETWORK_LOST", server, names, theirs=names, ours="no such networks")
    merged = [each for each in networks if each.loses_its_name]
    if merged:
        yield Finding(
            code="XENWEB_NETWORK_MERGED",
            subject=server.uuid,
            severity=Severity.INFO,
            params=(listed([f"“{each.name}” becomes “{each.pool_name}”" for each in merged], SHOWN),),
            theirs=listed([each.name for each in merged]),
            ours=listed([each.pool_name for each in merged]),
        )


@check(title="Its VMs stay on their networks", side=Side.BOTH, needs=(*NETWORKING, "vm", "vif"))
def vms_stay_on_their_networks(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """Label before bridge: equal labels of different NICs cross-connect VMs (import.ml, Net)."""
    crossings = facts.forecast(server).vms.crossings
    if crossings:
        said = [f"{each.vm}, interface {each.device}: “{each.network}” to “{each.lands_on}”" for each in crossings]
        mine, pools = ({each.network for each in crossings}, {each.lands_on for each in crossings})
        yield warning(
            "XENWEB_VM_NETWORK_CROSSED",
            server,
            listed(said, SHOWN),
            theirs=listed(sorted(mine)),
            ours=listed(sorted(pools)),
        )


@check(title="None of its VMs is in the pool already", side=Side.BOTH, needs=("vm",))
def vms_are_not_in_the_pool(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """One VM that cannot be imported keeps all VMs of the joiner out, silently (import.ml, handle_all)."""
    vms = facts.forecast(server).vms
    for code, seeds in (("XENWEB_VM_ALREADY_IN_POOL", False), ("XENWEB_VM_MAC_SEED", True)):
        found = [each for each in vms.conflicts if (each.code == "DUPLICATE_MAC_SEED") is seeds]
        if found:
            names = listed(sorted({each.vm for each in found}))
            yield warning(code, server, names, theirs=names, ours=listed(sorted({each.other for each in found})))
    if vms.replaced:
        names = listed(vms.replaced, SHOWN)
        yield warning("XENWEB_VM_REPLACED", server, names, theirs=f"newer: {names}", ours=f"older: {names}")


@check(title="Its default storage is no choice of its own", side=Side.BOTH, needs=("sr",))
def default_storage_is_no_choice(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """Nothing copies pool.default_SR; where there is only one storage for disks, nobody has chosen it."""
    default = facts.forecast(server).storage.default_lost
    for_disks = [sr for sr in server.snapshot.srs.values() if sr.content_type != "iso" and not sr.shared]
    if default and len(for_disks) > 1:
        pools = facts.pool.srs.get(facts.pool.pool.default_SR)
        yield Finding(
            code="XENWEB_DEFAULT_SR_LOST",
            subject=server.uuid,
            severity=Severity.INFO,
            params=(default,),
            theirs=default,
            ours=(pools.name_label if pools else "") or "no default storage",
        )


@check(title="The pool keeps the features of its licence", side=Side.BOTH)
def licence_keeps_its_features(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """One member without a feature takes it from the pool (update_pool_features); rows 0 and 1 refuse by themselves."""
    mine = server.snapshot.pool.restrictions
    full = len(facts.pool.hosts) + len(facts.joined_before(server)) >= RESTRICTED_POOL_SIZE
    if mine.get("restrict_pooling") == "true" or (full and mine.get("restrict_pool_size") == "true"):
        return
    licence = facts.forecast(server).licence
    if licence.lost:
        names = listed(licence.lost, SHOWN)
        edition = licence.edition or "no edition"
        yield warning(
            "XENWEB_LICENCE_DEGRADED", server, names, edition, theirs=edition, ours=licence.pool_edition or "no edition"
        )


@check(title="Management comes to the pool's network", side=Side.BOTH, needs=NETWORKING)
def management_comes_to_the_pools_network(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """XAPI compares VLAN tags only (row 19), not the network that management ends on."""
    management = facts.forecast(server).management
    if management is None or management.is_the_pools:
        return
    ours = management.pool_network_name or "not known"
    if management.stranded:
        device = management.device
        yield refusal("XENWEB_MANAGEMENT_LOST", server, device, theirs=f"{device}: no network", ours=ours)
    else:
        theirs = management.network_name or "a network without a name"
        yield warning("XENWEB_MANAGEMENT_ELSEWHERE", server, theirs, ours, theirs=theirs, ours=ours)


def _joined(devices: Sequence[str]) -> str:
    return " + ".join(devices)
