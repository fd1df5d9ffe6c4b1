"""SPOILED, for what XAPI lets through: a pool with a bond and a VLAN, and servers for which they do not come about."""

from dataclasses import replace

from pools.checks.facts import Facts, ServerFacts
from pools.xapi import records as r
from tests.pools.checks.fine import NEW, OLD, add, facts, host, nic, pool, server

FREE = {"ip_configuration_mode": "None"}
LIT = {"carrier": True, "speed": 10_000, "vendor_name": "Intel", "device_name": "X710"}
PRIVATE = r.NetworkRecord(ref="private", uuid="private", name_label="Isolated", bridge="xapi9")
WEB = r.VMRecord(ref="web", uuid="web", name_label="web")
SECOND = r.SRRecord(ref="second", uuid="second", name_label="SSDs", content_type="user", type="ext")
LOCAL = r.SRRecord(ref="local", uuid="local", name_label="Local storage", content_type="user", type="ext")


def cards(facts: ServerFacts, count: int, **fields: object) -> ServerFacts:
    """Return the server with so many more cards, each on its own network and lit."""
    name = facts.name_label
    for n in range(1, count + 1):
        label = f"Pool-wide network {n}"
        network = r.NetworkRecord(ref=f"{name}-n{n}", uuid=f"{name}-n{n}", name_label=label, bridge=f"xenbr{n}")
        metrics = r.PIFMetricsRecord.from_wire(f"{name}-m{n}", LIT)
        card = nic(name, f"eth{n}", network=network.ref, metrics=metrics.ref, MAC=f"{name}:{n}", **{**FREE, **fields})
        facts = add(facts, network, metrics, card)
    return facts


def metrics(facts: ServerFacts, n: int, **changes: object) -> ServerFacts:
    name = f"{facts.name_label}-m{n}"
    return add(facts, replace(facts.snapshot.pif_metrics[name], **changes))  # type: ignore[arg-type]


BOND = r.NetworkRecord(ref="bond-net", uuid="bond-net", name_label="Storage bond", bridge="xapi0")
GUESTS = r.NetworkRecord(ref="guests", uuid="guests", name_label="Guests", bridge="xapi1")
BONDED = add(
    cards(OLD, 3),
    BOND,
    GUESTS,
    nic("old-1", "bond0", network="bond-net", physical=False, MAC="old-1:1", **FREE),
    r.BondRecord(ref="bond", master="old-1-bond0", slaves=("old-1-eth1", "old-1-eth2"), mode="lacp"),
    nic("old-1", "eth3.40", network="guests", physical=False, VLAN=40, **FREE),
    r.VLANRecord(ref="vlan", tagged_PIF="old-1-eth3", untagged_PIF="old-1-eth3.40", tag=40),
)
FITS = cards(NEW, 3)
ON_VLAN = add(
    FITS, replace(PRIVATE, bridge="xapi1", name_label="Guests"), nic("new-1", "eth4", network="private", **FREE)
)
SWAPPED = add(
    FITS,
    nic("new-1", "eth2", network="new-1-n3", metrics="new-1-m2", **FREE),
    nic("new-1", "eth3", network="new-1-n2", metrics="new-1-m3", **FREE),
)
STRANDED = replace(
    NEW,
    snapshot=replace(
        NEW.snapshot,
        pifs={"odd": nic("new-1", "eth0.9", physical=False, VLAN=9), **NEW.snapshot.pifs},
        networks={
            "new-1-net": r.NetworkRecord(ref="new-1-net", uuid="n", bridge="xapi9", name_label="Pool-wide network 0")
        },
    ),
)
VIF = r.VIFRecord(ref="vif", VM="web", network="new-1-net", device="0")
SAME_LABEL = replace(
    OLD,
    snapshot=replace(OLD.snapshot, networks={"guests": replace(GUESTS, name_label=""), **OLD.snapshot.networks}),
)
FREE_POOL = {"restrict_pooling": "false", "restrict_pool_size": "false"}
LABELLED = replace(NEW.snapshot.networks["new-1-net"], name_label="Guests")


