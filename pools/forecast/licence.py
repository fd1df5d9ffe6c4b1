"""What a joining server's edition does to the pool's licence (features.ml; pool_features_helpers.ml)."""

from dataclasses import dataclass
from typing import Final

from pools.xapi.inventory import Snapshot
from pools.xapi.records import StrMap

# Flags that say what is there; all others say what is missing (features.ml).
POSITIVE: Final = "enable_"
ENABLED_WHEN_UNKNOWN: Final = frozenset({"restrict_xen_motion", "restrict_ad"})
NAMES: Final = {
    "restrict_pooling": "pools of several servers",
    "restrict_pool_size": "pools of more than three servers",
    "restrict_connection": "connections of management programs",
    "restrict_ad": "sign-in through Active Directory",
    "restrict_rbac": "roles for users",
    "restrict_wlb": "workload balancing",
    "restrict_dmc": "dynamic memory",
    "restrict_checkpoint": "snapshots with memory",
    "restrict_vmpr": "protection schedules",
    "restrict_vmss": "snapshot schedules",
    "restrict_cpu_masking": "processor levelling",
    "restrict_vswitch_controller": "a vSwitch controller",
    "restrict_email_alerting": "alerts by mail",
    "restrict_historical_performance": "the history of performance",
    "restrict_gpu": "graphics cards for VMs",
    "restrict_vgpu": "shared graphics cards",
    "restrict_dr": "disaster recovery",
    "restrict_storage_xen_motion": "moving disks of running VMs",
    "restrict_xen_motion": "moving running VMs",
    "restrict_intellicache": "IntelliCache",
    "restrict_read_caching": "read caching",
    "restrict_hotfix_apply": "applying updates",
    "restrict_set_vcpus_number_live": "changing the vCPUs of a running VM",
    "restrict_pvs_proxy": "PVS-Accelerator",
    "restrict_igmp_snooping": "IGMP snooping",
    "restrict_live_patching": "live patching",
    "restrict_live_hotfix": "live updates",
    "restrict_nested_virt": "nested virtualisation",
    "restrict_network_sriov": "SR-IOV networks",
    "restrict_corosync": "clusters of servers (GFS2)",
    "restrict_zstd_export": "exports with zstd",
    "restrict_usb_passthrough": "USB devices for VMs",
    "restrict_export_resource_data": "the export of resource data",
    "restrict_internal_repo_access": "internal update repositories",
    "restrict_vtpm": "virtual TPMs",
    "restrict_vm_groups": "placement groups of VMs",
    "restrict_vm_start": "starting VMs",
    "enable_xha": "high availability",
}


@dataclass(frozen=True, kw_only=True)
class LicenceForecast:
    """``lost`` are names of features that the pool has now and will not have: one member without them is enough."""

    edition: str = ""
    pool_edition: str = ""
    lost: tuple[str, ...] = ()


def forecast_licence(pool: Snapshot, joiner: Snapshot, edition: str) -> LicenceForecast:
    """The pool has what all its members have; a server that says nothing of its licence is not counted."""
    ours, theirs = pool.pool.restrictions, joiner.pool.restrictions
    flags = sorted(flag for flag in ours if theirs and has(ours, flag) and not has(theirs, flag))
    return LicenceForecast(
        edition=edition,
        pool_edition=pool.master.edition,
        lost=tuple(NAMES.get(flag, flag.removeprefix("restrict_").removeprefix(POSITIVE)) for flag in flags),
    )


def has(restrictions: StrMap, flag: str) -> bool:
    """Whether a feature may be used: most flags say that one is missing, enable_… that it is there."""
    if flag.startswith(POSITIVE):
        return restrictions.get(flag) == "true"
    return restrictions.get(flag, "false" if flag in ENABLED_WHEN_UNKNOWN else "true") != "true"
