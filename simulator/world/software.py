"""What is installed on a server when a scene says nothing else."""

# The keys of host.software_version (xapi_globs.ml, create_misc.ml: make_software_version).
SOFTWARE: dict[str, str] = {
    "product_version": "8.3.0",
    "product_version_text": "8.3",
    "product_version_text_short": "8.3",
    "platform_name": "XCP",
    "platform_version": "3.4.0",
    "product_brand": "XCP-ng",
    "xapi": "26.17",
    "xapi_build": "26.17.0",
    "build_number": "cloud",
    "git_id": "0",
    "hostname": "localhost",
    "date": "20260821T09:12:44Z",
    "xen": "4.17.6-4",
    "linux": "4.19.0+1",
    "xencenter_min": "2.21",
    "xencenter_max": "2.21",
    "network_backend": "openvswitch",
    "db_schema": "5.909",
}

# Ranks of the licence daemon: a pool's edition is the lowest of its hosts.
EDITION_RANKS: dict[str, int] = {
    "free": 0,
    "express": 1,
    "standard": 2,
    "standard-per-socket": 2,
    "premium": 3,
    "enterprise-per-socket": 3,
    "enterprise": 4,
}

# Flags of pool.restrictions: "true" means that the feature is not available (features.ml).
RESTRICTIONS: dict[str, str] = {
    "restrict_pooling": "false",
    "restrict_pool_size": "false",
    "restrict_vlan": "false",
    "restrict_qos": "false",
    "restrict_pool_attached_storage": "false",
    "restrict_netapp": "false",
    "restrict_ad": "false",
    "restrict_rbac": "false",
    "restrict_dmc": "false",
    "restrict_checkpoint": "false",
    "restrict_hotfix_apply": "false",
    "restrict_storage_xen_motion": "false",
    "restrict_xen_motion": "false",
    "restrict_vswitch_controller": "false",
    "restrict_cpu_masking": "false",
    "restrict_read_caching": "false",
    "restrict_network_sriov": "false",
    "restrict_corosync": "false",
    "restrict_set_vcpus_number_live": "false",
    "restrict_igmp_snooping": "false",
    "restrict_export_resource_data": "false",
    "restrict_pool_secret_rotation": "false",
    "enable_xha": "true",
}

# What drivers of disks on file systems and volumes can do (sm: CAPABILITIES of EXTSR.py, LVHDSR.py, NFSSR.py).
DISKS = (
    "SR_PROBE", "SR_UPDATE", "SR_STATS", "VDI_CREATE", "VDI_DELETE", "VDI_ATTACH", "VDI_DETACH", "VDI_ACTIVATE",
    "VDI_DEACTIVATE", "VDI_CLONE", "VDI_SNAPSHOT", "VDI_RESIZE", "VDI_UPDATE", "VDI_INTRODUCE", "VDI_GENERATE_CONFIG",
)  # fmt: skip

# Storage managers: type -> features with their versions.
STORAGE_MANAGERS: dict[str, dict[str, int]] = {
    "ext": dict.fromkeys((*DISKS, "VDI_MIRROR"), 1),
    "lvm": dict.fromkeys((*DISKS, "VDI_MIRROR"), 1),
    "nfs": dict.fromkeys((*DISKS, "VDI_MIRROR"), 1),
    "lvmoiscsi": dict.fromkeys(DISKS, 1),
    "iso": {"VDI_ATTACH": 1, "VDI_DETACH": 1},
    "udev": {"VDI_ATTACH": 1, "VDI_DETACH": 1},
}
