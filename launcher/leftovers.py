"""Ends a server that outlived a killed launcher, so that the next start finds its data free."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

PATIENCE_SECONDS = 5


def end_leftover(pid_file: Path, program: str, number: signal.Signals) -> None:
    """Signal the process of ``pid_file`` if it still runs ``program`` on our data, and wait for its end."""
    pid = read_pid(pid_file)
    if pid is None or not runs(pid, program, pid_file.parent):
        return
    with suppress(ProcessLookupError):
        os.kill(pid, number)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while runs(pid, program, pid_file.parent) and time.monotonic() < deadline:
        time.sleep(0.02)


def read_pid(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def runs(pid: int, program: str, directory: Path) -> bool:
    """Compare what /proc tells with what we would have started there; a reused number is left alone."""
    process = Path(f"/proc/{pid}")
    try:
        started = Path(os.fsdecode(process.joinpath("cmdline").read_bytes().split(b"\0")[0])).name
        return started.startswith(program) and process.joinpath("cwd").samefile(directory)
    except OSError:
        return False
