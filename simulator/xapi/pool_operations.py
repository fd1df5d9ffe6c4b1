"""Operations of a whole pool: which stand in each other's way (xapi_pool_helpers.ml)."""

from simulator.schema import schema
from simulator.xapi.errors import XapiError
from simulator.xapi.operations import Verdicts, allowed
from simulator.xapi.rows import Row

BLOCKING = {
    "ha_enable": "HA_ENABLE_IN_PROGRESS",
    "ha_disable": "HA_DISABLE_IN_PROGRESS",
    "cluster_create": "CLUSTER_CREATE_IN_PROGRESS",
    "designate_new_master": "DESIGNATE_NEW_MASTER_IN_PROGRESS",
    "tls_verification_enable": "TLS_VERIFICATION_ENABLE_IN_PROGRESS",
    "configure_repositories": "CONFIGURE_REPOSITORIES_IN_PROGRESS",
    "sync_updates": "SYNC_UPDATES_IN_PROGRESS",
    "sync_bundle": "SYNC_BUNDLE_IN_PROGRESS",
    "apply_updates": "APPLY_UPDATES_IN_PROGRESS",
}


@allowed("pool")
def pool_operations(pool: Row) -> Verdicts:
    """Nothing is allowed beside another; a second blocking one is told which is in its way."""
    running = pool.mapping("current_operations")
    return {name: _verdict(pool, name, running) for name in schema().enums["pool_allowed_operations"]}


def _verdict(pool: Row, name: str, running: dict[str, str]) -> XapiError | None:
    if not running:
        return None
    for other in running.values():
        if name in BLOCKING and other in BLOCKING:
            return XapiError(BLOCKING[other])
    task, other = next(iter(running.items()))
    return XapiError("OTHER_OPERATION_IN_PROGRESS", "pool", pool.ref, other, task)
