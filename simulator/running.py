"""A simulator inside this process: `with running(scene="two-standalone") as sim: …`."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from simulator.scenes.loader import load
from simulator.scenes.model import Scene
from simulator.world import addresses, state_file
from simulator.world.build import build, divide, is_lazy
from simulator.world.calllog import CallRecord
from simulator.world.control import ControlServer
from simulator.world.descriptors import make_room
from simulator.world.faults import Fault
from simulator.world.host import HostMachine
from simulator.world.state import restore
from simulator.world.state_file import StateBrokenError, StateRefusedError
from simulator.world.state_keeper import StateKeeper
from simulator.world.state_model import SavedWorld
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
    """`certificates`: a folder where keys are kept; `state`: a file where the world is. Both survive a restart."""

    profile: str = "instant"
    port: int = 0
    address_base: str | None = None
    certificates: Path | None = None
    state: Path | None = None

    @property
    def certificates_folder(self) -> Path | None:
        """A state without its certificates would be of little use: they are kept beside it."""
        return self.certificates or (self.state.parent / "certificates" if self.state else None)


@contextmanager
def running(scene: str | Scene, profile: str = "instant", **options: object) -> Iterator[Simulation]:
    """Serve a scene until the block ends."""
    chosen = Options(profile=profile, **options)  # type: ignore[arg-type]
    loaded = load(scene) if isinstance(scene, str) else scene
    make_room()
    with ExitStack() as stack:
        folder = chosen.certificates_folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lab-")))
        for each in (chosen.state.parent, folder) if chosen.state else (folder,):
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
        world = _opened(loaded, chosen, folder)
        if chosen.state:
            keeper = StateKeeper(world, chosen.state)
            stack.callback(keeper.stop)
            keeper.start()
        stack.callback(world.stop)
        world.start()
        control = ControlServer(world)
        stack.callback(control.stop)
        control.start()
        yield Simulation(world, control)


def _opened(scene: Scene, chosen: Options, folder: Path) -> World:
    """The world that the state file has, or a new one."""
    if chosen.state:
        try:
            found = state_file.read(chosen.state, scene)
            if found:
                return _restored(scene, chosen, folder, found)
        except StateBrokenError as reason:
            state_file.set_aside(chosen.state, reason)
    base = chosen.address_base or scene.address_base or None
    place = addresses.choose(len(scene.hosts), port=chosen.port, base=base)
    return build(scene, PROFILES[chosen.profile], place, folder)


def _restored(scene: Scene, chosen: Options, folder: Path, found: SavedWorld) -> World:
    """At the addresses it had: databases and the members' configuration are full of them."""
    if chosen.address_base not in (None, found.address_base):
        raise StateRefusedError(f"{chosen.state} holds a lab at {found.address_base}.x, not {chosen.address_base}.x")
    place = addresses.choose(len(scene.hosts), port=chosen.port, base=found.address_base)
    world = World(scene, PROFILES[chosen.profile], place, folder)
    if is_lazy(scene):
        divide(world)
    try:
        restore(world, found)
    except (LookupError, TypeError, ValueError) as error:
        raise StateBrokenError("something in it is missing or makes no sense") from error
    return world
