"""One child process: its own session, gone when the launcher is gone, stopped in a bounded time."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
POLL_SECONDS = 0.02
LOG_TAIL_BYTES = 8_000


@dataclass(frozen=True, kw_only=True)
class Command:
    """What to start, where its words go, and which signals end it."""

    name: str
    argv: tuple[str, ...]
    log: Path
    output: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    directory: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    user: str | None = None
    become: Callable[[], None] | None = None
    keep_open: tuple[int, ...] = ()


class Process:
    """A started command."""

    def __init__(self, command: Command) -> None:
        self.command = command
        output_mode = "wb" if command.output else "ab"
        with command.log.open("ab") as log, (command.output or command.log).open(output_mode) as output:
            self._popen = subprocess.Popen(
                command.argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=log,
                cwd=command.directory,
                env={**os.environ, **command.environment},
                start_new_session=True,
                user=command.user,
                group=pwd.getpwnam(command.user).pw_gid if command.user else None,
                extra_groups=[] if command.user else None,
                preexec_fn=preparation(command, os.getpid()),
                pass_fds=command.keep_open,
            )

    @property
    def pid(self) -> int:
        return self._popen.pid

    def ended(self) -> int | None:
        """Return the exit code once the process is over, minus the signal if one ended it."""
        return self._popen.poll()

    def ask_to_stop(self) -> None:
        if self.ended() is None:
            self._popen.send_signal(self.command.stop_signal)

    def wait(self, deadline: float) -> None:
        """Wait until ``deadline`` (monotonic), then end the whole session without asking."""
        while self.ended() is None and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        self.kill()

    def last_words(self, lines: int = 8) -> str:
        """Return the end of the log, for the person at the terminal."""
        text = self.command.log.read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace")
        return "\n".join(f"  {line[:300]}" for line in text.splitlines()[-lines:])

    def kill(self) -> None:
        """End what is left of the process and of its children."""
        with suppress(ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()


def end_with_parent(number: signal.Signals) -> None:
    """Ask Linux to send this process ``number`` when the thread that made it ends, however it ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(number))


def adopt_orphans() -> None:
    """Ask Linux to give this process what its children leave behind, which init would get otherwise."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1)


def end_orphans(seconds: float) -> None:
    """End and await every child of this process; PostgreSQL's are in no session but their own."""
    deadline = time.monotonic() + seconds
    with suppress(ChildProcessError):  # no child is left
        while time.monotonic() < deadline:
            for pid in children():
                os.kill(pid, signal.SIGKILL)
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                pass
            time.sleep(POLL_SECONDS)


def children() -> list[int]:
    """Return the children, zombies too; where the system does not list them, none."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children")
    return [int(pid) for pid in listed.read_text().split()] if listed.exists() else []


def preparation(command: Command, parent: int) -> Callable[[], None]:
    """Run in the child before exec: credentials first, since changing them clears the parent-death signal."""

    def prepare() -> None:
        os.umask(0o077)
        if command.become:
            command.become()
        end_with_parent(command.orphan_signal)
        if os.getppid() != parent:
            os._exit(1)

    return prepare
