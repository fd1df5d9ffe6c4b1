"""FINE facts: two servers that fit each other, and the means to spoil one thing of them."""

from collections.abc import Mapping
from dataclasses import replace

from pools.checks.facts import Facts, ServerFacts
from pools.forecast import cpuid
from pools.xapi import records as r
from pools.xapi.inventory import CLASSES, Snapshot

INTEL = "1fcbfbff-f7fa3203-2d93fbff-00000123-00000001-d39ffffb-00000000-00000000-00001000-8c000400"
SOFTWARE = {
    "product_brand": "XCP-ng",
    "product_version": "8.3.0",
    "platform_version": "3.4.0",
    "xapi": "26.17",
    "git_id": "0",
    "network_backend": "openvswitch",
    "db_schema": "5.909",
}
CPU = {"vendor": "GenuineIntel", "features_hvm": INTEL, "features_hvm_host": INTEL}
ATTRIBUTES: Mapping[type[r.Record], str] = {kind: attribute for attribute, kind in CLASSES.values()}


def server(name: str, last: int) -> ServerFacts:
    """Return a standalone server as the installer leaves it."""
    pool = r.PoolRecord(
        ref=f"{name}-pool",
        uuid=f"{name}-pool-uuid",
        master=f"{name}-host",
        cpu_info=CPU,
        restrictions={"restrict_pooling": "false", "restrict_pool_size": "false"},
        tls_verification_enabled=True,
    )
    host = r.HostRecord(
        ref=f"{name}-host",
        uuid=f"{name}-uuid",
        name_label=name,
        address=f"10.0.0.{last}",
        edition="xcp-ng",
        metrics=f"{name}-metrics",
        API_version_major=2,
        API_version_minor=23,
        software_version=SOFTWARE,
        cpu_info=CPU,
    )
    snapshot = Snapshot(
        pools={pool.ref: pool},
        hosts={host.ref: host},
        host_metrics={host.metrics: r.HostMetricsRecord(ref=host.metrics, live=True, memory_total=64 * 1024**3)},
        pifs={f"{name}-eth0": nic(name, "eth0", management=True, IP=host.address)},
        networks={f"{name}-net": r.NetworkRecord(ref=f"{name}-net", uuid=f"{name}-net-uuid", bridge="xenbr0")},
        vms={f"{name}-dom0": r.VMRecord(ref="", uuid=f"{name}-dom0", power_state="Running", is_control_domain=True)},
        sms={f"{name}-nfs": r.SMRecord(ref=f"{name}-nfs", type="nfs", features={"VDI_CREATE": 1})},
    )
    return ServerFacts(uuid=host.uuid, name_label=name, address=host.address, snapshot=snapshot, clock_skew=0.2)


def nic(name: str, device: str, **fields: object) -> r.PIFRecord:
    """Return a network card of this server."""
    wire = {
        "device": device,
        "host": f"{name}-host",
        "network": f"{name}-net",
        "physical": True,
        "ip_configuration_mode": "Static",
    }
    return r.PIFRecord.from_wire(f"{name}-{device}", wire | fields)


def add(facts: ServerFacts, *records: r.Record) -> ServerFacts:
    """Return the server with more records, or with others in the place of those with the same reference."""
    snapshot = facts.snapshot
    for record in records:
        attribute = ATTRIBUTES[type(record)]
        table = {**getattr(snapshot, attribute), record.ref: record}
        snapshot = replace(snapshot, **{attribute: table})  # type: ignore[arg-type]
    return replace(facts, snapshot=snapshot)


def host(facts: ServerFacts, **changes: object) -> ServerFacts:
    """Return the server with other values in its host record."""
    return add(facts, replace(facts.host, **changes))  # type: ignore[arg-type]


def pool(facts: ServerFacts, **changes: object) -> ServerFacts:
    """Return the server with other values in its pool record."""
    return add(facts, replace(facts.snapshot.pool, **changes))  # type: ignore[arg-type]


def software(facts: ServerFacts, **changes: str) -> ServerFacts:
    """Return the server with other versions."""
    return host(facts, software_version={**facts.host.software_version, **changes})


def management(facts: ServerFacts, **changes: object) -> ServerFacts:
    """Return the server with another management interface."""
    pif = facts.management
    assert pif is not None
    return add(facts, replace(pif, **changes))  # type: ignore[arg-type]


def features(facts: ServerFacts, *, drop: int = 0, gain: int = 0) -> ServerFacts:
    """Return the server with other bits in the word of AVX2 and AVX-512."""
    words = cpuid.parse(INTEL) or ()
    text = cpuid.render((*words[:5], words[5] & ~drop | gain, *words[6:]))
    info = {**CPU, "features_hvm": text, "features_hvm_host": text}
    return host(pool(facts, cpu_info=info), cpu_info=info)


def facts(coordinator: ServerFacts, *joining: ServerFacts) -> Facts:
    return Facts(coordinator=coordinator, joining=joining)


OLD, NEW = server("old-1", 11), server("new-1", 12)
FINE = facts(OLD, NEW)
