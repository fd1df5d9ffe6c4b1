"""SPOILED: FINE facts with one thing wrong; the key is XAPI's row, or our own code, and what is wrong."""

from dataclasses import replace

from pools.checks.facts import Facts
from pools.xapi import records as r
from tests.pools.checks.fine import (
    NEW,
    OLD,
    add,
    facts,
    features,
    host,
    management,
    nic,
    pool,
    server,
    software,
)
from tests.pools.checks.spoiled_forecast import FORECASTS

AVX2 = 1 << 5
AVX512F = 1 << 16
RESTRICTED = {"restrict_pooling": "false", "restrict_pool_size": "true"}
UPDATING = {"OpaqueRef:task": "apply_updates"}
MANY = [server(f"more-{n}", 20 + n) for n in range(80)]
THREE = add(OLD, *(r.HostRecord(ref=f"h{n}", uuid=f"h{n}", name_label=f"h{n}", edition="xcp-ng") for n in range(2)))

VLAN_PIF = nic("old-1", "eth1", VLAN=77)
CLUSTER = r.ClusterRecord(ref="cl", pool_auto_join=True, cluster_hosts=("ch",))
CLUSTERED = add(OLD, CLUSTER, r.ClusterHostRecord(ref="ch", cluster="cl", PIF="old-1-eth1"))
STORAGE = r.NetworkRecord(ref="storage", bridge="xenbr1")


def cert(ref: str, kind: str, name: str, fingerprint: str, *purpose: str) -> r.CertificateRecord:
    return r.CertificateRecord(ref=ref, type=kind, name=name, fingerprint_sha256=fingerprint, purpose=purpose)


def running(name: str, **fields: object) -> r.VMRecord:
    return r.VMRecord.from_wire(name, {"uuid": name, "name_label": name, "power_state": "Running", **fields})


