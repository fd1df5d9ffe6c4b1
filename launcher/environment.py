"""Brings .venv/ up to the given lock files; runs on a bare Python 3.11, so it imports the standard library only."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
INSTALLER_LOCK = ROOT / "launcher" / "installer.txt"
QUIET = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_ROOT_USER_ACTION": "ignore", "UV_NO_PROGRESS": "1"}


def main(locks: list[str]) -> int:
    """Install every lock whose stamp is missing; two commands at once wait for each other."""
    wanted = [ROOT / name for name in locks]
    if all(is_installed(lock) for lock in wanted):
        return 0
    with only_one():
        missing = [lock for lock in wanted if not is_installed(lock)]
        return 0 if all(install(lock) for lock in missing) else 1


def stamp_of(lock: Path) -> Path:
    return VENV / f".installed-{lock.stem}"


def is_installed(lock: Path) -> bool:
    """A stamp holds the checksum of the lock that was installed; a changed lock is installed anew."""
    stamp = stamp_of(lock)
    return PYTHON.exists() and stamp.is_file() and stamp.read_text() == checksum(lock)


def checksum(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


@contextmanager
def only_one() -> Iterator[None]:
    with (ROOT / ".venv.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another set-up of .venv/ …")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def install(lock: Path) -> bool:
    """Try uv first (seconds), then pip; both check every hash."""
    started = time.monotonic()
    say(f"Installing {lock.name} into .venv/ …")
    if not (venv_is_whole() or make_venv()):
        return False
    complaint = ""
    for installer in installers():
        done = attempt([*installer, "--require-hashes", "-r", str(lock)])
        if done.returncode == 0:
            stamp_of(lock).write_text(checksum(lock))
            say(f"Installed in {time.monotonic() - started:.0f} s.")
            return True
        complaint = done.stderr or done.stdout
    say(f"{lock.name} could not be installed:\n{complaint.strip()}")
    return False


def venv_is_whole() -> bool:
    """Interrupted set-ups leave a Python without pip; an environment made by uv has none and needs uv."""
    if not PYTHON.exists():
        return False
    return attempt([str(PYTHON), "-m", "pip", "--version"]).returncode == 0 or system_uv() is not None


def make_venv() -> bool:
    """``python -m venv``; where Debian left ensurepip out, uv from PATH or a system-wide pip does it."""
    base = getattr(sys, "_base_executable", sys.executable)
    if attempt([base, "-m", "venv", "--clear", str(VENV)]).returncode == 0:
        return True
    uv = system_uv()
    if uv and attempt([uv, "venv", "--clear", "--python", base, str(VENV)]).returncode == 0:
        return True
    bare = attempt([base, "-m", "venv", "--clear", "--without-pip", str(VENV)])
    if bare.returncode == 0 and attempt([base, "-m", "pip", "--python", str(PYTHON), "install", "pip"]).returncode == 0:
        return True
    shutil.rmtree(VENV, ignore_errors=True)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    say(f"This Python cannot make virtual environments. Once, as root: apt-get install python{version}-venv")
    return False


def installers() -> Iterator[list[str]]:
    """Yield install commands, fastest first; uv reads neither pip's indexes nor the system's certificates unasked."""
    attempt([str(PYTHON), "-m", "pip", "install", "--require-hashes", "-r", str(INSTALLER_LOCK)])
    own = VENV / "bin" / "uv"
    uv = str(own) if own.exists() else system_uv()
    if uv:
        command = [uv, "pip", "install", "--python", str(PYTHON), "--compile-bytecode"]
        yield command
        yield [*command, "--system-certs"]
    yield [str(PYTHON), "-m", "pip", "install"]


def system_uv() -> str | None:
    return shutil.which("uv")


def attempt(argv: list[str]) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"} | QUIET
    return subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
