"""Bonds, VLANs and tunnels, each on a new network of its own with the old name (network.md's order: bonds first)."""

from dataclasses import dataclass

from pools.operations.context import Context
from pools.operations.rebuilding.step import RebuildStep, Site, give_back
from pools.operations.step import Differs
from pools.snapshots.data import NO_MODE, Bond, Interface, Kind
from pools.snapshots.matching import missing
from pools.snapshots.rebuilding import DEFAULT_MTU
from pools.xapi.calls.building import MARK, NewBond, NewNetwork
from pools.xapi.gateway import Xapi


@dataclass(frozen=True, kw_only=True)
class MakeStep(RebuildStep):
    """Makes a network, marked with what it is for, and something on it."""

    @property
    def mark(self) -> str:
        return f"{self.snapshot}:{self.about}"

    def new_network(self, ctx: Context, site: Site, interface: Interface) -> str:
        """The reference of the marked network; it is made unless an earlier attempt made it."""
        xapi, wanted = self.xapi(ctx), site.saved.network(interface.network)
        if not self.marked(xapi):
            mtu = wanted.mtu or DEFAULT_MTU
            values = {"name": wanted.name, "description": wanted.description, "mtu": mtu, "mark": self.mark}
            xapi.network_create(NewNetwork(settings=dict(wanted.settings), tags=wanted.tags, **values))  # type: ignore[arg-type]
        made = self.marked(xapi)
        give_back(xapi, made, wanted)
        return made

    def marked(self, xapi: Xapi) -> str:
        for ref, wire in xapi.records("network").items():
            config = wire.get("other_config")
            if isinstance(config, dict) and config.get(MARK) == self.mark:
                return ref
        return ""

    def interface(self, site: Site) -> Interface:
        found = site.saved.interface(self.about)
        if found is None:
            raise Differs("XENWEB_SNAPSHOT_GONE", (self.host,))
        return found


@dataclass(frozen=True, kw_only=True)
class MakeBond(MakeStep):
    """Bond.create, the primary member first: its address, and management, move onto the bond (xapi_bond.ml)."""

    @property
    def title(self) -> str:
        return f"Make the bond again: {self.words}"

    @property
    def call(self) -> str:
        return f"network.create(…) · Async.Bond.create({self.words}) {self.at}"

    @property
    def interruption(self) -> str:
        return f"{self.host} may not answer for some seconds while addresses move onto the bond."

    def run(self, ctx: Context) -> None:
        site = self.site(ctx)
        interface = self.interface(site)
        bond, found = site.saved.bond(self.about), site.there(self.about)
        if bond is None or found is not None:
            return self.adjust(ctx, site)
        members = [site.pif(key, self.host) for key in self.cards(site, bond)]
        network = self.new_network(ctx, site, interface)
        mac = "" if bond.auto_update_mac else bond.mac
        wanted = NewBond(network=network, members=members, mode=bond.mode, mac=mac, properties=dict(bond.properties))
        xapi = self.xapi(ctx)
        ctx.follow(xapi, xapi.bond_make(wanted))
        if ctx.doubt is None:
            self.clear(ctx)
        return None

    def verify(self, ctx: Context) -> bool:
        return super().verify(ctx) and not self.left_over(self.site(ctx))

    def clear(self, ctx: Context) -> None:
        """Bond.create moves IPv4 alone (xapi_bond.ml): a member keeps an IPv6 address that serves nobody."""
        for pif in self.left_over(self.site(ctx)):
            ctx.follow(self.xapi(ctx), self.xapi(ctx).pif_reconfigure_ipv6(pif, ("None", "", "", "")))

    def left_over(self, site: Site) -> list[str]:
        """The members that still have an IPv6 configuration."""
        bond = site.saved.bond(self.about)
        cards = [site.there(key) for key in self.cards(site, bond)] if bond else []
        return [site.pif(card.key, self.host) for card in cards if card and card.address.ipv6_mode != NO_MODE]

    def may_repeat(self, ctx: Context) -> bool:
        """The network is found by its mark; a bond that was made in part is never made a second time."""
        return ctx.doubt is not None and ctx.doubt.call != "Async.Bond.create"

    def adjust(self, ctx: Context, site: Site) -> None:
        """The bond of these cards is there; one with other values is somebody else's, and not taken apart."""
        if missing(site.saved, site.now, self.about, self.what):
            raise Differs("XENWEB_OTHER_BOND", (self.host, self.words))
        self.clear(ctx)

    def cards(self, site: Site, bond: Bond) -> list[str]:
        keys = {nic.mac: nic.key for nic in site.saved.nics}
        return [keys.get(mac, mac) for mac in bond.members]


@dataclass(frozen=True, kw_only=True)
class MakeVLAN(MakeStep):
    """VLAN.create on the bond or card that it was on; that of management is there, without its network's values."""

    @property
    def title(self) -> str:
        return f"Make the VLAN again: {self.words}"

    @property
    def call(self) -> str:
        return f"network.create(…) · Async.VLAN.create({self.words}) {self.at}"

    def run(self, ctx: Context) -> None:
        site = self.site(ctx)
        interface, layer = self.interface(site), site.saved.layer(self.about)
        if layer is None:
            return
        xapi, found = self.xapi(ctx), site.there(self.about)
        if found is not None:
            give_back(xapi, site.network_ref(found.network), site.saved.network(interface.network))
            ctx.follow(xapi, xapi.pif_plug(site.pif(self.about, self.host)))
            return
        below = site.saved.interface(layer.below)
        bond = site.saved.bond_over(below) if below and below.kind == Kind.NIC else None
        carrier = site.pif(bond.key if bond else layer.below, self.host)
        network = self.new_network(ctx, site, interface)
        ctx.follow(xapi, xapi.vlan_create(carrier, layer.tag, network))


@dataclass(frozen=True, kw_only=True)
class MakeTunnel(MakeStep):
    """tunnel.create over the interface that it was over."""

    @property
    def title(self) -> str:
        return f"Make the tunnel again: {self.words}"

    @property
    def call(self) -> str:
        return f"network.create(…) · Async.tunnel.create({self.words}) {self.at}"

    def run(self, ctx: Context) -> None:
        site = self.site(ctx)
        layer = site.saved.layer(self.about)
        if layer is None or site.there(self.about) is not None:
            return
        transport = site.pif(layer.below, self.host)
        network, xapi = self.new_network(ctx, site, self.interface(site)), self.xapi(ctx)
        ctx.follow(xapi, xapi.tunnel_create(transport, network, layer.protocol))