SPOILED: dict[str, tuple[str, Facts]] = {
    "0 no pooling": ("LICENCE_RESTRICTION", facts(OLD, pool(NEW, restrictions={"restrict_pooling": "true"}))),
    "1 three servers": ("LICENCE_RESTRICTION", facts(THREE, pool(NEW, restrictions=RESTRICTED))),
    "2 no management": ("HOST_STILL_BOOTING", facts(OLD, management(NEW, management=False))),
    "3 HA on the server": ("HA_IS_ENABLED", facts(OLD, pool(NEW, ha_enabled=True))),
    "4 clustered": ("CLUSTERING_ENABLED", facts(OLD, add(NEW, r.ClusterHostRecord(ref="ch", enabled=True)))),
    "5a cluster on a VLAN": (
        "POOL_JOINING_POOL_CANNOT_ENABLE_CLUSTERING_ON_VLAN_NETWORK",
        facts(add(CLUSTERED, VLAN_PIF), NEW),
    ),
    "5b no address there": (
        "POOL_JOINING_HOST_MUST_HAVE_ONLY_ONE_IP_ON_CLUSTERING_NETWORK",
        facts(add(CLUSTERED, STORAGE, nic("old-1", "eth1", network="storage")), NEW),
    ),
    "6 HA in the pool": ("HA_IS_ENABLED", facts(pool(OLD, ha_enabled=True), NEW)),
    "7 itself": ("OPERATION_NOT_ALLOWED", facts(OLD, replace(host(NEW, uuid=OLD.uuid), uuid=OLD.uuid))),
    "8 others know it": (
        "JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS",
        facts(OLD, add(NEW, r.HostRecord(ref="h", uuid="h", name_label="web-2"))),
    ),
    "9 running VM": ("JOINING_HOST_CANNOT_HAVE_RUNNING_VMS", facts(OLD, add(NEW, running("intranet")))),
    "10 busy VM": (
        "JOINING_HOST_CANNOT_HAVE_VMS_WITH_CURRENT_OPERATIONS",
        facts(OLD, add(NEW, running("dom0", is_control_domain=True, current_operations={"t": "export"}))),
    ),
    "11a guidance": (
        "HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY",
        facts(OLD, host(NEW, pending_guidances=("reboot_host",))),
    ),
    "11b guidance of the pool": (
        "HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY",
        facts(host(OLD, pending_guidances=("reboot_host",)), NEW),
    ),
    "12 platform": ("HOSTS_NOT_COMPATIBLE", facts(OLD, software(NEW, platform_version="3.2.1"))),
    "13a toolstack": ("HOSTS_NOT_HOMOGENEOUS", facts(OLD, software(NEW, xapi="26.1"))),
    "newer than the coordinator": (
        "HOST_XAPI_VERSION_HIGHER_THAN_COORDINATOR",
        facts(software(OLD, xapi_build="26.17.0"), software(NEW, xapi_build="26.17.1")),
    ),
    "13b vendor": ("HOSTS_NOT_HOMOGENEOUS", facts(OLD, host(NEW, cpu_info={"vendor": "AuthenticAMD"}))),
    "14 shared storage": (
        "JOINING_HOST_CANNOT_CONTAIN_SHARED_SRS",
        facts(OLD, add(NEW, r.SRRecord(ref="sr", name_label="NFS", shared=True))),
    ),
    "15 bond": ("POOL_JOINING_HOST_HAS_BONDS", facts(OLD, add(NEW, r.BondRecord(ref="bond")))),
    "16 tunnel": ("POOL_JOINING_HOST_HAS_TUNNELS", facts(OLD, add(NEW, r.TunnelRecord(ref="tunnel")))),
    "17 SR-IOV": ("POOL_JOINING_HOST_HAS_NETWORK_SRIOVS", facts(OLD, add(NEW, r.NetworkSriovRecord(ref="sriov")))),
    "18 VLAN": (
        "POOL_JOINING_HOST_HAS_NON_MANAGEMENT_VLANS",
        facts(OLD, add(NEW, r.VLANRecord(ref="v", untagged_PIF="new-1-eth1", tag=40))),
    ),
    "19 management VLAN": (
        "POOL_JOINING_HOST_MANAGEMENT_VLAN_DOES_NOT_MATCH",
        facts(OLD, management(NEW, VLAN=12)),
    ),
    "20 directory": ("POOL_JOINING_EXTERNAL_AUTH_MISMATCH", facts(OLD, host(NEW, external_auth_type="AD"))),
    "21 edition": ("LICENSE_HOST_POOL_MISMATCH", facts(OLD, host(NEW, edition="standard"))),
    "21 no licence daemon": ("V6D_FAILURE", facts(OLD, host(NEW, edition="free/libre"))),
    "22a backend": ("OPERATION_NOT_ALLOWED", facts(OLD, software(NEW, network_backend="bridge"))),
    "22b SDN": (
        "OPERATION_NOT_ALLOWED",
        facts(OLD, add(NEW, r.SDNControllerRecord(ref="sdn", protocol="ssl", address="10.0.9.9", port=6640))),
    ),
    "23 API": ("POOL_JOINING_HOST_MUST_HAVE_SAME_API_VERSION", facts(OLD, host(NEW, API_version_minor=21))),
    "24 schema": ("POOL_JOINING_HOST_MUST_HAVE_SAME_DB_SCHEMA", facts(OLD, software(NEW, db_schema="5.786"))),
    "25 updates": (
        "HOSTS_NOT_HOMOGENEOUS",
        facts(OLD, add(host(NEW, updates=("u",)), r.PoolUpdateRecord(ref="u", uuid="u", enforce_homogeneity=True))),
    ),
    "26 IPv6": (
        "OPERATION_NOT_ALLOWED",
        facts(OLD, management(NEW, primary_address_type="IPv6", IPv6=("fd00::12/64",))),
    ),
    "27 purposes": (
        "OPERATION_NOT_ALLOWED",
        facts(
            add(OLD, r.NetworkRecord(ref="o", purpose=("nbd",))),
            add(NEW, r.NetworkRecord(ref="n", purpose=("insecure_nbd",))),
        ),
    ),
    "28 TLS": ("POOL_JOINING_HOST_TLS_VERIFICATION_MISMATCH", facts(OLD, pool(NEW, tls_verification_enabled=False))),
    "29 CA": (
        "POOL_JOINING_HOST_CA_CERTIFICATES_CONFLICT",
        facts(add(OLD, cert("o", "ca", "ca.pem", "AA")), add(NEW, cert("n", "ca", "ca.pem", "BB"))),
    ),
    "30 trust": (
        "POOL_JOINING_HOST_TRUSTED_CERTIFICATES_CONFLICT",
        facts(add(OLD, cert("o", "pinned", "", "AA", "x", "y")), add(NEW, cert("n", "pinned", "", "AA", "x"))),
    ),
    "31 updating": ("NOT_SUPPORTED_DURING_UPGRADE", facts(OLD, pool(NEW, current_operations=UPDATING))),
    "32 pool updating": ("NOT_SUPPORTED_DURING_UPGRADE", facts(pool(OLD, current_operations=UPDATING), NEW)),
    "33 driver": (
        "POOL_JOINING_SM_FEATURES_INCOMPATIBLE",
        facts(add(OLD, r.SMRecord(ref="old-1-nfs", type="nfs", features={"VDI_CREATE": 2})), NEW),
    ),
    "33 driver missing": (
        "POOL_JOINING_SM_FEATURES_INCOMPATIBLE",
        facts(add(OLD, r.SMRecord(ref="smb", type="smb")), NEW),
    ),
    "member of another pool": (
        "XENWEB_ALREADY_IN_POOL",
        facts(OLD, replace(NEW, error_code="HOST_IS_SLAVE", error_params=("10.0.0.99",))),
    ),
    "pool's licence": ("XENWEB_POOL_SIZE_RESTRICTED", facts(pool(THREE, restrictions=RESTRICTED), NEW)),
    "17 servers": ("XENWEB_MORE_THAN_16", facts(OLD, *MANY[:16])),
    "65 servers": ("XENWEB_MORE_THAN_64", facts(OLD, *MANY[:64])),
    "one name": ("XENWEB_DUPLICATE_NAME", facts(OLD, host(NEW, name_label="Old-1 "))),
    "public address": ("XENWEB_PUBLIC_MANAGEMENT_ADDRESS", facts(OLD, management(NEW, IP="8.8.8.8"))),
    "public coordinator": ("XENWEB_PUBLIC_MANAGEMENT_ADDRESS", facts(management(OLD, IP="8.8.8.8"), NEW)),
    "DHCP": ("XENWEB_DHCP_MANAGEMENT", facts(OLD, management(NEW, ip_configuration_mode="DHCP"))),
    "clock": ("XENWEB_CLOCK_SKEW", facts(OLD, replace(NEW, clock_skew=-12.0))),
    "VM on both sides": (
        "XENWEB_VM_ALREADY_IN_POOL",
        facts(*(add(s, r.VMRecord(ref="v", uuid="v")) for s in (OLD, NEW))),
    ),
    "weaker processor": ("XENWEB_CPU_LEVELLED", facts(OLD, features(NEW, drop=AVX2))),
    "stronger processor": ("XENWEB_CPU_FEATURES_HIDDEN", facts(features(OLD, drop=AVX2), NEW)),
    "VM with more": (
        "XENWEB_CPU_VMS_MUST_RESTART",
        facts(
            add(
                features(OLD, drop=AVX2),
                running("db", last_boot_CPU_flags={"features": "-".join(["ffffffff"] * 10)}),
            ),
            features(NEW, drop=AVX2),
        ),
    ),
    **FORECASTS,
}
