"""Networks that are there twice or have two interfaces of a server, and records that dangle (M21, M22, M24)."""

from collections.abc import Iterator

from pools.diagnosis.mismatch import Kind, Mismatch
from pools.diagnosis.topology import Side
from pools.diagnosis.view import View
from pools.xapi.records import NULL, NetworkRecord, PIFRecord


def networks(view: View) -> Iterator[Mismatch]:
    """By construction one interface of a server on a network, and one network of a bridge; nothing enforces it."""
    for network, pifs in view.theirs.on.items():
        if len(pifs) > 1 and network in view.pool.networks:
            yield Mismatch(
                kind=Kind.TWO_ON_ONE,
                thing=f"network {view.name(network)}",
                wanted="one interface",
                found=", ".join(interface(view.theirs, pif) for pif in pifs),
                **view.at(network, max(pif.uuid for pif in pifs)),
            )
    yield from twice(view)


def interface(side: Side, pif: PIFRecord) -> str:
    """Name an interface by what it lies on."""
    below = next((each.below for each in side.vlans if each.pif.ref == pif.ref), None)
    return f"VLAN {pif.VLAN} on {side.named(below)}" if below else pif.device


def twice(view: View) -> Iterator[Mismatch]:
    """The server is on one of two networks with one bridge or one name, the reference on the other."""
    for ref, pifs in view.theirs.on.items():
        network = view.pool.networks.get(ref)
        if network is None or ref in view.ours.on:
            continue
        for other in view.ours.on:
            if same := alike(network, view.network(other)):
                yield Mismatch(
                    kind=Kind.NETWORK_TWICE,
                    thing=f"network {view.name(ref)}",
                    wanted=f"the network of {view.ours.host.name_label} with {same}",
                    found=f"another network with {same}",
                    **view.at(ref, pifs[0].uuid),
                )
                break


def alike(one: NetworkRecord, other: NetworkRecord) -> str:
    """In what two networks are taken for one."""
    if one.bridge and one.bridge == other.bridge:
        return f"bridge {one.bridge}"
    return f"the name {one.name_label}" if one.name_label and one.name_label == other.name_label else ""


def dangling(view: View) -> Iterator[Mismatch]:
    """A record names another one that is gone."""
    pool, side = view.pool, view.theirs
    for pif in side.pifs:
        lies = next((name for name, there in claims(view, pif) if not there), "")
        if lies:
            at, thing = view.at(pif.network, pif.uuid), f"interface {side.named(pif)}"
            yield Mismatch(kind=Kind.DANGLING, thing=thing, wanted="records that exist", found=lies, **at)
    refs = {pif.ref for pif in side.pifs}
    for vlan in pool.vlans.values():
        if vlan.tagged_PIF in refs and vlan.untagged_PIF not in pool.pifs:
            at, thing = view.at(pool.pifs[vlan.tagged_PIF].network, vlan.uuid), f"VLAN {vlan.tag}"
            found = "its own interface is gone"
            yield Mismatch(kind=Kind.DANGLING, thing=thing, wanted="records that exist", found=found, **at)
    for bond in pool.bonds.values():
        if refs & set(bond.slaves) and bond.master not in pool.pifs:
            at, thing = view.at(NULL, bond.uuid), "bond without an interface"
            found = "its own interface is gone"
            yield Mismatch(kind=Kind.DANGLING, thing=thing, wanted="records that exist", found=found, **at)


def claims(view: View, pif: PIFRecord) -> Iterator[tuple[str, bool]]:
    """What an interface says it belongs to, and whether that is there."""
    pool = view.pool
    if pif.bond_slave_of != NULL:
        yield "is a member of a bond that is gone", pif.bond_slave_of in pool.bonds
    if pif.VLAN_master_of != NULL:
        yield "is a VLAN whose record is gone", pif.VLAN_master_of in pool.vlans
    yield "is on a network that is gone", pif.network in pool.networks
    for bond in pif.bond_master_of:
        yield "is a bond whose record is gone", bond in pool.bonds
