"""Join rules on what the two sides are doing: HA, clustering, VMs, guidances, updates (rows 1-11, 31, 32)."""

from simulator.xapi.pool.join.view import Joining, PoolView, refuse
from simulator.xapi.rows import Row, first


def pool_size_unrestricted(joining: Joining) -> None:
    """Row 1: a joiner without the Pool_size feature may not make a pool larger than three hosts."""
    restricted = joining.joiner.pool.mapping("restrictions").get("restrict_pool_size", "true") == "true"
    if restricted and len(joining.pool.hosts) >= RESTRICTED_POOL_SIZE:
        refuse("LICENCE_RESTRICTION", "Pool_size")


def management_interface_exists(joining: Joining) -> None:
    """Row 2: a joiner without a management PIF is taken to be booting still."""
    if joining.joiner.management is None:
        refuse("HOST_STILL_BOOTING")


def joiner_has_no_ha(joining: Joining) -> None:
    """Row 3."""
    _no_ha(joining.joiner)


def joiner_is_not_clustered(joining: Joining) -> None:
    """Row 4."""
    enabled = first(joining.joiner.database, "Cluster_host", host=joining.joiner.host.ref, enabled=True)
    if enabled:
        refuse("CLUSTERING_ENABLED", enabled.ref)


def one_ip_on_cluster_network(joining: Joining) -> None:
    """Row 5: an auto-joining cluster needs one address of the joiner on its network, and no VLAN."""
    cluster = first(joining.pool.database, "Cluster", pool_auto_join=True)
    if cluster is None or not cluster.items("cluster_hosts"):
        return
    pif = cluster.all("cluster_hosts", "Cluster_host")[0].to("PIF", "PIF")
    if pif.number("VLAN") > 0 and not pif.flag("management"):
        refuse("POOL_JOINING_POOL_CANNOT_ENABLE_CLUSTERING_ON_VLAN_NETWORK", str(pif.number("VLAN")))
    bridges = _bridges_of(pif)
    with_ip = [
        mine
        for mine in joining.joiner.all("PIF")
        if mine.text("IP") and mine.to("network", "network").text("bridge") in bridges
    ]
    if len(with_ip) != 1:
        refuse("POOL_JOINING_HOST_MUST_HAVE_ONLY_ONE_IP_ON_CLUSTERING_NETWORK")


def pool_has_no_ha(joining: Joining) -> None:
    """Row 6: the same code as row 3, so a client cannot tell which side."""
    _no_ha(joining.pool)


def not_joining_itself(joining: Joining) -> None:
    """Row 7."""
    if joining.pool.host_uuid == joining.joiner.host_uuid:
        alone = len(joining.joiner.hosts) == 1
        reason = "Host cannot become slave of itself" if alone else "Host is already part of a pool"
        refuse("OPERATION_NOT_ALLOWED", reason)


def joiner_knows_no_other_hosts(joining: Joining) -> None:
    """Row 8."""
    if len(joining.joiner.hosts) > 1:
        refuse("JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS")


def joiner_runs_no_vm(joining: Joining) -> None:
    """Row 9: only Running counts; suspended and paused VMs pass."""
    for vm in joining.joiner.all("VM"):
        if vm.text("power_state") == "Running" and not vm.flag("is_control_domain"):
            refuse("JOINING_HOST_CANNOT_HAVE_RUNNING_VMS")


def joiner_has_no_busy_vm(joining: Joining) -> None:
    """Row 10: every VM record counts, dom0, templates and snapshots too."""
    if any(vm.mapping("current_operations") for vm in joining.joiner.all("VM")):
        refuse("JOINING_HOST_CANNOT_HAVE_VMS_WITH_CURRENT_OPERATIONS")


def no_pending_guidance(joining: Joining) -> None:
    """Row 11: first the joiner, then the master."""
    for side in (joining.joiner, joining.pool):
        if side.host.items("pending_guidances"):
            refuse("HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY", side.host.ref)


def joiner_is_not_updating(joining: Joining) -> None:
    """Row 31."""
    _not_updating(joining.joiner)


def pool_is_not_updating(joining: Joining) -> None:
    """Row 32."""
    _not_updating(joining.pool)


RESTRICTED_POOL_SIZE = 3


def _no_ha(side: PoolView) -> None:
    if side.pool.flag("ha_enabled"):
        refuse("HA_IS_ENABLED")


def _not_updating(side: PoolView) -> None:
    if "apply_updates" in side.pool.mapping("current_operations").values():
        refuse("NOT_SUPPORTED_DURING_UPGRADE")


def _bridges_of(pif: Row) -> set[str]:
    """The bridge of a PIF, or for a bond the bridges of its members."""
    bonds = pif.all("bond_master_of", "Bond")
    pifs = bonds[0].all("slaves", "PIF") if bonds else [pif]
    return {each.to("network", "network").text("bridge") for each in pifs}
