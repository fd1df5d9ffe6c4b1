"""Spoilers of what the two sides are doing: HA, clusters, VMs, guidance, updates."""

from simulator.scenes.model import VmSpec
from simulator.scenes.spoil import Refusal, spoiler
from simulator.world.host import HostMachine
from simulator.xapi.machines import host_row, pool_row
from simulator.xapi.network.rows import add_network, create_vlan, next_bridge, physical_pifs
from simulator.xapi.rows import Row, add, first
from simulator.xapi.vm.rows import add_guest

CLUSTER_VLAN = 77


@spoiler("pool-size", "1")
def restrict_pool_size(joiner: HostMachine, _coordinator: HostMachine) -> Refusal:
    """Refused only by a pool of three or more."""
    pool = pool_row(joiner)
    pool.set(restrictions=pool.mapping("restrictions") | {"restrict_pool_size": "true"})
    return ["LICENCE_RESTRICTION", "Pool_size"]


@spoiler("no-management", "2")
def forget_management(joiner: HostMachine, _coordinator: HostMachine) -> Refusal:
    for pif in host_row(joiner).all("PIFs", "PIF"):
        pif.set(management=False)
    return ["HOST_STILL_BOOTING"]


@spoiler("ha", "3")
def enable_ha(joiner: HostMachine, _coordinator: HostMachine) -> Refusal:
    pool_row(joiner).set(ha_enabled=True)
    return ["HA_IS_ENABLED"]


@spoiler("cluster", "4")
def enable_cluster(joiner: HostMachine, _coordinator: HostMachine) -> Refusal:
    host = host_row(joiner)
    return ["CLUSTERING_ENABLED", _cluster_on(host, physical_pifs(host)[0], auto_join=False).ref]


@spoiler("pool-cluster-vlan", "5a", "pool")
def cluster_on_vlan(_joiner: HostMachine, coordinator: HostMachine) -> Refusal:
    host = host_row(coordinator)
    network = add_network(host.database, "Cluster", next_bridge(host.database))
    vlan = create_vlan(physical_pifs(host)[-1], CLUSTER_VLAN, network)
    _cluster_on(host, vlan.to("untagged_PIF", "PIF"), auto_join=True)
    return ["POOL_JOINING_POOL_CANNOT_ENABLE_CLUSTERING_ON_VLAN_NETWORK", str(CLUSTER_VLAN)]


@spoiler("pool-cluster-ip", "5b", "pool")
def cluster_on_other_card(_joiner: HostMachine, coordinator: HostMachine) -> Refusal:
    """The joiner has no address on the second card, where the pool's cluster is."""
    host = host_row(coordinator)
    _cluster_on(host, physical_pifs(host)[1], auto_join=True)
    return ["POOL_JOINING_HOST_MUST_HAVE_ONLY_ONE_IP_ON_CLUSTERING_NETWORK"]


@spoiler("pool-ha", "6", "pool")
def enable_pool_ha(_joiner: HostMachine, coordinator: HostMachine) -> Refusal:
    pool_row(coordinator).set(ha_enabled=True)
    return ["HA_IS_ENABLED"]


@spoiler("same-uuid", "7")
def clone_identity(joiner: HostMachine, coordinator: HostMachine) -> Refusal:
    """Both servers come from one disk image, and have one UUID."""
    host_row(joiner).set(uuid=coordinator.uuid)
    joiner.uuid = coordinator.uuid
    return ["OPERATION_NOT_ALLOWED", "Host cannot become slave of itself"]


@spoiler("other-hosts", "8")
def know_other_host(joiner: HostMachine, _coordinator: HostMachine) -> Refusal:
    metrics = add(joiner.database, "host_metrics", live=False)
    add(joiner.database, "host", name_label="gone", metrics=metrics.ref, edition=joiner.spec.edition)
    return ["JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS"]


@spoiler("running-vm", "9")
def run_vm(joiner: HostMachine, _coordinator: HostMachine) -> Refusal:
    add_guest(host_row(joiner), VmSpec(name="intranet", power_state="Running"))
    return ["JOINING_HOST_CANNOT_HAVE_RUNNING_VMS"]


@spoiler("busy-vm", "10")
def busy_vm(joiner: HostMachine, _coordinator: HostMachine) -> Refusal:
    vm = add_guest(host_row(joiner), VmSpec(name="archive"))
    vm.set(current_operations={"OpaqueRef:an-export": "export"})
    return ["JOINING_HOST_CANNOT_HAVE_VMS_WITH_CURRENT_OPERATIONS"]


@spoiler("guidance", "11a")
def pend_guidance(joiner: HostMachine, _coordinator: HostMachine) -> Refusal:
    host_row(joiner).set(pending_guidances=["reboot_host"])
    return ["HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY", joiner.ref]


@spoiler("pool-guidance", "11b", "pool")
def pend_guidance_on_pool(_joiner: HostMachine, coordinator: HostMachine) -> Refusal:
    host_row(coordinator).set(pending_guidances=["restart_toolstack"])
    return ["HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY", coordinator.ref]


@spoiler("updating", "31")
def update_joiner(joiner: HostMachine, _coordinator: HostMachine) -> Refusal:
    pool_row(joiner).set(current_operations={"OpaqueRef:an-update": "apply_updates"})
    return ["NOT_SUPPORTED_DURING_UPGRADE"]


@spoiler("pool-updating", "32", "pool")
def update_pool(_joiner: HostMachine, coordinator: HostMachine) -> Refusal:
    pool_row(coordinator).set(current_operations={"OpaqueRef:an-update": "apply_updates"})
    return ["NOT_SUPPORTED_DURING_UPGRADE"]


def _cluster_on(host: Row, pif: Row, *, auto_join: bool) -> Row:
    cluster = first(host.database, "Cluster") or add(host.database, "Cluster", pool_auto_join=auto_join)
    return add(
        host.database,
        "Cluster_host",
        cluster=cluster.ref,
        host=host.ref,
        PIF=pif.ref,
        enabled=True,
        joined=True,
    )
