"""Rules on networking and shared storage (rows 14-19, 22, 26, 27)."""

from collections.abc import Iterator

from pools.checks.facts import Facts, ServerFacts
from pools.checks.finding import Finding, listed
from pools.checks.registry import Side, check, refusal
from pools.xapi.inventory import Snapshot
from pools.xapi.records import NULL, HostRecord, PIFRecord

UNTAGGED = -1


@check(title="Has no shared storage", xapi_row="14", side=Side.JOINER, needs=("sr",))
def joiner_has_no_shared_sr(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """The tools SR is shared as well, and is let through (assert_no_shared_srs_on_me)."""
    shared = [sr.name_label for sr in server.snapshot.srs.values() if sr.shared and not sr.is_tools_sr]
    if shared:
        yield refusal(
            "JOINING_HOST_CANNOT_CONTAIN_SHARED_SRS", server, theirs=listed(sorted(shared)), ours="no shared SR"
        )


@check(title="Has no bonds", xapi_row="15", side=Side.JOINER, needs=("bond", "pif"))
def joiner_has_no_bond(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """The pool's bonds are made on it after the join; it may not bring its own (assert_no_bonds_on_me)."""
    bonds = server.snapshot.bonds.values()
    if bonds:
        names = [" + ".join(_devices(server.snapshot, bond.slaves)) or bond.uuid for bond in bonds]
        yield refusal("POOL_JOINING_HOST_HAS_BONDS", server, theirs=listed(sorted(set(names))), ours="no bond")


@check(title="Has no tunnels", xapi_row="16", side=Side.JOINER, needs=("tunnel", "pif"))
def joiner_has_no_tunnel(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """A joiner may not have cross-server private networks (assert_no_tunnels_on_me)."""
    tunnels = server.snapshot.tunnels.values()
    if tunnels:
        over = _devices(server.snapshot, [tunnel.transport_PIF for tunnel in tunnels])
        yield refusal(
            "POOL_JOINING_HOST_HAS_TUNNELS", server, theirs=f"{len(tunnels)} over {listed(over)}", ours="no tunnel"
        )


@check(title="Has no SR-IOV networks", xapi_row="17", side=Side.JOINER, needs=("network_sriov", "pif"))
def joiner_has_no_sriov(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """A joiner may not have SR-IOV networks (assert_no_network_sriovs_on_me)."""
    sriovs = server.snapshot.network_sriovs.values()
    if sriovs:
        on = _devices(server.snapshot, [sriov.physical_PIF for sriov in sriovs])
        yield refusal(
            "POOL_JOINING_HOST_HAS_NETWORK_SRIOVS", server, theirs=f"{len(sriovs)} on {listed(on)}", ours="none"
        )


@check(title="VLANs only under management", xapi_row="18", side=Side.JOINER, needs=("vlan", "pif"))
def joiner_has_only_a_management_vlan(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """Every VLAN of the joiner is the one that carries its management (assert_no_non_management_vlans_on_me)."""
    management = server.management.ref if server.management else NULL
    others = [vlan for vlan in server.snapshot.vlans.values() if vlan.untagged_PIF != management]
    if others:
        names = [f"VLAN {vlan.tag} on {''.join(_devices(server.snapshot, [vlan.tagged_PIF]))}" for vlan in others]
        yield refusal(
            "POOL_JOINING_HOST_HAS_NON_MANAGEMENT_VLANS",
            server,
            theirs=listed(sorted(set(names))),
            ours="no other VLAN",
        )


@check(title="Management on the same VLAN", xapi_row="19", side=Side.BOTH, needs=("pif",))
def management_vlans_are_the_same(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """Tags of the management interfaces are equal, -1 for none (assert_management_vlan_are_same)."""
    mine, pool = _tag(server.management), _tag(_management(facts.pool))
    if mine != pool:
        yield refusal(
            "POOL_JOINING_HOST_MANAGEMENT_VLAN_DOES_NOT_MATCH",
            server,
            str(mine),
            str(pool),
            theirs=_vlan_words(mine),
            ours=_vlan_words(pool),
        )


@check(title="Same network backend", xapi_row="22a", side=Side.BOTH)
def network_backends_are_the_same(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """Linux bridge or Open vSwitch on both sides (assert_homogeneous_vswitch_configuration)."""
    mine, pool = _backend(server.host), _backend(facts.pool.master)
    if mine != pool:
        yield refusal("OPERATION_NOT_ALLOWED", server, "Network backends differ", theirs=mine, ours=pool)


@check(title="Same SDN controller", xapi_row="22b", side=Side.BOTH, needs=("sdn_controller",))
def sdn_controllers_are_the_same(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """A joiner's controller under Open vSwitch is the pool's too (assert_homogeneous_vswitch_configuration)."""
    mine, pool = _controller(server.snapshot), _controller(facts.pool)
    if _backend(server.host) == "openvswitch" and mine and mine != pool:
        yield refusal("OPERATION_NOT_ALLOWED", server, "SDN controller differs", theirs=mine, ours=pool or "none")


@check(title="Same address family for management", xapi_row="26", side=Side.BOTH, needs=("pif",))
def address_types_are_the_same(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """IPv4 or IPv6 on both management interfaces (assert_homogeneous_primary_address_type)."""
    mine, pool = server.management, _management(facts.pool)
    if mine and pool and mine.primary_address_type != pool.primary_address_type:
        yield refusal(
            "OPERATION_NOT_ALLOWED",
            server,
            "Primary address type differs",
            theirs=mine.primary_address_type,
            ours=pool.primary_address_type,
        )


@check(title="Networks for block devices agree", xapi_row="27", side=Side.BOTH, needs=("network",))
def network_purposes_are_compatible(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """Purposes nbd and insecure_nbd do not mix; the first of each side counts (assert_compatible_network_purpose)."""
    mine, pool = _nbd(server.snapshot), _nbd(facts.pool)
    if mine and pool and mine != pool:
        reason = "Incompatible network purposes: nbd and insecure_nbd"
        yield refusal("OPERATION_NOT_ALLOWED", server, reason, theirs=mine, ours=pool)


def _devices(side: Snapshot, refs: Iterator[str] | tuple[str, ...] | list[str]) -> list[str]:
    return sorted({side.pifs[ref].device for ref in refs if ref in side.pifs})


def _management(pool: Snapshot) -> PIFRecord | None:
    return pool.management_pif(pool.master)


def _tag(pif: PIFRecord | None) -> int:
    return pif.VLAN if pif else UNTAGGED


def _vlan_words(tag: int) -> str:
    return "no VLAN" if tag == UNTAGGED else f"VLAN {tag}"


def _backend(host: HostRecord) -> str:
    return host.software_version.get("network_backend", "bridge")


def _controller(side: Snapshot) -> str:
    first = next(iter(side.sdn_controllers.values()), None)
    return f"{first.protocol} {first.address}:{first.port}" if first else ""


def _nbd(side: Snapshot) -> str:
    purposes = (purpose for network in side.networks.values() for purpose in network.purpose)
    return next((purpose for purpose in purposes if purpose in {"nbd", "insecure_nbd"}), "")
