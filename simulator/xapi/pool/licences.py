"""Editions of hosts, and what a pool may do with them (xapi_host.ml: apply_edition; pool_features_helpers.ml)."""

from functools import partial

from simulator.world.host import HostMachine
from simulator.world.software import EDITION_RANKS, RESTRICTIONS
from simulator.xapi.errors import XapiError
from simulator.xapi.forwarding import forwarded
from simulator.xapi.machines import host_row, pool_row
from simulator.xapi.pool.state import ha_is_on
from simulator.xapi.registry import Call, message
from simulator.xapi.rows import Row, rows

# Flags that a host may lack and that count as available all the same (features.ml: enabled_when_unknown).
ENABLED_WHEN_UNKNOWN = frozenset({"restrict_xen_motion", "restrict_ad"})
# What the small editions leave out; the tables of the licence daemon are not public, so these are the lab's own.
LEFT_OUT: dict[str, dict[str, str]] = {
    "free": {
        "restrict_pool_size": "true",
        "restrict_rbac": "true",
        "restrict_storage_xen_motion": "true",
        "enable_xha": "false",
    },
    "express": {"restrict_pool_size": "true"},
}


def features(edition: str) -> dict[str, str]:
    return RESTRICTIONS | LEFT_OUT.get(edition, {})


def update_pool_features(pool: Row) -> None:
    """A feature is the pool's when every host has it; hosts whose licence says nothing yet are left out."""
    licences = [host.mapping("license_params") for host in rows(pool.database, "host")]
    known = [licence for licence in licences if licence.keys() & RESTRICTIONS.keys()]
    old = pool.mapping("restrictions")
    new = old | {flag: _of_all(flag, known) for flag in RESTRICTIONS} if known else old
    if new != old:
        pool.set(restrictions=new)


def _of_all(flag: str, licences: list[dict[str, str]]) -> str:
    """Most flags say that something is missing; enable_... says that it is there."""
    if flag.startswith("enable_"):
        return "true" if all(licence.get(flag) == "true" for licence in licences) else "false"
    unknown = "false" if flag in ENABLED_WHEN_UNKNOWN else "true"
    return "true" if any(licence.get(flag, unknown) == "true" for licence in licences) else "false"


@message("host", "apply_edition")
def host_apply_edition(call: Call, host: str, edition: str, _force: bool) -> None:  # noqa: FBT001 - the wire's own order
    forwarded(call, host, partial(apply_edition, edition=edition))


def apply_edition(machine: HostMachine, edition: str) -> None:
    """Under HA only the edition that is there already; without a licence daemon no other exists."""
    row = host_row(machine)
    if ha_is_on(machine.database) and edition != row.text("edition"):
        raise XapiError("HA_IS_ENABLED")
    if edition not in {row.text("edition"), *(machine.edition_ranks or {})}:
        raise XapiError("INVALID_EDITION", edition)
    take_edition(machine, edition)


@message("pool", "apply_edition")
def pool_apply_edition(call: Call, pool: str, edition: str) -> None:
    """On every host; when one cannot, those that could go back to what they had."""
    changed: list[tuple[str, str]] = []
    try:
        for host in list(rows(Row(call.host.database, "pool", pool).database, "host")):
            before = host.text("edition")
            forwarded(call, host.ref, partial(apply_edition, edition=edition))
            changed.append((host.ref, before))
    except XapiError:
        for ref, before in changed:
            forwarded(call, ref, partial(take_edition, edition=before))
        raise


def take_edition(machine: HostMachine, edition: str) -> None:
    row = host_row(machine)
    row.set(edition=edition, license_params=row.mapping("license_params") | {"sku_type": edition} | features(edition))
    update_pool_features(pool_row(machine))


@message("pool", "get_license_state")
def pool_get_license_state(call: Call, pool: str) -> dict[str, str]:
    """The edition of the lowest rank in the pool, where an unknown one is free, and when the first licence ends."""
    row = Row(call.host.database, "pool", pool)
    editions = {host.text("edition") for host in rows(row.database, "host")}
    return {"edition": min(sorted(editions), key=lambda name: EDITION_RANKS.get(name, 0)), "expiry": "never"}
