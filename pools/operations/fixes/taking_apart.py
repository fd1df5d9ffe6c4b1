"""The fixes that take the network of a joiner apart: what is removed, what forbids it, the steps."""

from collections.abc import Mapping, Sequence

from pools.checks.facts import Facts, ServerFacts
from pools.checks.finding import Finding, listed
from pools.checks.registry import refusal, warning
from pools.operations.fixes.fix import Fix, target
from pools.operations.fixes.network import DestroyBond, DestroyTunnel, DestroyVLAN
from pools.operations.kind import Choices
from pools.operations.step import Step
from pools.xapi.records import BondRecord, NetworkRecord, PIFRecord, TunnelRecord, VLANRecord

LACP = "lacp"


class Bonds(Fix):
    """No bond on a server that joins (assert_no_bonds_on_me)."""

    kind = "fix_bonds"
    title = "Remove bonds"
    solves = "Remove its bonds"
    about = (
        "A joining server brings no bonds: the pool makes its own on it after the join. Addresses, management, VLANs "
        "and VMs' interfaces move to the first member of each bond."
    )
    steps = (DestroyBond,)

    def rests_on(self, server: ServerFacts) -> Mapping[str, str]:
        return {"bonds": ", ".join(f"{bond_name(server, bond)} {bond.mode} ({bond.uuid})" for bond in bonds(server))}

    def is_needed(self, server: ServerFacts) -> bool:
        return bool(server.snapshot.bonds)

    def obstacles(self, server: ServerFacts, choices: Choices) -> list[Finding]:
        """Management needs a link below it, and HA lets nobody touch it; what a switch does is said."""
        found: list[Finding] = []
        for bond in bonds(server):
            primary = pif_of(server, bond.primary_slave)
            if pif_of(server, bond.master).management:
                if server.snapshot.pool.ha_enabled:
                    found.append(refusal("XENWEB_FIX_HA_HOLDS_MANAGEMENT", server, server.name_label))
                if not has_carrier(server, primary):
                    found.append(refusal("XENWEB_FIX_NO_CARRIER", server, server.name_label, primary.device))
            if bond.mode == LACP:
                found.append(warning("XENWEB_FIX_LACP", server, server.name_label, bond_name(server, bond)))
        return found

    def plan(self, facts: Facts, choices: Choices) -> Sequence[Step]:
        return [bond_step(facts.coordinator, bond, target(facts, choices)) for bond in bonds(facts.coordinator)]


class VLANs(Fix):
    """Only the management VLAN on a server that joins (assert_no_non_management_vlans_on_me)."""

    kind = "fix_vlans"
    title = "Remove VLANs"
    solves = "Remove its VLANs"
    about = "A joining server brings no VLANs but that of its management. Those of the pool are made on it by the join."
    steps = (DestroyVLAN,)

    def rests_on(self, server: ServerFacts) -> Mapping[str, str]:
        return {"VLANs": ", ".join(f"{vlan.tag} ({vlan.uuid})" for vlan in vlans(server))}

    def is_needed(self, server: ServerFacts) -> bool:
        return bool(vlans(server))

    def obstacles(self, server: ServerFacts, choices: Choices) -> list[Finding]:
        return [finding for vlan in vlans(server) for finding in in_use(server, pif_of(server, vlan.untagged_PIF))]

    def plan(self, facts: Facts, choices: Choices) -> Sequence[Step]:
        server, where = facts.coordinator, target(facts, choices)
        return [vlan_step(server, vlan, where) for vlan in vlans(server)]


class Tunnels(Fix):
    """No tunnel on a server that joins (assert_no_tunnels_on_me)."""

    kind = "fix_tunnels"
    title = "Remove tunnels"
    solves = "Remove its tunnels"
    about = "A joining server brings no tunnels: networks across servers are made anew in the pool."
    steps = (DestroyTunnel,)

    def rests_on(self, server: ServerFacts) -> Mapping[str, str]:
        return {"tunnels": ", ".join(sorted(tunnel.uuid for tunnel in server.snapshot.tunnels.values()))}

    def is_needed(self, server: ServerFacts) -> bool:
        return bool(server.snapshot.tunnels)

    def obstacles(self, server: ServerFacts, choices: Choices) -> list[Finding]:
        tunnels = server.snapshot.tunnels.values()
        return [finding for tunnel in tunnels for finding in in_use(server, pif_of(server, tunnel.access_PIF))]

    def plan(self, facts: Facts, choices: Choices) -> Sequence[Step]:
        server, where = facts.coordinator, target(facts, choices)
        ordered = sorted(server.snapshot.tunnels.values(), key=lambda tunnel: tunnel.uuid)
        return [tunnel_step(server, tunnel, where) for tunnel in ordered]


