"""Spoilers of versions, processors, licences, certificates and storage drivers."""

import uuid

from simulator.scenes.spoil import Refusal, spoiler
from simulator.world.host import HostMachine
from simulator.world.software import EDITION_RANKS
from simulator.xapi.host.sync import refresh_host, refresh_pool_cpu_info
from simulator.xapi.machines import host_row, pool_row
from simulator.xapi.rows import Row, add, first

OTHER_VENDOR = {"GenuineIntel": "rome", "AuthenticAMD": "skylake"}


@spoiler("platform", "12")
def other_platform(joiner: HostMachine, _coordinator: HostMachine) -> Refusal:
    _reinstall(joiner, platform_version="3.2.1", product_version="8.2.1")
    return ["HOSTS_NOT_COMPATIBLE"]


@spoiler("xapi-version", "13a")
def other_xapi(joiner: HostMachine, _coordinator: HostMachine) -> Refusal:
    _reinstall(joiner, xapi="26.1", xapi_build="26.1.3")
    return ["HOSTS_NOT_HOMOGENEOUS", "Software version differs"]


@spoiler("cpu-vendor", "13b")
def other_cpu_vendor(joiner: HostMachine, coordinator: HostMachine) -> Refusal:
    joiner.use_cpu(OTHER_VENDOR[coordinator.hardware.cpu.vendor])
    refresh_host(joiner)
    refresh_pool_cpu_info(pool_row(joiner))
    return ["HOSTS_NOT_HOMOGENEOUS", "CPUs differ"]


@spoiler("external-auth", "20")
def other_directory(joiner: HostMachine, _coordinator: HostMachine) -> Refusal:
    host_row(joiner).set(external_auth_type="AD", external_auth_service_name="corp.example")
    return ["POOL_JOINING_EXTERNAL_AUTH_MISMATCH"]


@spoiler("edition", "21")
def other_edition(joiner: HostMachine, coordinator: HostMachine) -> Refusal:
    """Without a licence daemon that knows both editions, the daemon's own error."""
    host_row(joiner).set(edition="standard")
    theirs = host_row(coordinator).text("edition")
    if theirs in EDITION_RANKS:
        joiner.edition_ranks = EDITION_RANKS
        return ["LICENSE_HOST_POOL_MISMATCH", 'host edition = "standard"', f'pool edition = "{theirs}"']
    joiner.edition_ranks = None
    return ["V6D_FAILURE", f"The pool uses v6d. Pool edition list = [{theirs}]"]


@spoiler("api-version", "23")
def other_api_version(joiner: HostMachine, coordinator: HostMachine) -> Refusal:
    joiner.api_version = "2.21"
    refresh_host(joiner)
    return ["POOL_JOINING_HOST_MUST_HAVE_SAME_API_VERSION", "2.21", coordinator.api_version]


@spoiler("db-schema", "24")
def other_db_schema(joiner: HostMachine, coordinator: HostMachine) -> Refusal:
    _reinstall(joiner, db_schema="5.786")
    theirs = coordinator.software["db_schema"]
    return ["POOL_JOINING_HOST_MUST_HAVE_SAME_DB_SCHEMA", "5.786", theirs]


@spoiler("updates", "25")
def extra_update(joiner: HostMachine, coordinator: HostMachine) -> Refusal:
    add(
        joiner.database,
        "pool_update",
        name_label="XS83E015",
        version="1.0",
        enforce_homogeneity=True,
        hosts=[joiner.ref],
    )
    mine, theirs = (host_row(machine).text("name_label") for machine in (joiner, coordinator))
    return ["HOSTS_NOT_HOMOGENEOUS", f"Updates on local host {mine} and pool host {theirs} differ"]


@spoiler("tls-verification", "28")
def no_tls_verification(joiner: HostMachine, _coordinator: HostMachine) -> Refusal:
    pool_row(joiner).set(tls_verification_enabled=False)
    return ["POOL_JOINING_HOST_TLS_VERIFICATION_MISMATCH"]


@spoiler("ca-certificates", "29")
def clashing_ca(joiner: HostMachine, coordinator: HostMachine) -> Refusal:
    for machine, digit in ((joiner, "A"), (coordinator, "B")):
        if first(machine.database, "Certificate", name="company-ca.pem") is None:
            add_certificate(machine, "ca", name="company-ca.pem", fingerprint_sha256=digit * 8)
    return ["POOL_JOINING_HOST_CA_CERTIFICATES_CONFLICT", "company-ca.pem"]


@spoiler("trusted-certificates", "30")
def clashing_pins(joiner: HostMachine, coordinator: HostMachine) -> Refusal:
    shared = str(uuid.uuid5(uuid.NAMESPACE_DNS, "a pinned licence server"))
    theirs = first(coordinator.database, "Certificate", fingerprint_sha256=shared) or add_certificate(
        coordinator, "pinned", fingerprint_sha256=shared, purpose=["licensing", "general"]
    )
    mine = add_certificate(joiner, "pinned", fingerprint_sha256=shared, purpose=["licensing"])
    return ["POOL_JOINING_HOST_TRUSTED_CERTIFICATES_CONFLICT", theirs.ref, mine.ref]


@spoiler("sm-features", "33")
def older_driver(joiner: HostMachine, coordinator: HostMachine) -> Refusal:
    mine, theirs = _driver(joiner, "nfs"), _driver(coordinator, "nfs")
    mine.set(features={name: version for name, version in mine.mapping("features").items() if name != "VDI_MIRROR"})
    return ["POOL_JOINING_SM_FEATURES_INCOMPATIBLE", theirs.ref, mine.ref]


@spoiler("sm-missing", "33")
def missing_driver(joiner: HostMachine, coordinator: HostMachine) -> Refusal:
    joiner.database.delete("SM", _driver(joiner, "lvmoiscsi").ref)
    return ["POOL_JOINING_SM_FEATURES_INCOMPATIBLE", _driver(coordinator, "lvmoiscsi").ref, ""]


def add_certificate(machine: HostMachine, kind: str, **fields: object) -> Row:
    return add(machine.database, "Certificate", type=kind, **fields)


def _driver(machine: HostMachine, kind: str) -> Row:
    found = first(machine.database, "SM", type=kind)
    if found is None:
        raise LookupError(f"{machine.name} has no driver for {kind}")
    return found


def _reinstall(machine: HostMachine, **versions: str) -> None:
    machine.software |= versions
    refresh_host(machine)
