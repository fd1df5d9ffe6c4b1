"""From the pool's records to a network snapshot of one of its servers."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pools.forecast.interfaces import lower
from pools.forecast.matching import position
from pools.snapshots.data import Address, Bond, Interface, Kind, Layer, Network, NetworkData, Place
from pools.xapi.inventory import Snapshot
from pools.xapi.records import HostRecord, NetworkRecord, PBDRecord, PIFMetricsRecord, PIFRecord, VIFRecord, VMRecord

CLASSES: Final = (
    *("pool", "host", "host_metrics", "pif", "pif_metrics", "network", "bond", "vlan", "tunnel", "network_sriov"),
    *("vif", "vm", "sr", "pbd", "cluster_host", "certificate"),
)
"""The wire classes that a snapshot, and the forecast with it, are made of."""


def snapshot_of(pool: Snapshot, host_uuid: str) -> NetworkData:
    """Build it; what could not be read is said in ``missing``."""
    host = pool.host(host_uuid)
    if host is None:
        return NetworkData(place=Place(host_uuid=host_uuid), missing=("The pool does not know this server.",))
    return Build(pool=pool, host=host).data()


@dataclass(frozen=True, kw_only=True)
class Build:
    """One server of a pool."""

    pool: Snapshot
    host: HostRecord

    @cached_property
    def pifs(self) -> list[PIFRecord]:
        return self.pool.pifs_of(self.host)

    @cached_property
    def keys(self) -> dict[str, str]:
        """The stable key of every interface, by reference."""
        return {pif.ref: key_of(self.kind(pif), pif, self.network(pif).uuid) for pif in self.pifs}

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """What is no card, by reference: the last one named here is looked at first."""
        found = {bond.master: Kind.BOND for bond in self.pool.bonds.values()}
        found |= {each.logical_PIF: Kind.SRIOV for each in self.pool.network_sriovs.values()}
        found |= {pif.ref: Kind.VLAN for pif in self.pifs if pif.VLAN >= 0}
        return found | {tunnel.access_PIF: Kind.TUNNEL for tunnel in self.pool.tunnels.values()}

    def kind(self, pif: PIFRecord) -> Kind:
        return self.kinds.get(pif.ref, Kind.NIC)

    def network(self, pif: PIFRecord) -> NetworkRecord:
        return self.pool.networks.get(pif.network, NetworkRecord(ref=pif.network))

    def data(self) -> NetworkData:
        """Put all together, in an order that does not change by itself."""
        pool, on_them = self.pool, {pif.network for pif in self.pifs}
        return NetworkData(
            place=self.place(),
            interfaces=tuple(sorted((self.interface(pif) for pif in self.pifs), key=order)),
            bonds=tuple(sorted(self.bonds(), key=lambda bond: bond.key)),
            vlans=tuple(sorted(self.vlans(), key=lambda vlan: vlan.key)),
            tunnels=tuple(sorted(self.tunnels(), key=lambda tunnel: tunnel.key)),
            networks=tuple(sorted(self.networks(), key=lambda network: network.uuid)),
            vifs={vif.uuid: pool.networks[vif.network].uuid for vif in vifs_on(pool, on_them)},
            storage={pool.srs[pbd.SR].uuid: pool.srs[pbd.SR].name_label for pbd in attached(pool, self.host)},
            residents={vm.uuid: vm.name_label for vm in resident(pool, self.host)},
            cluster_interface=self.cluster_interface(),
            missing=tuple(self.missing()),
        )

    def place(self) -> Place:
        pool, host = self.pool.pool, self.host
        return Place(
            host_uuid=host.uuid,
            host_name=host.name_label,
            hostname=host.hostname,
            address=host.address,
            enabled=host.enabled,
            live=self.pool.is_live(host),
            xapi_build=host.software_version.get("xapi_build", ""),
            pool_uuid=pool.uuid,
            pool_name=pool.name_label,
            coordinator_uuid=self.pool.master.uuid,
            ha_enabled=pool.ha_enabled,
            redo_log_enabled=pool.redo_log_enabled,
        )

    def interface(self, pif: PIFRecord) -> Interface:
        metrics = self.pool.pif_metrics.get(pif.metrics)
        kind = self.kind(pif)
        place = position(self.network(pif).bridge) if kind == Kind.NIC else None
        seen = metrics or PIFMetricsRecord(ref="")
        return Interface(
            key=self.keys[pif.ref],
            kind=kind,
            uuid=pif.uuid,
            device=pif.device,
            mac=pif.MAC,
            position=-1 if place is None else place,
            vlan=pif.VLAN,
            mtu=pif.MTU,
            network=self.network(pif).uuid,
            address=address_of(pif),
            management=pif.management,
            attached=pif.currently_attached,
            managed=pif.managed,
            disallow_unplug=pif.disallow_unplug,
            properties=dict(pif.properties),
            settings=dict(pif.settings),
            carrier=metrics.carrier if metrics else None,
            speed=seen.speed,
            slot=seen.pci_bus_path,
            card=seen.device_name,
        )

    def bonds(self) -> Iterator[Bond]:
        for bond in self.pool.bonds.values():
            master = self.pool.pifs.get(bond.master)
            if master is None or master.ref not in self.keys:
                continue
            members = [self.pool.pifs[ref] for ref in bond.slaves if ref in self.pool.pifs]
            first_primary = sorted(members, key=lambda pif: (pif.ref != bond.primary_slave, pif.device))
            primary = self.pool.pifs.get(bond.primary_slave)
            yield Bond(
                key=self.keys[master.ref],
                uuid=bond.uuid,
                network=self.network(master).uuid,
                members=tuple(pif.MAC for pif in first_primary),
                primary=primary.MAC if primary else "",
                mode=bond.mode,
                properties=dict(bond.properties),
                auto_update_mac=bond.auto_update_mac,
                mac=master.MAC,
            )

    def vlans(self) -> Iterator[Layer]:
        for pif in self.pifs:
            if self.kind(pif) == Kind.VLAN:
                below = lower(self.pool, pif)
                vlan = next((each for each in self.pool.vlans.values() if each.untagged_PIF == pif.ref), None)
                yield Layer(
                    key=self.keys[pif.ref],
                    uuid=vlan.uuid if vlan else "",
                    network=self.network(pif).uuid,
                    below=self.keys.get(below.ref, "") if below else "",
                    tag=pif.VLAN,
                )

    def tunnels(self) -> Iterator[Layer]:
        for tunnel in self.pool.tunnels.values():
            access = self.pool.pifs.get(tunnel.access_PIF)
            if access and access.ref in self.keys:
                yield Layer(
                    key=self.keys[access.ref],
                    uuid=tunnel.uuid,
                    network=self.network(access).uuid,
                    below=self.keys.get(tunnel.transport_PIF, ""),
                    protocol=tunnel.protocol,
                )

    def networks(self) -> Iterator[Network]:
        for ref in {pif.network for pif in self.pifs} & self.pool.networks.keys():
            record = self.pool.networks[ref]
            yield Network(
                uuid=record.uuid,
                name=record.name_label,
                description=record.name_description,
                bridge=record.bridge,
                mtu=record.MTU,
                managed=record.managed,
                purpose=tuple(sorted(record.purpose)),
                tags=tuple(sorted(record.tags)),
                locking=record.default_locking_mode,
                settings=dict(record.settings),
            )

    def cluster_interface(self) -> str:
        member = next((each for each in self.pool.cluster_hosts.values() if each.host == self.host.ref), None)
        return self.keys.get(member.PIF, "") if member else ""

    def missing(self) -> Iterator[str]:
        unread = sorted(self.pool.unread & set(CLASSES))
        if unread:
            yield f"The pool did not say all: {', '.join(unread)}."
        if not self.pool.is_live(self.host):
            yield f"{self.host.name_label} does not report to the pool: these are its last known values."
        if not any(pif.physical for pif in self.pifs):
            yield "The pool knows no network card of this server."
        if not any(pif.management for pif in self.pifs):
            yield "No interface of this server carries management."


def key_of(kind: Kind, pif: PIFRecord, network_uuid: str) -> str:
    if kind == Kind.NIC:
        return f"nic:{pif.MAC or pif.device}"
    tag = f":{pif.VLAN}" if kind == Kind.VLAN else ""
    return f"{kind.value.lower()}:{network_uuid}{tag}"


def address_of(pif: PIFRecord) -> Address:
    return Address(
        mode=pif.ip_configuration_mode,
        ip=pif.IP,
        netmask=pif.netmask,
        gateway=pif.gateway,
        dns=pif.DNS,
        ipv6_mode=pif.ipv6_configuration_mode,
        ipv6=tuple(text for text in pif.IPv6 if text),
        ipv6_gateway=pif.ipv6_gateway,
        primary=pif.primary_address_type,
    )


def order(interface: Interface) -> tuple[int, int, str, int]:
    return list(Kind).index(interface.kind), interface.position, interface.device, interface.vlan


def vifs_on(pool: Snapshot, networks: set[str]) -> list[VIFRecord]:
    """Of all VMs of the pool, wherever they run; in a steady order."""
    found = (vif for vif in pool.vifs.values() if vif.network in networks and vif.network in pool.networks)
    return sorted(found, key=lambda vif: vif.uuid)


def attached(pool: Snapshot, host: HostRecord) -> list[PBDRecord]:
    """The server's connections to storage that are plugged in."""
    return [pbd for pbd in pool.pbds.values() if pbd.host == host.ref and pbd.currently_attached and pbd.SR in pool.srs]


def resident(pool: Snapshot, host: HostRecord) -> list[VMRecord]:
    return [vm for vm in pool.vms.values() if vm.resident_on == host.ref and not vm.is_control_domain]
