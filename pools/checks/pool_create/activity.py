"""Rules on what the two sides are doing: HA, clusters, VMs, updates (rows 2-11, 31, 32)."""

from collections.abc import Iterator

from pools.checks.facts import Facts, ServerFacts
from pools.checks.finding import Finding, listed
from pools.checks.registry import Side, check, refusal
from pools.xapi.inventory import Snapshot
from pools.xapi.records import ClusterRecord, PIFRecord


@check(title="Has a management interface", xapi_row="2", side=Side.JOINER, needs=("pif",))
def management_interface_exists(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """XAPI takes a server without a management interface to be booting (assert_management_interface_exists)."""
    if server.management is None:
        yield refusal("HOST_STILL_BOOTING", server, theirs="no management interface", ours="one")


@check(title="High availability is off on the server", xapi_row="3", side=Side.JOINER)
def joiner_has_no_ha(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """A joining server may not run HA (ha_is_not_enable_on_me)."""
    if server.snapshot.pool.ha_enabled:
        yield refusal("HA_IS_ENABLED", server, theirs="on", ours="off")


@check(title="Clustering is off on the server", xapi_row="4", side=Side.JOINER, needs=("cluster_host",))
def joiner_is_not_clustered(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """A joining server may not be an enabled member of a GFS2 cluster (clustering_is_not_enabled_on_me)."""
    for member in server.snapshot.cluster_hosts.values():
        if member.enabled:
            yield refusal("CLUSTERING_ENABLED", server, member.ref, theirs="enabled", ours="not enabled")
            return


@check(
    title="The pool's cluster is not on a VLAN",
    xapi_row="5a",
    side=Side.POOL,
    needs=("cluster", "cluster_host", "pif"),
)
def cluster_is_not_on_a_vlan(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """An auto-joining cluster must not sit on a VLAN (one_ip_configured_on_joining_cluster_network)."""
    pif = _cluster_pif(facts.pool)
    if pif is not None and _on_vlan(pif):
        yield refusal(
            "POOL_JOINING_POOL_CANNOT_ENABLE_CLUSTERING_ON_VLAN_NETWORK",
            server,
            str(pif.VLAN),
            theirs=f"{pif.device}, VLAN {pif.VLAN}",
            ours="no VLAN",
        )


@check(
    title="One address on the cluster's network",
    xapi_row="5b",
    side=Side.BOTH,
    needs=("cluster", "cluster_host", "pif", "bond", "network"),
)
def one_ip_on_cluster_network(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """For an auto-joining cluster the joiner needs exactly one address on the cluster's bridge (same function)."""
    pif = _cluster_pif(facts.pool)
    if pif is None or _on_vlan(pif):
        return
    bridges = _bridges(facts.pool, pif)
    found = [mine for mine in server.snapshot.pifs.values() if mine.IP and _bridge(server.snapshot, mine) in bridges]
    if len(found) != 1:
        yield refusal(
            "POOL_JOINING_HOST_MUST_HAVE_ONLY_ONE_IP_ON_CLUSTERING_NETWORK",
            server,
            theirs=listed([f"{mine.device} {mine.IP}" for mine in found]) or "no address",
            ours=f"one address on {listed(sorted(bridges))}",
        )


@check(title="High availability is off in the pool", xapi_row="6", side=Side.POOL)
def pool_has_no_ha(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """XAPI answers with the same code as for the joiner (ha_is_not_enable_on_the_distant_pool)."""
    if facts.pool.pool.ha_enabled:
        yield refusal("HA_IS_ENABLED", server, theirs="on", ours="off")


@check(title="Is not the coordinator itself", xapi_row="7", side=Side.BOTH)
def not_joining_itself(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """Host uuids of joiner and coordinator differ (assert_not_joining_myself)."""
    if server.uuid == facts.pool.master.uuid:
        alone = len(server.snapshot.hosts) == 1
        reason = "Host cannot become slave of itself" if alone else "Host is already part of a pool"
        yield refusal("OPERATION_NOT_ALLOWED", server, reason, theirs=server.uuid, ours=server.uuid)


@check(title="Coordinates no other servers", xapi_row="8", side=Side.JOINER)
def joiner_knows_no_other_hosts(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """A coordinator with members cannot join another pool (assert_i_know_of_no_other_hosts)."""
    others = [host.name_label for host in server.snapshot.hosts.values() if host.uuid != server.uuid]
    if others and server.uuid != facts.pool.master.uuid:
        pool = server.snapshot.pool.name_label or "a pool without a name"
        yield refusal(
            "JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS",
            server,
            theirs=f"coordinates {pool} with {listed(sorted(others))}",
            ours="no other servers",
        )


@check(title="Runs no VM", xapi_row="9", side=Side.JOINER, needs=("vm",))
def joining_host_runs_no_vms(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """A host that joins a pool may not run any VM; suspended ones are allowed (assert_no_running_vms_on_me)."""
    vms = server.snapshot.vms.values()
    running = [vm.name_label for vm in vms if vm.power_state == "Running" and not vm.is_control_domain]
    if running:
        yield refusal(
            "JOINING_HOST_CANNOT_HAVE_RUNNING_VMS",
            server,
            theirs=f"{len(running)} running: {listed(sorted(running))}",
            ours="no running VM",
        )


@check(title="No VM is busy", xapi_row="10", side=Side.JOINER, needs=("vm",))
def joining_host_has_no_busy_vms(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """Any VM record counts, also templates and the control domain (assert_no_vms_with_current_ops)."""
    busy = [
        f"{vm.name_label} ({listed(sorted(set(vm.current_operations.values())))})"
        for vm in server.snapshot.vms.values()
        if vm.current_operations
    ]
    if busy:
        yield refusal(
            "JOINING_HOST_CANNOT_HAVE_VMS_WITH_CURRENT_OPERATIONS",
            server,
            theirs=listed(sorted(busy)),
            ours="nothing under way",
        )


@check(title="The server waits for no restart after updates", xapi_row="11a", side=Side.JOINER)
def joiner_has_no_pending_guidance(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """Mandatory guidance is done before a join (assert_no_host_pending_mandatory_guidance)."""
    host = server.host
    if host.pending_guidances:
        yield _pending(server, host.ref, host.pending_guidances)


@check(title="The coordinator waits for no restart after updates", xapi_row="11b", side=Side.POOL)
def coordinator_has_no_pending_guidance(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """The same for the pool's coordinator (assert_no_host_pending_mandatory_guidance)."""
    host = facts.pool.master
    if host.pending_guidances:
        yield _pending(server, host.ref, host.pending_guidances)


@check(title="No update is being installed on the server", xapi_row="31", side=Side.JOINER)
def joiner_is_not_updating(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """A joiner may not be applying updates (assert_not_in_updating_on_me)."""
    yield from _updating(server, server.snapshot)


@check(title="No update is being installed in the pool", xapi_row="32", side=Side.POOL)
def pool_is_not_updating(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """The pool may not be applying updates (assert_no_hosts_in_updating)."""
    yield from _updating(server, facts.pool)


def _pending(server: ServerFacts, ref: str, guidances: tuple[str, ...]) -> Finding:
    words = listed([guidance.replace("_", " ") for guidance in guidances])
    return refusal("HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY", server, ref, theirs=words, ours="nothing pending")


def _updating(server: ServerFacts, side: Snapshot) -> Iterator[Finding]:
    if "apply_updates" in side.pool.current_operations.values():
        yield refusal("NOT_SUPPORTED_DURING_UPGRADE", server, theirs="applying updates", ours="no update under way")


def _cluster_pif(pool: Snapshot) -> PIFRecord | None:
    """The interface of the first member of the cluster that new members join by themselves."""
    cluster = next((each for each in pool.clusters.values() if each.pool_auto_join), ClusterRecord(ref=""))
    member = next((pool.cluster_hosts[ref] for ref in cluster.cluster_hosts if ref in pool.cluster_hosts), None)
    return pool.pifs.get(member.PIF) if member else None


def _on_vlan(pif: PIFRecord) -> bool:
    return pif.VLAN > 0 and not pif.management


def _bridges(pool: Snapshot, pif: PIFRecord) -> set[str]:
    """The bridge of an interface, or for a bond those of its members."""
    bond = next((pool.bonds[ref] for ref in pif.bond_master_of if ref in pool.bonds), None)
    pifs = [pool.pifs[ref] for ref in bond.slaves if ref in pool.pifs] if bond else [pif]
    return {_bridge(pool, each) for each in pifs}


def _bridge(side: Snapshot, pif: PIFRecord) -> str:
    network = side.networks.get(pif.network)
    return network.bridge if network else ""
