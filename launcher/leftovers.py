"""Ends a server that outlived a killed launcher, so that the next start finds its data free."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

PATIENCE_SECONDS = 5
SERVERS = ("postgres", "valkey-server", "redis-server")


def end_leftover(pid_file: Path, number: signal.Signals) -> None:
    """Signal the server of ``pid_file`` if it still runs on our data, and wait for its end."""
    pid = read_pid(pid_file)
    if pid is None or not is_server_of(pid, pid_file.parent):
        return
    with suppress(ProcessLookupError):
        os.kill(pid, number)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while is_server_of(pid, pid_file.parent) and time.monotonic() < deadline:
        time.sleep(0.02)


def read_pid(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def is_server_of(pid: int, directory: Path) -> bool:
    """Compare what /proc tells with what we would have started there; a reused number is left alone."""
    process = Path(f"/proc/{pid}")
    try:
        return process.joinpath("comm").read_text().strip() in SERVERS and process.joinpath("cwd").samefile(directory)
    except OSError:
        return False
