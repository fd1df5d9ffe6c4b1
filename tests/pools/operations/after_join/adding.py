"""A pool of a scene that servers are added to, by the product's own services."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from django.test import override_settings

from pools.models import Operation, OperationState, Pool, Role, Step, User
from pools.operations import presence
from pools.services import host_add, operations
from simulator.running import Simulation, running
from simulator.scenes.loader import load
from simulator.scenes.model import HostSpec, Scene
from simulator.world.host import HostMachine
from tests.fixtures.lab import Lab, connect_one, ports_of, story
from tests.fixtures.people import make_person
from tests.pools.connected import server_of


@dataclass
class Adding:
    """``lab.servers`` are the coordinator and the servers that may join."""

    lab: Lab
    pool: Pool
    owner: User

    @property
    def sim(self) -> Simulation:
        return self.lab.sim

    def started(self, *joiners: str, **draft: object) -> Operation:
        """Choose these servers, answer the wizard, make the plan and start it."""
        servers = [server_of(self.sim.host(name)) for name in joiners]
        operation = host_add.begin(user=self.owner, pool=self.pool, servers=servers)
        operation.draft = {**operation.draft, **draft}
        operation.save()
        planned = operations.make_plan(operation=operation, user=self.owner)
        return operations.start(operation=planned, user=self.owner)

    def ran(self, *joiners: str, **draft: object) -> Operation:
        """Run it to its end."""
        return self.lab.run(self.started(*joiners, **draft))

    def succeeded(self, *joiners: str, **draft: object) -> Operation:
        operation = self.ran(*joiners, **draft)
        assert operation.state == OperationState.SUCCEEDED, story(operation)
        return operation


@contextmanager
def adding(scene: str | Scene, coordinator: str, joiners: Sequence[str]) -> Iterator[Adding]:
    """Run a scene; connect its pool by its coordinator, and the servers that may join."""
    with running(scene) as sim, override_settings(PATIENCE=15, HOST_PORTS=ports_of(sim)):
        owner = make_person("olivia", Role.OWNER)
        servers = [connect_one(sim.host(name), owner) for name in (coordinator, *joiners)]
        try:
            yield Adding(lab=Lab(sim=sim, owner=owner, servers=servers), pool=servers[0].pool, owner=owner)
        finally:
            presence.leave()


def step(operation: Operation, kind: str, host: str = "") -> Step:
    """Return the step of this kind, in the lane of this server."""
    steps = operation.steps.filter(kind=kind)
    return next(each for each in steps if not host or each.params.get("host_name") == host)


def scene_with_ha() -> Scene:
    """The scene of a pool with HA, and two servers that may join it."""
    ha = load("ha-pool")
    cpu = ha.hosts[0].cpu
    return replace(ha, hosts=(*ha.hosts, *(HostSpec(name=f"new-{number}", cpu=cpu) for number in (1, 2))))


def rows(host: HostMachine, table: str) -> list[dict[str, object]]:
    return [dict(row) for row in host.database.records(table).values()]
