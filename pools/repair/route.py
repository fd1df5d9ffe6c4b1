"""The way from one network of a member to another, while it is planned: the changes so far, and what they make."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from pools.repair import changes
from pools.repair.changes import Change
from pools.repair.model import apply
from pools.repair.state import Refused, nic_key, of_version
from pools.snapshots.data import NO_MODE, Address, Bond, Interface, Kind, Layer, NetworkData


class Impossible(Exception):
    """There is no safe way, and ``code`` with ``params`` says why (a card in pools/xapi/messages)."""

    def __init__(self, code: str, *params: str) -> None:
        self.code = code
        self.params = params
        super().__init__(code)


@dataclass(frozen=True, kw_only=True)
class Way:
    """What a person decides about the way. ``temporary``: where management answers while its NICs are exchanged."""

    temporary: Address | None = None


@dataclass(kw_only=True)
class Route:
    """``data``: the network after the changes ``made`` so far. ``going`` and ``coming``: bonds that go and come."""

    start: NetworkData
    target: NetworkData
    way: Way
    data: NetworkData
    made: list[Change] = field(default_factory=list)
    warnings: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    @property
    def host(self) -> str:
        return self.start.place.host_name

    @property
    def going(self) -> list[Bond]:
        return [bond for bond in self.start.bonds if not stays(bond, self.target)]

    @property
    def coming(self) -> list[Bond]:
        return [bond for bond in self.target.bonds if not stays(bond, self.start)]

    def go(self, change: Change) -> None:
        """Take this change, with all that it drags along."""
        before = self.data.management
        try:
            self.data = apply(self.data, change)
        except Refused as refused:
            raise Impossible("XENWEB_XAPI_WOULD_REFUSE", self.host, describe(change), refused.code) from None
        self.made.append(change)
        self.warn_of_single_nic(before)

    def warn_of_single_nic(self, before: Interface | None) -> None:
        """A switch port that wants LACP may not serve a NIC alone."""
        after = self.data.management
        bond = self.start.bond(before.key) if before else None
        if bond and bond.mode == "lacp" and after and after.kind == Kind.NIC:
            self.warnings.append(("XENWEB_MANAGEMENT_ON_ONE_NIC", (self.host, after.device)))

    def there(self, key: str) -> Interface | None:
        return self.data.interface(key)

    def name(self, key: str) -> str:
        """An interface for people, as it is or as it will be."""
        for data in (self.data, self.target, self.start):
            found = data.interface(key)
            if found and (name := data.named(found)):
                return name
        return key

    def dest(self, key: str) -> str:
        """Where what lies on an interface of the start ends, when the bonds are changed and nothing else is done."""
        gone = next((bond for bond in self.going if bond.key == key), None)
        at = nic_key(gone.primary or gone.members[0]) if gone else key
        holders = [*self.coming, *(bond for bond in self.start.bonds if bond not in self.going)]
        return next((bond.key for bond in holders if at in map(nic_key, bond.members)), at)

    def set_ipv4(self, key: str, wanted: Address) -> None:
        here = self.there(key)
        if here and not same_ipv4(here.address, wanted):
            self.go(ipv4(key, self.name(key), wanted))

    def clear_ipv4(self, key: str) -> None:
        here = self.there(key)
        if here and here.address.mode != NO_MODE:
            self.go(changes.SetIPv4(at=key, name=self.name(key)))

    def set_ipv6(self, key: str, wanted: Address) -> None:
        here = self.there(key)
        if here and not same_ipv6(here.address, wanted):
            self.go(ipv6(key, self.name(key), wanted))

    def destroy_vlan(self, layer: Layer) -> None:
        """Protection against unplugging goes first: the plan says that it comes back."""
        here = self.there(layer.key)
        if here and here.disallow_unplug:
            self.go(changes.SetFlags(at=layer.key, name=self.name(layer.key), disallow_unplug=False))
        values = {"network": layer.network, "tag": layer.tag, "below": layer.below}
        self.go(changes.DestroyVLAN(at=layer.key, uuid=layer.uuid, name=self.name(layer.key), **values))  # type: ignore[arg-type]

    def devices(self, macs: Iterable[str]) -> tuple[str, ...]:
        """The NICs' names; by the MAC where a NIC has none."""
        known = {nic.mac: nic.device for nic in (*self.target.nics, *self.start.nics)}
        return tuple(known.get(mac, mac) for mac in macs)


def stays(bond: Bond, other: NetworkData) -> bool:
    """Whether the other network has this bond: the same NICs, and the same MAC."""
    twin = other.bond(bond.key)
    return twin is not None and (set(twin.members), own_mac(twin)) == (set(bond.members), own_mac(bond))


def own_mac(bond: Bond) -> str:
    """Which MAC it has: that of its primary member, or a given one."""
    return f"of {bond.primary or bond.members[0]}" if bond.auto_update_mac else bond.mac


def ipv4(key: str, name: str, wanted: Address) -> changes.SetIPv4:
    if wanted.mode != "Static":
        return changes.SetIPv4(at=key, name=name, mode=wanted.mode)
    dns = of_version(wanted.dns, 4)
    values = {"ip": wanted.ip, "netmask": wanted.netmask, "gateway": wanted.gateway, "dns": dns}
    return changes.SetIPv4(at=key, name=name, mode=wanted.mode, **values)


def ipv6(key: str, name: str, wanted: Address) -> changes.SetIPv6:
    if wanted.ipv6_mode != "Static":
        return changes.SetIPv6(at=key, name=name, mode=wanted.ipv6_mode)
    values = {"address": next(iter(wanted.ipv6), ""), "gateway": wanted.ipv6_gateway, "dns": of_version(wanted.dns, 6)}
    return changes.SetIPv6(at=key, name=name, mode=wanted.ipv6_mode, **values)


def same_ipv4(one: Address, other: Address) -> bool:
    return ipv4("", "", one) == ipv4("", "", other)


def same_ipv6(one: Address, other: Address) -> bool:
    return ipv6("", "", one) == ipv6("", "", other)


def unprotected(data: NetworkData) -> NetworkData:
    """As if HA was off: it is switched off around a repair."""
    return replace(data, place=replace(data.place, ha_enabled=False))


def describe(change: Change) -> str:
    """A change in two words."""
    return f"{type(change).__name__} {change.name}".strip()
