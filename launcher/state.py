"""The state directory (``XENWEB_VAR``): ours or refused, 0700, used by one launcher at a time."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launcher.sockets import POINTER, remove_sockets_elsewhere
from launcher.terminal import CannotStartError

LOCK = "lock"
KNOWN = frozenset({
    LOCK, POINTER, "sockets", "keys", "log", "postgres", "postgres-programs", "valkey", "static", "beat",
    "lab", "lab.json", "lab.out", "lab-certificates", "lab-logins.txt", "static-stamp", "test-cache",
})  # fmt: skip


@contextmanager
def state_directory(path: Path) -> Iterator[Path]:
    """Make or check the directory and hold its lock; the system drops the lock however the launcher ends."""
    claim(path)
    with (path / LOCK).open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStartError(
                f"xenweb already runs on {path} ({holder(path)}). Stop it first, or set XENWEB_VAR to another one."
            ) from None
        tell_others(path, f"process {os.getpid()}")
        yield path
        remove_sockets_elsewhere(path)


def claim(path: Path) -> None:
    """Refuse a directory with anything in it that xenweb does not make."""
    if path.exists():
        strange = sorted(entry.name for entry in path.iterdir() if entry.name not in KNOWN)
        if strange:
            raise CannotStartError(
                f"{path} is not a state directory of xenweb (it holds {strange[0]}). "
                "Set XENWEB_VAR to an empty or a new directory."
            )
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)
    (path / "log").mkdir(mode=0o700, exist_ok=True)


def start_over(path: Path) -> None:
    """Remove what xenweb made, entry by entry, never through a symbolic link; the lock stays."""
    remove_sockets_elsewhere(path)
    for name in sorted(KNOWN - {LOCK}):
        entry = path / name
        if entry.is_symlink() or entry.is_file():
            entry.unlink()
        elif entry.is_dir():
            shutil.rmtree(entry)
    (path / "log").mkdir(mode=0o700)


def tell_others(path: Path, words: str) -> None:
    """Say in the lock file who holds it, for the refusal that a second launcher prints."""
    (path / LOCK).write_text(f"{words}\n", encoding="utf-8")


def holder(path: Path) -> str:
    return (path / LOCK).read_text(encoding="utf-8").strip() or "another process"