def without(facts: ServerFacts, *devices: str) -> ServerFacts:
    """Return the server without these cards and their networks."""
    pifs = {ref: pif for ref, pif in facts.snapshot.pifs.items() if pif.device not in devices}
    used = {pif.network for pif in pifs.values()}
    networks = {ref: network for ref, network in facts.snapshot.networks.items() if ref in used}
    return replace(facts, snapshot=replace(facts.snapshot, pifs=pifs, networks=networks))


FORECASTS: dict[str, tuple[str, Facts]] = {
    "a NIC too few for the bond": ("XENWEB_BOND_PARTIAL", facts(BONDED, without(FITS, "eth2"))),
    "no NIC for the bond": ("XENWEB_BOND_NONE", facts(BONDED, without(FITS, "eth1", "eth2"))),
    "two addresses in the bond": (
        "XENWEB_BOND_STOLEN",
        facts(BONDED, cards(NEW, 3, ip_configuration_mode="Static")),
    ),
    "no link": ("XENWEB_BOND_NO_CARRIER", facts(BONDED, metrics(FITS, 2, carrier=False, speed=0))),
    "another speed": ("XENWEB_BOND_SPEED", facts(BONDED, metrics(FITS, 2, speed=1000))),
    "NICs in another order": ("XENWEB_BOND_NIC_ORDER", facts(BONDED, SWAPPED)),
    "a card in another slot": (
        "XENWEB_BOND_NIC_ORDER",
        facts(metrics(BONDED, 2, pci_bus_path="0000:3b:00.0"), metrics(FITS, 2, pci_bus_path="0000:81:00.0")),
    ),
    "larger packets in the bond": ("XENWEB_BOND_MTU", facts(add(BONDED, replace(BOND, MTU=9000)), FITS)),
    "another card": ("XENWEB_BOND_OTHER_CARD", facts(BONDED, metrics(FITS, 2, device_name="BCM57416"))),
    "no interface below a VLAN": ("XENWEB_VLAN_MISSING", facts(BONDED, without(FITS, "eth3"))),
    "an interface on a VLAN's network": ("XENWEB_VLAN_SECOND", facts(BONDED, ON_VLAN)),
    "VLANs forbidden": ("XENWEB_VLAN_SYNC_OFF", facts(BONDED, host(FITS, sync_vlans="nosync"))),
    "a private network": ("XENWEB_NETWORK_LOST", facts(OLD, add(NEW, PRIVATE))),
    "a network with a name": (
        "XENWEB_NETWORK_MERGED",
        facts(OLD, add(NEW, replace(LABELLED, name_label="Telephones"))),
    ),
    "a VM with the pool's MAC seed": (
        "XENWEB_VM_MAC_SEED",
        facts(*(add(each, replace(WEB, uuid=each.uuid, mac_seed="9a1c")) for each in (OLD, NEW))),
    ),
    "a VM of a server that joins before": (
        "XENWEB_VM_ALREADY_IN_POOL",
        facts(OLD, add(NEW, WEB), add(server("new-2", 13), WEB)),
    ),
    "a newer version of a VM": ("XENWEB_VM_REPLACED", facts(add(OLD, WEB), add(NEW, replace(WEB, version=2)))),
    "one label for two networks": (
        "XENWEB_VM_NETWORK_CROSSED",
        facts(SAME_LABEL, add(NEW, WEB, VIF)),
    ),
    "a default storage that was chosen": (
        "XENWEB_DEFAULT_SR_LOST",
        facts(OLD, pool(add(NEW, LOCAL, SECOND), default_SR="second")),
    ),
    "a weaker licence": (
        "XENWEB_LICENCE_DEGRADED",
        facts(
            pool(OLD, restrictions={**FREE_POOL, "restrict_rbac": "false"}),
            pool(NEW, restrictions={**FREE_POOL, "restrict_rbac": "true"}),
        ),
    ),
    "management elsewhere": (
        "XENWEB_MANAGEMENT_ELSEWHERE",
        facts(OLD, add(NEW, replace(NEW.snapshot.networks["new-1-net"], bridge="xenbr7"))),
    ),
    "management stranded": ("XENWEB_MANAGEMENT_LOST", facts(OLD, STRANDED)),
}
