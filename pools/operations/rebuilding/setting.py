"""What stands with a card's network or an interface: names, MTU, addresses, settings; and where management is."""

from dataclasses import dataclass

from pools.operations.context import Context
from pools.operations.rebuilding.step import RebuildStep, Site, give_back
from pools.snapshots import data, items
from pools.snapshots.data import NO_MODE, Interface
from pools.snapshots.rebuilding import servers
from pools.xapi.calls.network import Address
from pools.xapi.gateway import Xapi


@dataclass(frozen=True, kw_only=True)
class SetNetwork(RebuildStep):
    """The network of a card exists: it gets its old name, MTU and settings, and is plugged again for them."""

    @property
    def title(self) -> str:
        return f"Give back its network’s name and settings: {self.words}"

    @property
    def call(self) -> str:
        return f"network.set_name_label · network.set_MTU · network.add_to_other_config · Async.PIF.plug {self.at}"

    def run(self, ctx: Context) -> None:
        site, xapi = self.site(ctx), self.xapi(ctx)
        saved, found = site.saved.interface(self.about), site.there(self.about)
        pif = site.pif(self.about, self.host)
        if saved is None or found is None:
            return
        wanted, ref = site.saved.network(saved.network), site.network_ref(found.network)
        give_back(xapi, ref, wanted)
        ctx.follow(xapi, xapi.pif_plug(pif))


@dataclass(frozen=True, kw_only=True)
class SetAddress(RebuildStep):
    """PIF.reconfigure_ip and reconfigure_ipv6, then the settings of the interface, then PIF.plug."""

    @property
    def title(self) -> str:
        return f"Give back {self.words}"

    @property
    def call(self) -> str:
        return f"Async.PIF.reconfigure_ip, reconfigure_ipv6 · PIF.add_to_other_config ({self.words}) {self.at}"

    def run(self, ctx: Context) -> None:
        site = self.site(ctx)
        saved, found = site.saved.interface(self.about), site.there(self.about)
        pif = site.pif(self.about, self.host)
        if saved is None or found is None:
            return
        self.addresses(ctx, saved, found, pif)
        if ctx.doubt is None:
            self.rest(self.xapi(ctx), saved, found, pif)
        if ctx.doubt is None and not found.attached:
            ctx.follow(self.xapi(ctx), self.xapi(ctx).pif_plug(pif))

    def addresses(self, ctx: Context, saved: Interface, found: Interface, pif: str) -> None:
        """Only what differs: an address set anew cuts the connection for a moment."""
        xapi, wanted, now = self.xapi(ctx), saved.address, found.address
        four = Address(mode=wanted.mode, ip=wanted.ip, netmask=wanted.netmask, gateway=wanted.gateway)
        if wanted.mode != NO_MODE and ipv4(wanted) != ipv4(now):
            given = Address(**{**vars(four), "dns": ",".join(servers(wanted.dns, 4))})
            ctx.follow(xapi, xapi.pif_reconfigure_ip(pif, given))
        six = (wanted.ipv6_mode, next(iter(wanted.ipv6), ""), wanted.ipv6_gateway)
        if ctx.doubt is None and wanted.ipv6_mode != NO_MODE and ipv6(wanted) != ipv6(now):
            dns = ",".join(servers(wanted.dns, 6))
            static = (*six, dns) if wanted.ipv6_mode == "Static" else (wanted.ipv6_mode, "", "", "")
            ctx.follow(xapi, xapi.pif_reconfigure_ipv6(pif, static))

    def rest(self, xapi: Xapi, saved: Interface, found: Interface, pif: str) -> None:
        if saved.disallow_unplug:
            xapi.pif_set_disallow_unplug(pif, value=True)
        for key, value in saved.settings.items():
            xapi.pif_add_to_other_config(pif, key, value)
        for key, value in items.own_properties(saved).items():
            xapi.pif_set_property(pif, key, value)
        if not found.management and saved.address.primary != found.address.primary:
            xapi.pif_set_primary_address_type(pif, saved.address.primary)


def ipv4(address: data.Address) -> tuple[str, ...]:
    """What was set up; a lease brings the rest by itself."""
    given = (address.ip, address.netmask, address.gateway, address.dns)
    return (address.mode, *(given if address.mode == "Static" else ()))


def ipv6(address: data.Address) -> tuple[str, ...]:
    given = (*address.ipv6, address.ipv6_gateway)
    return (address.ipv6_mode, *(given if address.ipv6_mode == "Static" else ()))


@dataclass(frozen=True, kw_only=True)
class PlaceManagement(RebuildStep):
    """Management moves with its bond or VLAN as a rule; where it did not, host.management_reconfigure."""

    @property
    def title(self) -> str:
        return self.words

    @property
    def call(self) -> str:
        return f"Async.host.management_reconfigure({self.words}) {self.at}"

    @property
    def interruption(self) -> str:
        return f"{self.host} may not answer for some seconds."

    def verify(self, ctx: Context) -> bool:
        """It is there; the session over which that is read proves that the server answers."""
        return self.is_there(self.site(ctx))

    def is_there(self, site: Site) -> bool:
        found = site.there(self.about)
        return found is not None and found.management

    def run(self, ctx: Context) -> None:
        site, xapi = self.site(ctx), self.xapi(ctx)
        ctx.follow(xapi, xapi.host_management_reconfigure(site.pif(self.about, self.host)))
