"""Starts parts in order, starts a crashed one again with growing pauses, and stops all in a bounded time."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

from launcher.processes import Command, Process, adopt_orphans, end_orphans
from launcher.servers import START_SECONDS, wait_until_ready
from launcher.terminal import CannotStartError, say

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PRODUCT_STOP_SECONDS = 3.2
STOP_SECONDS = 4.0
ORPHAN_SECONDS = 0.5
WATCH_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 30.0
HEALTHY_AFTER_SECONDS = 60.0


class StopRequestedError(Exception):
    """The person, or the system, asked for the end while parts were starting."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A process to keep running; ``command`` is asked anew at each start. Servers stop after everything else."""

    name: str
    command: Callable[[], Command]
    is_ready: Callable[[], bool]
    is_server: bool = False


@dataclass
class Keeper:
    """One part with its process, and when it may start again."""

    part: Part
    process: Process
    started: float = field(default_factory=time.monotonic)
    pause: float = 0.5
    start_at: float | None = None
    ready: bool = False


class Supervisor:
    """Everything that the launcher started, in the order in which it started it."""

    def __init__(self) -> None:
        self._keepers: list[Keeper] = []
        self._stopping = False  # a plain flag: an Event's lock may be held when the signal comes

    def listen_to_signals(self) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, self._on_signal)

    def start(self, *parts: Part) -> None:
        """Start parts together, then wait until each is ready."""
        keepers = [Keeper(part, Process(part.command())) for part in parts]
        self._keepers += keepers
        for keeper in keepers:
            self._wait_for(keeper.process, keeper.part.is_ready)
            keeper.ready = True

    def run_to_end(self, command: Command) -> None:
        """Run a short command; its failure stops the start, with its last words."""
        process = Process(command)
        try:
            while process.ended() is None:
                self._raise_if_stopping()
                time.sleep(0.02)
        finally:
            process.kill()
        if process.ended() != 0:
            raise CannotStartError(f"{command.name} failed ({command.log}):\n{process.last_words()}")

    def watch(self) -> None:
        """Keep all parts running until a signal comes."""
        while not self._stopping:
            time.sleep(WATCH_SECONDS)
            for keeper in self._keepers:
                tend(keeper)

    def stop(self) -> None:
        """Stop the product's parts together, then the servers in the time that is left; kill what does not end."""
        if self._keepers:
            say("Stopping …")
        adopt_orphans()
        asked = time.monotonic()
        for is_server, seconds in ((False, PRODUCT_STOP_SECONDS), (True, STOP_SECONDS)):
            group = [keeper.process for keeper in self._keepers if keeper.part.is_server is is_server]
            for process in group:
                process.ask_to_stop()
            for process in group:
                process.wait(asked + seconds)
        self._keepers.clear()
        end_orphans(ORPHAN_SECONDS)

    def _wait_for(self, process: Process, is_ready: Callable[[], bool]) -> None:
        def ready_or_stopping() -> bool:
            self._raise_if_stopping()
            return is_ready()

        wait_until_ready(process, ready_or_stopping, START_SECONDS)

    def _raise_if_stopping(self) -> None:
        if self._stopping:
            raise StopRequestedError

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True


def tend(keeper: Keeper) -> None:
    """Report a crash, start again when the pause is over, report when it answers again."""
    now = time.monotonic()
    if keeper.start_at is not None:
        if now >= keeper.start_at:
            start_again(keeper)
    elif keeper.process.ended() is not None:
        plan_restart(keeper, now)
    elif not keeper.ready and keeper.part.is_ready():
        keeper.ready = True
        say("runs again", part=keeper.part.name)


def plan_restart(keeper: Keeper, now: float) -> None:
    """The pause doubles with each crash and is short again after a healthy minute."""
    keeper.process.kill()
    if now - keeper.started > HEALTHY_AFTER_SECONDS:
        keeper.pause = Keeper.pause
    code, log = keeper.process.ended(), keeper.process.command.log
    say(f"ended ({ending(code)}); starting again in {keeper.pause:g} s. The end of {log}:", part=keeper.part.name)
    say(keeper.process.last_words(lines=3))
    keeper.start_at = now + keeper.pause
    keeper.pause = min(keeper.pause * 2, LONGEST_PAUSE_SECONDS)
    keeper.ready = False


def start_again(keeper: Keeper) -> None:
    try:
        keeper.process = Process(keeper.part.command())
    except (OSError, CannotStartError) as error:
        say(f"could not be started: {error}", part=keeper.part.name)
        keeper.start_at = time.monotonic() + keeper.pause
        keeper.pause = min(keeper.pause * 2, LONGEST_PAUSE_SECONDS)
        return
    keeper.started, keeper.start_at = time.monotonic(), None


def ending(code: int | None) -> str:
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"code {code}"
