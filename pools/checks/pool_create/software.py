"""Rules on software, processors' vendor, sign-in and updates (rows 12, 13, 20, 23-25)."""

import re
from collections.abc import Iterator

from pools.checks.facts import Facts, ServerFacts
from pools.checks.finding import Finding, listed
from pools.checks.registry import Side, check, refusal, unknown
from pools.forecast.cpuid import vendor_name
from pools.xapi.inventory import Snapshot
from pools.xapi.records import HostRecord


@check(title="Same product and platform version", xapi_row="12", side=Side.BOTH)
def platforms_are_the_same(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """Platform version and brand are equal (assert_hosts_compatible)."""
    mine, pool = _platform(server.host), _platform(facts.pool.master)
    if mine != pool:
        yield refusal("HOSTS_NOT_COMPATIBLE", server, theirs=_release(server.host), ours=_release(facts.pool.master))


@check(title="Same toolstack version", xapi_row="13a", side=Side.BOTH)
def software_is_the_same(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """Equal are xapi major.minor, brand, git_id and xs:linux; a forced join skips this (assert_hosts_homogeneous)."""
    mine, pool = _software(server.host), _software(facts.pool.master)
    if mine != pool:
        differing = [name for name in mine if mine[name] != pool[name]]
        yield refusal(
            "HOSTS_NOT_HOMOGENEOUS",
            server,
            "Software version differs",
            theirs=", ".join(f"{name} {mine[name] or 'none'}" for name in differing),
            ours=", ".join(f"{name} {pool[name] or 'none'}" for name in differing),
        )


@check(title="Same processor vendor", xapi_row="13b", side=Side.BOTH)
def processors_are_of_one_vendor(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """Vendors are equal; a forced join would mix them, xenweb never does (assert_hosts_homogeneous)."""
    mine, pool = server.host.cpu_info.get("vendor", ""), facts.pool.pool.cpu_info.get("vendor", "")
    if not mine:
        yield unknown(server, "its processor's vendor")
    elif not pool:
        yield unknown(facts.coordinator, "its pool's processor vendor")
    elif mine != pool:
        params = ("CPUs differ",)
        yield refusal("HOSTS_NOT_HOMOGENEOUS", server, *params, theirs=vendor_name(mine), ours=vendor_name(pool))


@check(title="Not newer than the coordinator", side=Side.BOTH)
def server_is_not_newer(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """A member with a higher xapi_build than the coordinator's waits outside the pool (xapi_pool.ml, hello)."""
    mine, pool = (host.software_version.get("xapi_build", "") for host in (server.host, facts.pool.master))
    if mine and pool and _numbers(mine) > _numbers(pool):
        yield refusal("HOST_XAPI_VERSION_HIGHER_THAN_COORDINATOR", server, mine, theirs=mine, ours=pool)


@check(title="Same directory for signing in", xapi_row="20", side=Side.BOTH)
def external_auth_matches(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """Type, and service name whatever its case, are equal (assert_external_auth_matches)."""
    mine, pool = _auth(server.host), _auth(facts.pool.master)
    if mine != pool:
        yield refusal(
            "POOL_JOINING_EXTERNAL_AUTH_MISMATCH",
            server,
            theirs=" ".join(mine).strip() or "none",
            ours=" ".join(pool).strip() or "none",
        )


@check(title="Same API version", xapi_row="23", side=Side.BOTH)
def api_versions_are_the_same(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """Major and minor API version are equal (assert_api_version_matches)."""
    mine, pool = _api(server.host), _api(facts.pool.master)
    if mine != pool:
        yield refusal("POOL_JOINING_HOST_MUST_HAVE_SAME_API_VERSION", server, mine, pool, theirs=mine, ours=pool)


@check(title="Same database schema", xapi_row="24", side=Side.BOTH)
def db_schemas_are_the_same(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """Schemas are equal, and a missing one fails too (assert_db_schema_matches)."""
    mine, pool = (h.software_version.get("db_schema", "") for h in (server.host, facts.pool.master))
    if not mine or mine != pool:
        yield refusal(
            "POOL_JOINING_HOST_MUST_HAVE_SAME_DB_SCHEMA",
            server,
            mine,
            pool,
            theirs=mine or "none",
            ours=pool or "none",
        )


@check(title="Same updates", xapi_row="25", side=Side.BOTH, needs=("pool_update",))
def updates_are_the_same(facts: Facts, server: ServerFacts) -> Iterator[Finding]:
    """Updates that insist on homogeneity are on both sides (assert_homogeneous_updates)."""
    master = facts.pool.master
    mine, pool = _updates(server.snapshot, server.host), _updates(facts.pool, master)
    if mine.keys() != pool.keys():
        text = f"Updates on local host {server.host.name_label} and pool host {master.name_label} differ"
        yield refusal(
            "HOSTS_NOT_HOMOGENEOUS",
            server,
            text,
            theirs=_only(mine, pool),
            ours=_only(pool, mine),
        )


def _only(these: dict[str, str], others: dict[str, str]) -> str:
    return listed(sorted(name for uuid, name in these.items() if uuid not in others)) or "no other update"


def _brand(host: HostRecord) -> str:
    """product_brand, or platform_name where a host has none."""
    return host.software_version.get("product_brand") or host.software_version.get("platform_name", "")


def _platform(host: HostRecord) -> tuple[str, str]:
    return host.software_version.get("platform_version", ""), _brand(host)


def _release(host: HostRecord) -> str:
    version = host.software_version
    platform = version.get("platform_version", "unknown")
    return f"{_brand(host)} {version.get('product_version', '')} (platform {platform})".strip()


def _software(host: HostRecord) -> dict[str, str]:
    version = host.software_version
    return {
        "xapi": ".".join(version.get("xapi", "").split(".")[:2]),
        "brand": _brand(host),
        "build": version.get("git_id", ""),
        "Linux pack": "present" if "xs:linux" in version else "",
    }


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"[0-9]{1,9}", version))


def _auth(host: HostRecord) -> tuple[str, str]:
    return host.external_auth_type, host.external_auth_service_name.lower()


def _api(host: HostRecord) -> str:
    return f"{host.API_version_major}.{host.API_version_minor}"


def _updates(side: Snapshot, host: HostRecord) -> dict[str, str]:
    known = (side.pool_updates[ref] for ref in host.updates if ref in side.pool_updates)
    return {update.uuid: update.name_label or update.uuid for update in known if update.enforce_homogeneity}
