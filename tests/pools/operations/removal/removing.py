"""A pool of a scene that servers are removed from, by the product's own services."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.test import override_settings

from pools import connections
from pools.forecast.losses import losses_of
from pools.models import Operation, OperationState, Pool, Role, User
from pools.operations import presence
from pools.operations.removal.choices import in_turn
from pools.services import host_remove, operations
from pools.xapi.gateway import WITH_DISKS
from pools.xapi.inventory import Snapshot
from simulator.running import Simulation, running
from simulator.scenes.model import Scene
from tests.fixtures.lab import Lab, connect_one, ports_of, story
from tests.fixtures.people import make_person
from tests.pools.connected import server_of


@dataclass
class Removing:
    """A connected pool; ``lab`` works on its operations."""

    lab: Lab
    pool: Pool
    owner: User

    @property
    def sim(self) -> Simulation:
        return self.lab.sim

    def draft(self, *names: str, **draft: object) -> Operation:
        """Choose these servers, and accept every loss that is foretold."""
        servers = [server_of(self.sim.host(name)) for name in names]
        operation = host_remove.begin(user=self.owner, pool=self.pool, servers=servers)
        operation.draft = {**operation.draft, "decisions": self.accept(*names), **draft}
        operation.save()
        return operation

    def accept(self, *names: str) -> dict[str, object]:
        """Accept all that these servers take with them."""
        with connections.connect_pool(self.pool) as xapi:
            pool = Snapshot.from_wire(xapi.snapshot(WITH_DISKS))
        leaving = in_turn([self.sim.host(name).uuid for name in names], pool.master.uuid)
        lost = [losses_of(pool, uuid, leaving[:place]).named() for place, uuid in enumerate(leaving)]
        return {key: {"do": "accept"} for rows in lost for key in rows}

    def started(self, *names: str, **draft: object) -> Operation:
        planned = operations.make_plan(operation=self.draft(*names, **draft), user=self.owner)
        return operations.start(operation=planned, user=self.owner)

    def ran(self, *names: str, **draft: object) -> Operation:
        return self.lab.run(self.started(*names, **draft))

    def succeeded(self, *names: str, **draft: object) -> Operation:
        operation = self.ran(*names, **draft)
        assert operation.state == OperationState.SUCCEEDED, story(operation)
        return operation


@contextmanager
def removing(scene: str | Scene, coordinator: str) -> Iterator[Removing]:
    """Run a scene, and connect its pool by its coordinator."""
    with running(scene) as sim, override_settings(PATIENCE=15, HOST_PORTS=ports_of(sim)):
        owner = make_person("olivia", Role.OWNER)
        server = connect_one(sim.host(coordinator), owner)
        try:
            yield Removing(lab=Lab(sim=sim, owner=owner, servers=[server]), pool=server.pool, owner=owner)
        finally:
            presence.leave()
