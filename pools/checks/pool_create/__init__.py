"""May these servers form this pool? Importing the modules registers their rules (xapi_pool.ml, pre_join_checks)."""

from pools.checks.pool_create import activity, cpu, estate, forecast, licences, network, software, trust

__all__ = ["activity", "cpu", "estate", "forecast", "licences", "network", "software", "trust"]
