"""Give a pool a new secret: a server that left it, and is not trusted, knew the old one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from pools import connections
from pools.checks import secret_rotate as checks
from pools.checks.facts import Facts, ServerFacts
from pools.checks.registry import Report
from pools.models import Operation
from pools.operations import facts as live
from pools.operations.high_availability import DisableHA, EnableHA
from pools.operations.host_remove import coordinator_of
from pools.operations.joins import address_of, ha_params
from pools.operations.kind import Choices
from pools.operations.rotating.rotation import RotateSecret
from pools.operations.step import Step
from pools.xapi.errors import XapiError

KIND: Final = "secret_rotate"
OCCASION: Final = "the rotation"
STEPS: Final[Sequence[type[Step]]] = (RotateSecret,)


class SecretRotate:
    """The kind of operation: its pool gets the new secret."""

    def facts(self, operation: Operation) -> Facts:
        """Read the pool through its coordinator."""
        coordinator = coordinator_of(operation.pool)
        try:
            with connections.connect(coordinator) as xapi:
                read = live.read(coordinator, xapi)
        except XapiError as error:
            return Facts(coordinator=live.unreadable(coordinator, error), joining=())
        return Facts(coordinator=replace(read, rests_on=rests_on(read)), joining=())

    def check(self, facts: Facts, choices: Choices) -> Report:
        """Ask what pool.rotate_secret would."""
        return checks.run(facts, ha=choices.ha)

    def plan(self, facts: Facts, choices: Choices) -> Sequence[Step]:
        """Return the steps."""
        return tuple(plan(facts, choices))


def plan(facts: Facts, choices: Choices) -> Iterator[Step]:
    """HA is off around it, where that was chosen."""
    coordinator = facts.coordinator
    around = ha_params(facts, choices) if choices.ha and facts.pool.pool.ha_enabled else None
    if around:
        yield DisableHA(**around, occasion=OCCASION)
    yield RotateSecret(
        coordinator_uuid=coordinator.uuid,
        coordinator_name=coordinator.name_label,
        coordinator_address=address_of(coordinator),
        username=choices.usernames.get(coordinator.uuid, "root"),
        servers=sorted(host.name_label for host in facts.pool.hosts.values()),
    )
    if around:
        yield EnableHA(**around, occasion=OCCASION)


def rests_on(server: ServerFacts) -> Mapping[str, str]:
    """What the plan rests on, in words."""
    pool = server.snapshot
    silent = sorted(host.name_label for host in pool.hosts.values() if not pool.is_live(host))
    return {
        "high availability": "on" if pool.pool.ha_enabled else "off",
        "rotation": "begun and not ended" if pool.pool.is_psr_pending else "none pending",
        "servers that do not report": ", ".join(silent),
    }
