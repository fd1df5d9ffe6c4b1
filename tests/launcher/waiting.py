"""Waiting for other processes, with a deadline instead of a sleep."""

import os
import time
from collections.abc import Callable
from pathlib import Path


def wait_until(condition: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """A zombie has ended; only its parent has not looked yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def processes_with(words: str) -> list[int]:
    """Return the processes, other than this one, with ``words`` in their environment, arguments or directory."""
    numbers = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]
    return [pid for pid in numbers if pid != os.getpid() and tells(pid, words)]


def tells(pid: int, words: str) -> bool:
    """Servers overwrite their arguments and environment with a title; their directory stays."""
    process = Path(f"/proc/{pid}")
    try:
        text = process.joinpath("environ").read_bytes() + process.joinpath("cmdline").read_bytes()
        return words.encode() in text + bytes(process.joinpath("cwd").readlink()) and alive(pid)
    except OSError:
        return False
