"""Join rules on software, processors, licences and updates (rows 12, 13, 20, 21, 23-25)."""

from simulator.xapi.errors import XapiError
from simulator.xapi.pool.join.view import Joining, PoolView, refuse


def platforms_are_the_same(joining: Joining) -> None:
    """Row 12: platform version and brand."""

    def platform(side: PoolView) -> tuple[str, str]:
        return side.software.get("platform_version", ""), side.brand

    if platform(joining.joiner) != platform(joining.pool):
        refuse("HOSTS_NOT_COMPATIBLE")


def hosts_are_homogeneous(joining: Joining) -> None:
    """Row 13, the only one that join_force skips: software, then the vendor of the processors."""
    if _software(joining.joiner) != _software(joining.pool):
        refuse("HOSTS_NOT_HOMOGENEOUS", "Software version differs")
    mine = joining.joiner.host.mapping("cpu_info").get("vendor")
    theirs = joining.pool.pool.mapping("cpu_info").get("vendor")
    if mine is None or theirs is None:
        refuse("INTERNAL_ERROR", "Not_found")
    if mine != theirs:
        refuse("HOSTS_NOT_HOMOGENEOUS", "CPUs differ")


def external_auth_matches(joining: Joining) -> None:
    """Row 20: the type, and the service name whatever its case."""

    def auth(side: PoolView) -> tuple[str, str]:
        return side.host.text("external_auth_type"), side.host.text("external_auth_service_name").lower()

    if auth(joining.joiner) != auth(joining.pool):
        refuse("POOL_JOINING_EXTERNAL_AUTH_MISMATCH")


def editions_match(joining: Joining) -> None:
    """Row 21: equal editions, or by rank of the licence daemon the lowest of the pool."""
    mine = joining.joiner.host.text("edition")
    theirs = [host.text("edition") for host in joining.pool.hosts]
    if set(theirs) == {mine}:
        return
    ranks = joining.joiner.edition_ranks
    if ranks is None:
        refuse("V6D_FAILURE", f"The pool uses v6d. Pool edition list = [{'; '.join(theirs)}]")
    lowest = min(theirs, key=lambda edition: _rank(ranks, edition))
    if _rank(ranks, mine) != _rank(ranks, lowest):
        refuse("LICENSE_HOST_POOL_MISMATCH", f'host edition = "{mine}"', f'pool edition = "{lowest}"')


def api_versions_are_the_same(joining: Joining) -> None:
    """Row 23."""

    def version(side: PoolView) -> str:
        return f"{side.host.number('API_version_major')}.{side.host.number('API_version_minor')}"

    mine, theirs = version(joining.joiner), version(joining.pool)
    if mine != theirs:
        refuse("POOL_JOINING_HOST_MUST_HAVE_SAME_API_VERSION", mine, theirs)


def db_schemas_are_the_same(joining: Joining) -> None:
    """Row 24: a missing schema fails too."""
    mine, theirs = (side.software.get("db_schema", "") for side in (joining.joiner, joining.pool))
    if not mine or mine != theirs:
        refuse("POOL_JOINING_HOST_MUST_HAVE_SAME_DB_SCHEMA", mine, theirs)


def updates_are_the_same(joining: Joining) -> None:
    """Row 25: only updates that insist on homogeneity."""

    def updates(side: PoolView) -> set[str]:
        return {u.uuid for u in side.host.all("updates", "pool_update") if u.flag("enforce_homogeneity")}

    if updates(joining.joiner) != updates(joining.pool):
        mine, theirs = (side.host.text("name_label") for side in (joining.joiner, joining.pool))
        refuse("HOSTS_NOT_HOMOGENEOUS", f"Updates on local host {mine} and pool host {theirs} differ")


def _software(side: PoolView) -> tuple[str, str, str, bool]:
    """The four values of row 13a; build number and product version are not among them."""
    version = side.software
    xapi = ".".join(version.get("xapi", "").split(".")[:2])
    return xapi, side.brand, version.get("git_id", ""), "xs:linux" in version


def _rank(ranks: dict[str, int], edition: str) -> int:
    if edition not in ranks:
        raise XapiError("LICENSE_HOST_POOL_MISMATCH", f'Edition "{edition}" from pool is not known to v6d.')
    return ranks[edition]
