"""Whether HA's plan survives that one host goes (xapi_ha_vm_failover.ml: assert_..._preserves_ha_plan)."""

from simulator.xapi.errors import XapiError
from simulator.xapi.forwarding import is_live
from simulator.xapi.rows import Row, first, rows


def assert_plan_survives(host: Row) -> None:
    """Hosts are counted, not memory: the others must be more than the failures to tolerate."""
    pool = first(host.database, "pool")
    if pool is None or not pool.flag("ha_enabled") or pool.flag("ha_allow_overcommit"):
        return
    wanted = pool.number("ha_host_failures_to_tolerate")
    others = [each for each in rows(host.database, "host") if each.ref != host.ref]
    able = [each for each in others if each.flag("enabled") and is_live(each)]
    if wanted and host.flag("enabled") and len(able) <= wanted:
        raise XapiError("HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN")
