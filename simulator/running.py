"""A simulator inside this process: `with running(scene="two-standalone") as sim: …`."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from simulator.scenes.loader import load
from simulator.scenes.model import Scene
from simulator.world import addresses
from simulator.world.build import build
from simulator.world.calllog import CallRecord
from simulator.world.control import ControlServer
from simulator.world.faults import Fault
from simulator.world.host import HostMachine
from simulator.world.timing import PROFILES
from simulator.world.world import World


@dataclass(frozen=True)
class Simulation:
    """A world whose hosts answer; `hosts` in the order of the scene."""

    world: World
    control: ControlServer

    @property
    def hosts(self) -> list[HostMachine]:
        return self.world.machines

    def host(self, name: str) -> HostMachine:
        return self.world.machine(name)

    def calls(self, method: str | None = None, host: str | None = None) -> list[CallRecord]:
        """What reached the hosts; Async calls count as their message."""
        return self.world.calllog.calls(method, host)

    def fault(self, kind: str, **where: object) -> Fault:
        """Let something go wrong, as in `sim.fault("drop_after", host="xs-01", method="pool.join")`."""
        return self.world.inject(Fault(kind=kind, **where))  # type: ignore[arg-type]

    def as_line(self) -> dict[str, object]:
        """What `python -m simulator` prints when it is ready."""
        return {
            "scene": self.world.scene.name,
            "hosts": [
                {
                    "name": host.name,
                    "address": host.address,
                    "port": host.port,
                    "username": host.username,
                    "password": host.password,
                }
                for host in self.hosts
            ],
            "control": self.control.url,
        }


@dataclass(frozen=True, kw_only=True)
class Options:
    """`certificates`: a folder where keys are kept, so that pins survive a restart of the simulator."""

    profile: str = "instant"
    port: int = 0
    address_base: str | None = None
    certificates: Path | None = None


@contextmanager
def running(scene: str | Scene, profile: str = "instant", **options: object) -> Iterator[Simulation]:
    """Serve a scene until the block ends."""
    chosen = Options(profile=profile, **options)  # type: ignore[arg-type]
    loaded = load(scene) if isinstance(scene, str) else scene
    with ExitStack() as stack:
        folder = chosen.certificates or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lab-")))
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = addresses.choose(len(loaded.hosts), port=chosen.port, base=chosen.address_base)
        world = build(loaded, PROFILES[chosen.profile], place, folder)
        stack.callback(world.stop)
        world.start()
        control = ControlServer(world)
        stack.callback(control.stop)
        control.start()
        yield Simulation(world, control)
