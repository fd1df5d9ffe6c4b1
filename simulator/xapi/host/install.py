"""A freshly installed server: a pool of one, as the scene describes it."""

from collections.abc import Callable

from simulator.database import Database, new_uuid
from simulator.scenes.model import HostSpec
from simulator.world.hardware import GIB
from simulator.world.host import HostMachine
from simulator.world.software import RESTRICTIONS, STORAGE_MANAGERS
from simulator.xapi.access.subjects import install as install_subjects
from simulator.xapi.host.sync import refresh_host, refresh_pool_cpu_info
from simulator.xapi.machines import host_row, pool_row
from simulator.xapi.network.install import install_networks
from simulator.xapi.network.management_file import conf_of
from simulator.xapi.operations import recompute
from simulator.xapi.rows import Row, add
from simulator.xapi.storage.rows import NewSr, add_driver, add_sr
from simulator.xapi.vm.rows import add_control_domain, add_guest, add_template

TEMPLATES = ("Debian Bookworm 12", "Other install media")


def install(machine: HostMachine) -> None:
    """Fill the machine's own database."""
    spec = machine.spec
    host = _add_host(machine, machine.database)
    pool = _add_pool(host, machine.identity("pool"))
    install_networks(machine, host)
    _add_storage(machine, host, pool, machine.identity)
    _add_shares(machine, host)
    add_control_domain(host, machine.identity("dom0"))
    refresh_host(machine)
    refresh_pool_cpu_info(pool)
    recompute(pool)
    for name in TEMPLATES:
        add_template(host, name)
    for vm in spec.vms:
        add_guest(host, vm)
    install_subjects(machine, host)
    _set_fields(machine, spec)
    machine.disk.management_conf = conf_of(host)


def add_anew(machine: HostMachine, database: Database) -> Database:
    """What a toolstack writes that finds a server but no database; networks come later."""
    host = _add_host(machine, database)
    host.set(enabled=False, tls_verification_enabled=False, last_update_hash=machine.disk.last_update_hash)
    pool = _add_pool(host, new_uuid())
    pool.set(tls_verification_enabled=False)
    _add_storage(machine, host, pool, lambda _what: new_uuid())
    add_control_domain(host, machine.identity("dom0"))
    for name in TEMPLATES:
        add_template(host, name)
    return database


def _add_host(machine: HostMachine, database: Database) -> Row:
    spec = machine.spec
    metrics = add(database, "host_metrics", live=True)
    return add(
        database,
        "host",
        uuid=machine.uuid,
        name_label=spec.name,
        name_description=spec.description or "Default install",
        hostname=spec.name,
        address=machine.address,
        metrics=metrics.ref,
        enabled=True,
        edition=spec.edition,
        API_version_vendor="XenSource",
        license_params={"expiry": "20991231T23:59:59Z", "sku_type": spec.edition} | RESTRICTIONS,
        tls_verification_enabled=True,
        https_only=True,
        iscsi_iqn=f"iqn.2026-08.lab.example:{machine.uuid[:8]}",
        sched_policy="credit",
        supported_bootloaders=["pygrub", "eliloader"],
        other_config={},
    )


def _add_pool(host: Row, uuid: str) -> Row:
    return add(
        host.database,
        "pool",
        uuid=uuid,
        master=host.ref,
        restrictions=dict(RESTRICTIONS),
        tls_verification_enabled=True,
        ha_cluster_stack="xhad",
        other_config={"cpuid_feature_mask": ""},
    )


def _add_storage(machine: HostMachine, host: Row, pool: Row, identity: Callable[[str], str]) -> None:
    """The local disk, empty; drives, tools, and the drivers for all of them."""
    for kind, features in STORAGE_MANAGERS.items():
        add_driver(host.database, kind, features)
    local = add_sr(
        host,
        NewSr(
            name="Local storage",
            type="ext",
            size=machine.hardware.disks[0].size if machine.hardware.disks else 0,
            uuid=identity("local storage"),
            device_config={"device": "/dev/disk/by-id/ata-LAB-part3"},
        ),
    )
    add_sr(host, NewSr(name="DVD drives", type="udev", content_type="iso", uuid=identity("dvd")))
    tools = NewSr(name="XCP-ng Tools", type="iso", content_type="iso", shared=True, is_tools_sr=True)
    add_sr(host, tools)
    pool.set(default_SR=local.ref, suspend_image_SR=local.ref, crash_dump_SR=local.ref)
    host.set(suspend_image_sr=local.ref, crash_dump_sr=local.ref)


def _add_shares(machine: HostMachine, host: Row) -> None:
    for spec in machine.spec.srs:
        add_sr(
            host,
            NewSr(
                name=spec.name,
                type=spec.type,
                shared=spec.shared,
                size=spec.size_gib * GIB,
                used=spec.used_gib * GIB,
                uuid=machine.identity(f"sr {spec.name}"),
                device_config=spec.device_config,
            ),
        )


def _set_fields(machine: HostMachine, spec: HostSpec) -> None:
    """Spoil single fields of the pool, the host or its metrics; maps are merged."""
    host = host_row(machine)
    targets = {
        "host": host,
        "pool": pool_row(machine),
        "host_metrics": host.to("metrics", "host_metrics"),
    }
    for cls, fields in spec.set.items():
        target = targets[cls]
        for name, value in fields.items():
            merged = target.mapping(name) | value if isinstance(value, dict) else value
            target.set(**{name: merged})
