"""Addresses of a new member's other interfaces, as they were given in the wizard."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pools.operations.after_join.member import MemberStep, member_of
from pools.operations.context import Context
from pools.operations.step import Differs, ReversibleStep
from pools.operations.underway import is_underway
from pools.operations.xe import xe
from pools.xapi.calls.network import Address
from pools.xapi.inventory import Snapshot
from pools.xapi.records import NULL, PIFRecord

CLASSES = ("host", "pif", "network")
GIVE = "Async.PIF.reconfigure_ip"
PLUG = "Async.PIF.plug"
OFF = Address(mode="None")


@dataclass(frozen=True, kw_only=True)
class InterfaceStep(MemberStep):
    """A step on the member's interface on one network, whichever PIF that is by then."""

    coordinator_address: str
    username: str
    network_uuid: str
    network_name: str

    def pif(self, ctx: Context) -> PIFRecord | None:
        """Return the interface that can have an address: a member of a bond cannot."""
        snapshot = Snapshot.from_wire({name: ctx.pool().records(name) for name in CLASSES})
        host = member_of(snapshot, self.host_uuid)
        there = [
            pif
            for pif in snapshot.pifs.values()
            if pif.host == host.ref and pif.bond_slave_of == NULL and self._is_there(snapshot, pif)
        ]
        return there[0] if len(there) == 1 else None

    def _is_there(self, snapshot: Snapshot, pif: PIFRecord) -> bool:
        return pif.network in snapshot.networks and snapshot.networks[pif.network].uuid == self.network_uuid

    def pif_or_stop(self, ctx: Context) -> PIFRecord:
        """Return the interface, or ask a person: without one there is nothing to give an address to."""
        pif = self.pif(ctx)
        if pif is None:
            raise Differs("XENWEB_NO_INTERFACE", (self.host_name, self.network_name))
        return pif


@dataclass(frozen=True, kw_only=True)
class GiveAddress(InterfaceStep, ReversibleStep):
    """PIF.reconfigure_ip on an interface that does not carry management, then PIF.plug (xapi_pif.ml)."""

    mode: str
    ip: str
    netmask: str
    gateway: str
    dns: str

    @property
    def address(self) -> Address:
        return Address(mode=self.mode, ip=self.ip, netmask=self.netmask, gateway=self.gateway, dns=self.dns)

    @property
    def title(self) -> str:
        what = f"{self.ip}/{self.netmask}" if self.mode == "Static" else "an address by DHCP"
        return f"Give {self.host_name} {what} on {self.network_name}"

    @property
    def call(self) -> str:
        values = f'"{self.mode}", "{self.ip}", "{self.netmask}", "{self.gateway}", "{self.dns}"'
        where = f"the interface of {self.host_name} on {self.network_name}"
        return f"Async.PIF.reconfigure_ip({where}, {values}) on {self.coordinator_name}"

    @property
    def xe(self) -> str:
        values = {"uuid": "<PIF>", "mode": self.mode.lower(), "IP": self.ip, "netmask": self.netmask}
        given = values | {"gateway": self.gateway, "DNS": self.dns}
        return xe(
            self.coordinator_address,
            self.username,
            "pif-reconfigure-ip",
            {key: value for key, value in given.items() if value},
        )

    @property
    def undo_text(self) -> str:
        return "The interface gets no address again."

    @property
    def look_at(self) -> Sequence[str]:
        return (f"{self.coordinator_name}: “xe pif-list host-uuid={self.host_uuid} params=device,IP,netmask”.",)

    def verify(self, ctx: Context) -> bool:
        pif = self.pif(ctx)
        return pif is not None and pif.currently_attached and configured(pif) == comparable(self.address)

    def run(self, ctx: Context) -> None:
        pif = self.pif_or_stop(ctx)
        if pif.management:
            raise Differs("XENWEB_MANAGEMENT_INTERFACE", (self.host_name, self.network_name))
        if configured(pif) != comparable(self.address):
            ctx.follow(ctx.pool(), ctx.pool().pif_reconfigure_ip(pif.ref, self.address))
        if ctx.doubt is None and not self.pif_or_stop(ctx).currently_attached:
            ctx.follow(ctx.pool(), ctx.pool().pif_plug(pif.ref))

    def may_repeat(self, ctx: Context) -> bool:
        """No such call is under way in the pool, and the interface is still as it was."""
        return not is_underway(ctx.pool(), GIVE, PLUG) and not self.verify(ctx)

    def undo(self, ctx: Context) -> None:
        pif = self.pif(ctx)
        if pif is not None and not pif.management and pif.ip_configuration_mode != OFF.mode:
            ctx.follow(ctx.pool(), ctx.pool().pif_reconfigure_ip(pif.ref, OFF))


def configured(pif: PIFRecord) -> Address:
    """Return the interface's configuration, as far as its mode counts it."""
    given = Address(mode=pif.ip_configuration_mode, ip=pif.IP, netmask=pif.netmask, gateway=pif.gateway, dns=pif.DNS)
    return comparable(given)


def comparable(address: Address) -> Address:
    """Only a static configuration has values of its own."""
    return address if address.mode == "Static" else replace(OFF, mode=address.mode)
