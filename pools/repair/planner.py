"""From a member's network as it is to the one that is wanted: the changes, in an order that cuts nobody off.

Everything that XAPI drags along is foretold (model.py), so that a change that would put an address, a VLAN or
management on the wrong network is preceded by what keeps them apart. What the changes end in is compared with the aim.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from pools.repair import changes
from pools.repair.changes import Change
from pools.repair.parting import part
from pools.repair.route import Impossible, Route, Way, ipv6, unprotected
from pools.repair.uniting import set_management, unite
from pools.snapshots.data import NO_MODE, Interface, Kind, NetworkData
from pools.snapshots.diff import difference

__all__ = ["Impossible", "Plan", "Way", "plan"]

FOUND_BY_THE_SCAN: Final = frozenset({"device", "position"})


@dataclass(frozen=True, kw_only=True)
class Plan:
    """``after``: the member's network when all is done, as XAPI will have it."""

    changes: tuple[Change, ...] = ()
    after: NetworkData
    warnings: Sequence[tuple[str, tuple[str, ...]]] = ()


def plan(now: NetworkData, target: NetworkData, way: Way | None = None) -> Plan:
    """Raises ``Impossible``. HA counts as off: who makes the plan sees to that."""
    networks = {each.uuid: each for each in (*target.networks, *now.networks)}
    start = replace(unprotected(now), networks=tuple(networks.values()))
    route = Route(start=start, target=unprotected(target), way=way or Way(), data=start)
    for stage in (part, scan, unite, set_modes, set_addresses, set_management, set_flags, set_sizes, set_vifs):
        stage(route)
    left = [each.said for each in difference(route.data, route.target) if each.what not in FOUND_BY_THE_SCAN]
    if left:
        raise Impossible("XENWEB_NO_WAY_THERE", route.host, " ".join(left))
    return Plan(changes=tuple(route.made), after=route.data, warnings=tuple(dict.fromkeys(route.warnings)))


def scan(route: Route) -> None:
    """NICs whose records have to go, or stand on another network: forgotten, and found again by a scan."""
    wanted = {nic.key: nic for nic in route.target.nics}
    lost = [nic for nic in route.start.nics if nic.key not in wanted or wanted[nic.key].network != nic.network]
    for nic in lost:
        route.go(changes.ForgetNIC(at=nic.key, uuid=nic.uuid, name=nic.device))
    expects = {nic.mac: wanted[nic.key].network for nic in lost if nic.key in wanted}
    if expects:
        route.go(changes.ScanNICs(expects=expects, name=", ".join(route.devices(expects))))


def set_modes(route: Route) -> None:
    """Bonds whose NICs are right."""
    for wanted in route.target.bonds:
        here = route.data.bond(wanted.key)
        if here and (here.mode, dict(here.properties)) != (wanted.mode, dict(wanted.properties)):
            values = {"mode": wanted.mode, "properties": wanted.properties}
            route.go(changes.SetBondMode(at=wanted.key, name=route.name(wanted.key), **values))  # type: ignore[arg-type]


def set_addresses(route: Route) -> None:
    """What is to be free is freed first: of two interfaces in one subnet one answers for the other."""
    pairs = [(each, there) for each in route.target.interfaces if (there := route.there(each.key))]
    for wanted, there in pairs:
        if wanted.address.mode == NO_MODE and not there.management:
            route.clear_ipv4(wanted.key)
        if wanted.address.ipv6_mode == NO_MODE and there.address.ipv6_mode != NO_MODE and not there.management:
            route.go(ipv6(wanted.key, route.name(wanted.key), wanted.address))
    for wanted, _there in pairs:
        if wanted.address.mode != NO_MODE and not waits(route, wanted):
            route.set_ipv4(wanted.key, wanted.address)
        if wanted.address.ipv6_mode != NO_MODE:
            route.set_ipv6(wanted.key, wanted.address)


def waits(route: Route, wanted: Interface) -> bool:
    """Whether another interface still has this address: management, which is moved afterwards."""
    holder = route.data.management
    static = wanted.address.mode == "Static" and holder is not None and holder.address.ip == wanted.address.ip
    return static and holder is not None and holder.key != wanted.key


def set_flags(route: Route) -> None:
    """XAPI carries over neither settings nor protection (move_vlan, create)."""
    for wanted in route.target.interfaces:
        here = route.there(wanted.key)
        if here is None:
            continue
        keys = here.settings.keys() | wanted.settings.keys()
        settings = {
            key: wanted.settings.get(key, "")
            for key in sorted(keys)
            if here.settings.get(key, "") != wanted.settings.get(key, "")
        }
        gro = {"gro": wanted.properties["gro"]} if differs_in_gro(here, wanted) else {}
        protected = None if here.disallow_unplug == wanted.disallow_unplug else wanted.disallow_unplug
        if settings or gro or protected is not None:
            flags = {"settings": settings, "properties": gro, "disallow_unplug": protected}
            route.go(changes.SetFlags(at=wanted.key, name=route.name(wanted.key), **flags))  # type: ignore[arg-type]


def differs_in_gro(here: Interface, wanted: Interface) -> bool:
    """Only cards and bonds have it (xapi_pif.ml, set_property)."""
    settable = wanted.kind in {Kind.NIC, Kind.BOND} and "gro" in wanted.properties
    return settable and here.properties.get("gro", "on") != wanted.properties["gro"]


def set_sizes(route: Route) -> None:
    """The network's MTU first, then plugs from below: NICs, bonds, VLANs."""
    known = {each.uuid: each.mtu for each in route.data.networks}
    for network in route.target.networks:
        if network.mtu != known.get(network.uuid, network.mtu):
            route.go(changes.SetMTU(network=network.uuid, mtu=network.mtu, name=network.name))
    for wanted in sorted(route.target.interfaces, key=lambda each: list(Kind).index(each.kind)):
        here = route.there(wanted.key)
        if here and needs_plug(route, here, wanted):
            route.go(changes.PlugInterface(at=wanted.key, name=route.name(wanted.key)))


def needs_plug(route: Route, here: Interface, wanted: Interface) -> bool:
    """Members of a bond are plugged with it."""
    if any(here.mac in bond.members for bond in route.data.bonds) and here.kind == Kind.NIC:
        return False
    bond, target = route.data.bond(here.key), route.target
    members = [route.data.interface(f"nic:{mac}") for mac in bond.members] if bond else []
    wrong = [nic for nic in members if nic and nic.attached and not up(target, nic.key)]
    return bool(wrong) or (wanted.attached and (not here.attached or here.mtu != wanted.mtu))


def up(data: NetworkData, key: str) -> bool:
    found = data.interface(key)
    return found is not None and found.attached


def set_vifs(route: Route) -> None:
    """Those whose network is to be another one; all others are put back where they were, whatever XAPI did."""
    now, wanted = route.start.vifs, route.target.vifs
    moves = {vif: network for vif, network in wanted.items() if vif in now and now[vif] != network}
    if moves:
        names = ", ".join(sorted({route.target.network(uuid).name for uuid in moves.values()}))
        route.go(changes.MoveVIFs(moves=moves, name=names))
