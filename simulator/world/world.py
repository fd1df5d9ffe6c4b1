"""The world: every machine of a scene, the time it runs on, and what goes wrong."""

import logging
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from simulator.autoload import load_everything
from simulator.console.consoles import Consoles
from simulator.scenes.model import Scene
from simulator.schema import schema
from simulator.wire.acceptor import Acceptor
from simulator.wire.http import Server
from simulator.world import reach
from simulator.world.addresses import Addresses
from simulator.world.calllog import CallLog
from simulator.world.directory import Directory
from simulator.world.faults import AT_ONCE, DropConnection, Fault, Faults, ToolstackCrash
from simulator.world.host import HostMachine, Place
from simulator.world.life import Life
from simulator.world.monitor import Monitor
from simulator.world.timing import Timing
from simulator.xapi.pool import startup
from simulator.xapi.pool.collection import Collections
from simulator.xapi.pool.heartbeat import Heartbeats, mark_as_dead

log = logging.getLogger(__name__)


class World:
    """Machines are found by name, address or UUID."""

    def __init__(self, scene: Scene, timing: Timing, addresses: Addresses, folder: Path) -> None:
        load_everything()
        self.scene = scene
        self.folder = folder
        self.address_base = addresses.base
        self.schema = schema()
        self.timing = timing
        self.faults = Faults()
        self.calllog = CallLog()
        self.life = Life()
        self.monitor = Monitor()
        self.machines = [
            HostMachine(self, spec, Place(f"{scene.name}/{spec.name}", address, addresses.port))
            for spec, address in zip(scene.hosts, addresses.hosts(len(scene.hosts)), strict=True)
        ]
        self.switches = {switch.name: switch for switch in scene.switches}
        self.storages = {storage.name: storage for storage in scene.storages}
        self.consoles = Consoles()
        self.directory = Directory(scene.hosts)
        self._servers: dict[str, Server] = {}
        self._acceptor = Acceptor()
        self._known: dict[str, HostMachine] = {}
        for machine in self.machines:
            for key in (machine.name, machine.address, machine.uuid):
                self._known.setdefault(key, machine)

    def machine(self, key: str) -> HostMachine:
        """The machine with this name, address or UUID."""
        found = self._find(key, lambda machine: key in {machine.name, machine.address, machine.uuid})
        if found is None:
            raise LookupError(f"no host {key!r} in scene {self.scene.name}")
        found.look()
        return found

    def at(self, address: str) -> HostMachine | None:
        return self._find(address, lambda machine: machine.address == address)

    @property
    def installed(self) -> list[HostMachine]:
        """The machines that somebody has looked at; the others are as the scene says."""
        return [machine for machine in self.machines if machine.installed]

    def _find(self, key: str, fits: Callable[[HostMachine], bool]) -> HostMachine | None:
        """The one that had this key at the beginning if it still has it; addresses may move."""
        usual = self._known.get(key)
        if usual and fits(usual):
            return usual
        return next((machine for machine in self.machines if fits(machine)), None)

    def start(self) -> None:
        """Switch on every machine that was not left off; those that were starting up begin that again."""
        for machine in self.machines:
            if machine.powered and machine.settled:
                self.listen(machine)
        for machine in self.machines:
            if machine.powered and not machine.settled:
                self._spawn(machine, partial(self._boot, machine, machine.life, self.timing.down))
        Heartbeats(self).start()
        Collections(self).start()

    def stop(self) -> None:
        self.life.end()
        self.consoles.close()
        self.faults.clear()
        self.monitor.end()
        for machine in self.machines:
            machine.life.end()
            self.hush(machine)
        self._acceptor.stop()

    def listen(self, machine: HostMachine) -> None:
        """Open the machine's socket; an address outside of loopback leads nowhere."""
        with machine.lock:
            if machine.up or self.life.ended or not machine.address.startswith("127."):
                return
            server = Server(machine, self._acceptor)
            try:
                server.start()
            except OSError as error:
                if machine.address == machine.home:
                    raise
                log.warning("%s cannot be reached at %s: %s", machine.name, machine.address, error)
                return
            self._servers[machine.name] = server
            machine.up = True

    def hush(self, machine: HostMachine) -> None:
        """Close the machine's socket and every connection: callers are refused from now on."""
        with machine.lock:
            machine.up = False
            server = self._servers.pop(machine.name, None)
            if server:  # still with the lock: whoever listens next needs the address
                server.stop()

    def listen_anew(self, machine: HostMachine) -> None:
        self.hush(machine)
        self.listen(machine)

    def restart(self, machine: HostMachine, after: float) -> None:
        """Restart the toolstack when the fuse has burnt down."""
        if not machine.powered:
            return
        life = machine.life
        machine.settled = False

        def work() -> None:
            life.pause(after)
            self._boot(machine, self._go_down(machine), self.timing.down)

        self._spawn(machine, work)

    def restart_after(self, machine: HostMachine, other: Life) -> None:
        """Restart the toolstack as soon as that run of another one has ended."""
        life = machine.life
        machine.settled = False

        def work() -> None:
            while not other.wait(1):
                life.pause(0)
            life.pause(0)
            self._boot(machine, self._go_down(machine), self.timing.down)

        self._spawn(machine, work)

    def crash(self, machine: HostMachine) -> None:
        """The toolstack dies now, whatever it was doing, and is started again."""
        if not machine.powered:
            return
        life = self._go_down(machine)
        self._spawn(machine, partial(self._boot, machine, life, self.timing.down))

    def power_off(self, machine: HostMachine) -> None:
        """Pull the plug: nothing answers, and the master notices only when heartbeats stay away."""
        machine.look()
        machine.powered = False
        reach.refresh(machine)
        self._go_down(machine)

    def shut_down(self, machine: HostMachine, after: float = 0) -> None:
        """Let the server go off in good order: it tells its master, who counts it as dead at once."""

        def work() -> None:
            life.pause(after)
            mark_as_dead(machine)
            self.power_off(machine)

        life = machine.life
        self._spawn(machine, work)

    def reboot(self, machine: HostMachine, after: float = 0) -> None:
        """Let the server go down in good order and boot again."""
        if not machine.powered:
            return
        life = machine.life
        machine.settled = False

        def work() -> None:
            life.pause(after)
            mark_as_dead(machine)
            machine.booted_at = machine.now() + self.timing.reboot
            self._boot(machine, self._go_down(machine, boot=True), self.timing.reboot)

        self._spawn(machine, work)

    def power_on(self, machine: HostMachine) -> None:
        machine.look()
        if not machine.powered:
            machine.powered = True
            reach.refresh(machine)
            machine.booted_at = machine.now() + self.timing.power_on
            life = self._go_down(machine, boot=True)
            self._spawn(machine, partial(self._boot, machine, life, self.timing.power_on))

    def step(self, machine: HostMachine, name: str) -> None:
        """A named point in a long operation, where a fault may make the toolstack crash."""
        if self.faults.crashes(machine.name, name):
            self.crash(machine)
            raise ToolstackCrash

    def inject(self, fault: Fault) -> Fault:
        """Let a fault wait for its moment; those that act at once do so on every machine that fits."""
        act = AT_ONCE.get(fault.kind)
        if act is None:
            return self.faults.add(fault)
        for machine in self.machines:
            if fault.matches(machine.name, "*"):
                machine.look()
                act(machine, fault)
        return fault

    def _go_down(self, machine: HostMachine, *, boot: bool = False) -> Life:
        """End what runs on the machine; gives the life that begins. A boot cut short is still a boot."""
        boot = boot or machine.life.boot
        machine.life.end()
        self.hush(machine)
        machine.sessions.clear()
        with machine.lock:
            machine.settled = False
            machine.life = Life(boot=boot)
        return machine.life

    @staticmethod
    def _boot(machine: HostMachine, life: Life, after: float) -> None:
        life.pause(after)
        if not machine.powered:
            return
        done = startup.start(machine, life.pause)
        with machine.lock:
            if done and not life.ended:
                machine.settled, life.boot = True, False
        machine.world.monitor.look(machine)

    def _spawn(self, machine: HostMachine, work: Callable[[], None]) -> None:
        def run() -> None:
            try:
                work()
            except ToolstackCrash:
                log.info("%s: toolstack crashed", machine.name)
            except DropConnection:
                log.debug("%s: ended", machine.name)

        threading.Thread(target=run, name=f"toolstack-{machine.name}", daemon=True).start()
