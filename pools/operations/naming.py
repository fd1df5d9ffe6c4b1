"""The step that names a pool."""

from dataclasses import dataclass

from pools.operations.context import Context
from pools.operations.step import ReversibleStep
from pools.operations.xe import xe
from pools.xapi.inventory import Snapshot


@dataclass(frozen=True, kw_only=True)
class NamePool(ReversibleStep):
    """pool.set_name_label and set_name_description: without a name XAPI shows a pool as a single server."""

    coordinator_uuid: str
    coordinator_name: str
    coordinator_address: str
    username: str
    pool_uuid: str
    name: str
    description: str
    old_name: str
    old_description: str

    @property
    def title(self) -> str:
        return f"Name the pool “{self.name}”"

    @property
    def call(self) -> str:
        calls = f'pool.set_name_label("{self.name}") · pool.set_name_description("{self.description}")'
        return f"{calls} on {self.coordinator_name} ({self.coordinator_address})"

    @property
    def xe(self) -> str:
        values = {"uuid": self.pool_uuid, "name-label": self.name, "name-description": self.description}
        return xe(self.coordinator_address, self.username, "pool-param-set", values)

    @property
    def undo_text(self) -> str:
        return "The old name and description are set again."

    @property
    def lane(self) -> str:
        return self.coordinator_uuid

    def verify(self, ctx: Context) -> bool:
        pool = Snapshot.from_wire({"pool": ctx.pool().records("pool")}).pool
        return (pool.name_label, pool.name_description) == (self.name, self.description)

    def run(self, ctx: Context) -> None:
        ctx.pool().pool_set_name_label(self.name)
        ctx.pool().pool_set_name_description(self.description)

    def may_repeat(self, ctx: Context) -> bool:
        """Setting a name twice is setting it once."""
        return True

    def undo(self, ctx: Context) -> None:
        ctx.pool().pool_set_name_label(self.old_name)
        ctx.pool().pool_set_name_description(self.old_description)