def bonds(server: ServerFacts) -> list[BondRecord]:
    return sorted(server.snapshot.bonds.values(), key=lambda bond: (bond_name(server, bond), bond.uuid))


def vlans(server: ServerFacts) -> list[VLANRecord]:
    """The VLANs that XAPI would count."""
    management = server.management.ref if server.management else ""
    found = [vlan for vlan in server.snapshot.vlans.values() if vlan.untagged_PIF != management]
    return sorted(found, key=lambda vlan: (vlan.tag, vlan.uuid))


def pif_of(server: ServerFacts, ref: str) -> PIFRecord:
    return server.snapshot.pifs.get(ref, PIFRecord(ref=ref))


def network_of(server: ServerFacts, pif: PIFRecord) -> NetworkRecord:
    return server.snapshot.networks.get(pif.network, NetworkRecord(ref=pif.network))


def bond_name(server: ServerFacts, bond: BondRecord) -> str:
    return " + ".join(sorted(pif_of(server, ref).device for ref in bond.slaves))


def has_carrier(server: ServerFacts, pif: PIFRecord) -> bool:
    metrics = server.snapshot.pif_metrics.get(pif.metrics)
    return metrics is not None and metrics.carrier


def running_on(server: ServerFacts, pif: PIFRecord) -> list[str]:
    """Name the running VMs with an interface on this one's network."""
    here = server.snapshot
    refs = {vif.VM for vif in here.vifs.values() if vif.network == pif.network}
    vms = [here.vms[ref] for ref in refs if ref in here.vms]
    return sorted(vm.name_label for vm in vms if vm.power_state in {"Running", "Paused"})


def in_use(server: ServerFacts, pif: PIFRecord) -> list[Finding]:
    """XAPI unplugs neither management nor a network of running VMs (xapi_pif.ml, unplug)."""
    name = network_of(server, pif).name_label
    if pif.management:
        return [refusal("XENWEB_FIX_MANAGEMENT_IS_HERE", server, server.name_label, name)]
    vms = running_on(server, pif)
    said = f"{name}: {listed(vms)}"
    return [refusal("XENWEB_FIX_VIF_IN_USE", server, server.name_label, said, theirs=said)] if vms else []


def bond_step(server: ServerFacts, bond: BondRecord, where: Mapping[str, str]) -> DestroyBond:
    own, primary = pif_of(server, bond.master), pif_of(server, bond.primary_slave)
    network = network_of(server, own)
    return DestroyBond(
        target=where,
        uuid=bond.uuid,
        network_uuid=network.uuid,
        network_name=network.name_label,
        name=bond_name(server, bond),
        member_uuids=sorted(pif_of(server, ref).uuid for ref in bond.slaves),
        primary_uuid=primary.uuid,
        primary_device=primary.device,
        mode=bond.mode,
        properties=dict(bond.properties),
        ip_mode=own.ip_configuration_mode,
        ip=own.IP,
        management=own.management,
        vms=running_on(server, own),
    )


def vlan_step(server: ServerFacts, vlan: VLANRecord, where: Mapping[str, str]) -> DestroyVLAN:
    own, below = pif_of(server, vlan.untagged_PIF), pif_of(server, vlan.tagged_PIF)
    network = network_of(server, own)
    return DestroyVLAN(
        target=where,
        uuid=vlan.uuid,
        network_uuid=network.uuid,
        network_name=network.name_label,
        name=below.device,
        tag=vlan.tag,
        below_uuid=below.uuid,
        has_address=own.ip_configuration_mode != "None",
    )


def tunnel_step(server: ServerFacts, tunnel: TunnelRecord, where: Mapping[str, str]) -> DestroyTunnel:
    own, below = pif_of(server, tunnel.access_PIF), pif_of(server, tunnel.transport_PIF)
    network = network_of(server, own)
    return DestroyTunnel(
        target=where,
        uuid=tunnel.uuid,
        network_uuid=network.uuid,
        network_name=network.name_label,
        name=below.device,
        transport_uuid=below.uuid,
        protocol=tunnel.protocol,
    )
