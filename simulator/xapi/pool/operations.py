"""Operations of a whole pool: which refuse, and which wait for, each other (xapi_pool_helpers.ml)."""

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from simulator.schema import schema
from simulator.world.host import HostMachine
from simulator.xapi.errors import XapiError
from simulator.xapi.machines import pool_row
from simulator.xapi.operations import Verdicts, allowed, operating, refuse_if_not_allowed
from simulator.xapi.registry import Call
from simulator.xapi.rows import Row

WAITS = "OTHER_OPERATION_IN_PROGRESS"
LONGEST = 7200.0  # seconds that an operation waits for others (helpers.ml: retry)
PAUSES = (1.0, 20.0)  # seconds between two tries

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


@contextmanager
def pool_operation(machine: HostMachine, name: str, call: Call | None = None) -> Iterator[str]:
    """Run as this operation on the pool of a master, once no other runs; with a task, the wait can be cancelled."""
    pool, timing = pool_row(machine), machine.world.timing
    end = time.monotonic() + timing.wait_pool
    with ExitStack() as running:
        while True:
            with pool.database.locked():
                refused = _refusal(pool, name)
                if refused is None:
                    key = running.enter_context(operating(pool, name, call))
                    break
            if refused.code != WAITS or time.monotonic() >= end:
                raise refused
            machine.life.pause(random.uniform(*PAUSES) * timing.wait_pool / LONGEST)  # noqa: S311 - no secret
            if call and call.task:
                call.task.check_cancelled()
        yield key


def _refusal(pool: Row, name: str) -> XapiError | None:
    if pool.flag("is_psr_pending"):
        return XapiError("POOL_SECRET_ROTATION_PENDING")
    try:
        refuse_if_not_allowed(pool, name)
    except XapiError as error:
        return error
    return None


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
