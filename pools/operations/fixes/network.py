"""Bonds, VLANs and tunnels of a joiner are taken apart; what was there stays in the steps, to be made again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pools.operations.context import Context
from pools.operations.fixes.fix import FixStep
from pools.operations.step import ReversibleStep, Stale
from pools.xapi.gateway import Xapi
from pools.xapi.records import PIFRecord


@dataclass(frozen=True, kw_only=True)
class OnNetwork(FixStep, ReversibleStep):
    """What lies on a network of the server. Undo makes it again on the same network."""

    uuid: str
    network_uuid: str
    network_name: str
    name: str

    def network(self, xapi: Xapi) -> str:
        return xapi.ref_of("network", self.network_uuid)

    def is_made_again(self, xapi: Xapi) -> bool:
        """Whether the server has an interface on the network: nothing more is made there."""
        pifs = xapi.records("PIF").values()
        return self.network(xapi) in {str(pif.get("network")) for pif in pifs}


@dataclass(frozen=True, kw_only=True)
class DestroyBond(OnNetwork):
    """Bond.destroy: address, management, VLANs and VIFs move to the primary member (xapi_bond.ml, destroy)."""

    member_uuids: Sequence[str]
    primary_uuid: str
    primary_device: str
    mode: str
    properties: Mapping[str, str]
    ip_mode: str
    ip: str
    management: bool
    vms: Sequence[str]

    @property
    def title(self) -> str:
        return f"Remove the bond {self.name}"

    @property
    def call(self) -> str:
        return f"Async.Bond.destroy({self.name}, {self.uuid}) {self.at}"

    @property
    def xe(self) -> str:
        return self.command("bond-destroy", uuid=self.uuid)

    @property
    def undo_text(self) -> str:
        return f"A bond of the same members and mode ({self.mode}) is made on the same network, with another uuid."

    @property
    def interruption(self) -> str:
        moved = f"Management ({self.ip}) moves to {self.primary_device}, for some seconds. " if self.management else ""
        vms = f" Interfaces of {', '.join(self.vms)} move, too." if self.vms else ""
        lacp = " Whether its switch ports (LACP) serve a single card is not known." if self.mode == "lacp" else ""
        return f"{moved}VLANs and addresses of the bond move to {self.primary_device}.{vms}{lacp}"

    @property
    def expected_seconds(self) -> float:
        return 20.0

    @property
    def look_at(self) -> Sequence[str]:
        return (f"{self.host}: “xe bond-list” and “xe pif-list management=true params=device,IP,carrier”.",)

    def precheck(self, ctx: Context) -> None:
        """A destroy that ended half-way is not repeated: it would copy an empty address (xapi_bond.ml, destroy)."""
        if not self._is_whole(self.xapi(ctx)):
            raise Stale([f"{self.host}: the bond {self.name} is not what it was; part of it may have been moved."])

    def _is_whole(self, xapi: Xapi) -> bool:
        bond = xapi.found("Bond", self.uuid)
        if bond is None:
            return False
        pifs = {ref: PIFRecord.from_wire(ref, wire) for ref, wire in xapi.records("PIF").items()}
        own = pifs.get(str(bond[1].get("master")))
        members = {pif.uuid for pif in pifs.values() if pif.bond_slave_of == bond[0]}
        return own is not None and own.ip_configuration_mode == self.ip_mode and members == set(self.member_uuids)

    def verify(self, ctx: Context) -> bool:
        """Gone; and where it carried management, its first member does, at the address that answers now."""
        xapi = self.xapi(ctx)
        if xapi.found("Bond", self.uuid) is not None:
            return False
        found = xapi.found("PIF", self.primary_uuid)
        if found is None or not self.management:
            return found is not None
        pif = PIFRecord.from_wire(*found)
        ctx.notes.proved = f"{self.host} answers with management on {pif.device} ({pif.IP})."
        return pif.management and self.ip in {pif.IP, ""}

    def run(self, ctx: Context) -> None:
        xapi = self.xapi(ctx)
        ctx.follow(xapi, xapi.bond_destroy(xapi.ref_of("Bond", self.uuid)))

    def may_repeat(self, ctx: Context) -> bool:
        """It is as it was: nothing of it was moved."""
        return self._is_whole(self.xapi(ctx))

    def undo(self, ctx: Context) -> None:
        xapi = self.xapi(ctx)
        if not self.is_made_again(xapi):
            members = [xapi.ref_of("PIF", uuid) for uuid in (self.primary_uuid, *self._others)]
            ctx.follow(xapi, xapi.bond_create(self.network(xapi), members, self.mode, self.properties))

    @property
    def _others(self) -> list[str]:
        return [uuid for uuid in self.member_uuids if uuid != self.primary_uuid]


@dataclass(frozen=True, kw_only=True)
class DestroyVLAN(OnNetwork):
    """VLAN.destroy: its interface goes, the network stays."""

    tag: int
    below_uuid: str
    has_address: bool

    @property
    def title(self) -> str:
        return f"Remove VLAN {self.tag} from {self.name}"

    @property
    def call(self) -> str:
        return f"Async.VLAN.destroy({self.tag} on {self.name}, {self.uuid}) {self.at}"

    @property
    def xe(self) -> str:
        return self.command("vlan-destroy", uuid=self.uuid)

    @property
    def undo_text(self) -> str:
        address = ", without its address" if self.has_address else ""
        return f"The VLAN is made again on the same network{address}."

    @property
    def interruption(self) -> str:
        return f"{self.host} has no way to {self.network_name} any more; a pool that has this VLAN brings it back."

    def verify(self, ctx: Context) -> bool:
        return self.xapi(ctx).found("VLAN", self.uuid) is None

    def run(self, ctx: Context) -> None:
        xapi = self.xapi(ctx)
        ctx.follow(xapi, xapi.vlan_destroy(xapi.ref_of("VLAN", self.uuid)))

    def may_repeat(self, ctx: Context) -> bool:
        """It is still there."""
        return not self.verify(ctx)

    def undo(self, ctx: Context) -> None:
        xapi = self.xapi(ctx)
        if not self.is_made_again(xapi):
            ctx.follow(xapi, xapi.vlan_create(xapi.ref_of("PIF", self.below_uuid), self.tag, self.network(xapi)))


@dataclass(frozen=True, kw_only=True)
class DestroyTunnel(OnNetwork):
    """tunnel.destroy: its interface goes, the network stays."""

    transport_uuid: str
    protocol: str

    @property
    def title(self) -> str:
        return f"Remove the tunnel of {self.network_name}"

    @property
    def call(self) -> str:
        return f"Async.tunnel.destroy({self.network_name} over {self.name}, {self.uuid}) {self.at}"

    @property
    def xe(self) -> str:
        return self.command("tunnel-destroy", uuid=self.uuid)

    @property
    def undo_text(self) -> str:
        return "The tunnel is made again, of the same protocol on the same network."

    @property
    def interruption(self) -> str:
        return f"{self.network_name} is a network of this server alone then."

    def verify(self, ctx: Context) -> bool:
        return self.xapi(ctx).found("tunnel", self.uuid) is None

    def run(self, ctx: Context) -> None:
        xapi = self.xapi(ctx)
        ctx.follow(xapi, xapi.tunnel_destroy(xapi.ref_of("tunnel", self.uuid)))

    def may_repeat(self, ctx: Context) -> bool:
        """It is still there."""
        return not self.verify(ctx)

    def undo(self, ctx: Context) -> None:
        xapi = self.xapi(ctx)
        if not self.is_made_again(xapi):
            transport = xapi.ref_of("PIF", self.transport_uuid)
            ctx.follow(xapi, xapi.tunnel_create(transport, self.network(xapi), self.protocol))
