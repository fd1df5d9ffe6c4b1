"""Every kind of operation and every kind of step, by name; a fourth wizard adds one line here."""

from collections.abc import Mapping
from typing import Final

from pools.models import Step as StepRow
from pools.operations import (
    coordinator_promote,
    host_add,
    host_forget,
    host_remove,
    network_rebuild,
    password_change,
    pool_cleanup,
    pool_create,
    secret_rotate,
)
from pools.operations.fixes import registry as fixes
from pools.operations.kind import Kind
from pools.operations.step import Step

KINDS: Final[Mapping[str, Kind]] = {
    "pool_create": pool_create.PoolCreate(),
    "host_add": host_add.HostAdd(),
    "host_remove": host_remove.HostRemove(),
    "host_forget": host_forget.HostForget(),
    "coordinator_promote": coordinator_promote.CoordinatorPromote(),
    "network_rebuild": network_rebuild.NetworkRebuild(),
    password_change.KIND: password_change.PasswordChange(),
    "pool_cleanup": pool_cleanup.PoolCleanup(),
    "secret_rotate": secret_rotate.SecretRotate(),
    **fixes.FIXES,
}
WITH_STEPS: Final = (
    pool_create,
    host_remove,
    host_forget,
    coordinator_promote,
    network_rebuild,
    password_change,
    pool_cleanup,
    secret_rotate,
    fixes,
)
STEPS: Final[Mapping[str, type[Step]]] = {cls.__name__: cls for module in WITH_STEPS for cls in module.STEPS}


class StepKindGone(Exception):
    """The step was planned by a version that knew another kind or other parameters."""


def restore(row: StepRow) -> Step:
    """Build the step that was planned and approved."""
    try:
        return STEPS[row.kind](**row.params)
    except (KeyError, TypeError) as error:
        raise StepKindGone(row.kind) from error
