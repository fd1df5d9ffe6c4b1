"""Create a pool: name the coordinator's pool, then let each server join and wait until it is a member at work."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pools import inventories
from pools.checks.facts import Facts
from pools.checks.registry import Report, run_checks
from pools.models import Operation, Server, StepState
from pools.operations import facts as live
from pools.operations.choices import accepted
from pools.operations.context import Context
from pools.operations.joining import AwaitMember, JoinPool
from pools.operations.joins import STEPS as JOINING
from pools.operations.joins import address_of, joins
from pools.operations.kind import Choices
from pools.operations.naming import NamePool
from pools.operations.step import Step

READ_AGAIN_AFTER: Final = 1.0


@dataclass(frozen=True, kw_only=True)
class ConfirmPool(Step):
    """XAPI itself says that the pool exists, with every member live and enabled."""

    coordinator_uuid: str
    coordinator_name: str
    member_uuids: Sequence[str]

    @property
    def title(self) -> str:
        return "Confirm the pool, with every server that joined"

    @property
    def lane(self) -> str:
        return self.coordinator_uuid

    @property
    def repeats(self) -> bool:
        return True

    @property
    def look_at(self) -> Sequence[str]:
        return (f"{self.coordinator_name}: “xe host-list params=name-label,enabled,host-metrics-live”.",)

    def verify(self, ctx: Context) -> bool:
        pool, members = ctx.operation.pool, self.members(ctx)
        if pool is None or pool.servers.filter(uuid__in=members).count() < len(members):
            return False
        snapshot = inventories.snapshot_of(pool)
        hosts = [snapshot.host(uuid) for uuid in (self.coordinator_uuid, *members)]
        return all(host is not None and host.enabled and snapshot.is_live(host) for host in hosts)

    def members(self, ctx: Context) -> list[str]:
        """Return the servers that joined: neither skipped nor parked on the way."""
        lanes = ctx.operation.steps.filter(kind__in=[JoinPool.__name__, AwaitMember.__name__])
        left_out = set(lanes.exclude(state=StepState.DONE).values_list("lane", flat=True))
        return [uuid for uuid in self.member_uuids if uuid not in left_out]

    def run(self, ctx: Context) -> None:
        """Read everything anew, until the inventory holds the pool as it shall be."""
        while not self._refreshed(ctx):
            ctx.notes.waiting_for("Waiting until every member is live and enabled")
            ctx.pause(READ_AGAIN_AFTER)

    def _refreshed(self, ctx: Context) -> bool:
        pool = ctx.operation.pool
        if pool is None:
            return False
        inventories.store(pool, inventories.read(ctx.pool(), pool))
        return self.verify(ctx)


STEPS: Final[Sequence[type[Step]]] = (NamePool, *JOINING, ConfirmPool)


def plan(facts: Facts, choices: Choices) -> tuple[Step, ...]:
    """Name the pool first, and say at the end what XAPI itself says."""
    coordinator = facts.coordinator
    naming = NamePool(
        coordinator_uuid=coordinator.uuid,
        coordinator_name=coordinator.name_label,
        coordinator_address=address_of(coordinator),
        username=choices.usernames[coordinator.uuid],
        pool_uuid=coordinator.snapshot.pool.uuid,
        name=choices.name,
        description=choices.description,
        old_name=coordinator.snapshot.pool.name_label,
        old_description=coordinator.snapshot.pool.name_description,
    )
    return (naming, *joins(facts, choices), confirm(facts))


def confirm(facts: Facts) -> ConfirmPool:
    """The last step: what XAPI itself says of the pool."""
    return ConfirmPool(
        coordinator_uuid=facts.coordinator.uuid,
        coordinator_name=facts.coordinator.name_label,
        member_uuids=[server.uuid for server in facts.joining],
    )


class PoolCreate:
    """The kind of operation: its servers are the draft's, its pool is the coordinator's."""

    def facts(self, operation: Operation) -> Facts:
        """Read the chosen servers."""
        return live.gather(*self.servers(operation))

    def servers(self, operation: Operation) -> tuple[Server, Sequence[Server]]:
        """Return the coordinator, and those that join in the order of their joins."""
        servers = {server.uuid: server for server in operation.servers.select_related("pool__credential")}
        coordinator = servers.pop(str(operation.draft["coordinator"]))
        return coordinator, sorted(servers.values(), key=lambda server: server.name_label.casefold())

    def check(self, facts: Facts, choices: Choices) -> Report:
        """Ask every rule of XAPI's pool.join, and ours."""
        return accepted(run_checks(facts), choices)

    def plan(self, facts: Facts, choices: Choices) -> Sequence[Step]:
        """Return the steps."""
        return plan(facts, choices)
