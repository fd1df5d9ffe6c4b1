"""Was the forecast right? The pool's records after a join, held against what was foretold of it."""

from pools.checks.finding import Finding
from pools.forecast.join import JoinForecast
from pools.xapi.inventory import Snapshot


def compare(forecast: JoinForecast, after: Snapshot, host_uuid: str) -> list[Finding]:
    """Return what is not as foretold; ``after`` is what the coordinator says once the member is enabled and live."""
    return []
