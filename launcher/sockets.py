"""Where Unix sockets live: below the state directory, or in a private temporary one where that path is too long."""

import os
import shutil
import stat
import tempfile
from pathlib import Path

LONGEST_DIRECTORY = 80  # a socket's whole path has some 107 bytes on Linux, 103 on macOS
PREFIX = "xenweb-"
POINTER = "sockets-elsewhere"


def sockets_of(state: Path) -> Path:
    """Return an existing 0700 directory; one that a killed launcher left elsewhere is taken again."""
    inside = state / "sockets"
    if len(os.fsencode(inside)) <= LONGEST_DIRECTORY:
        inside.mkdir(mode=0o700, exist_ok=True)
        return inside
    pointer = state / POINTER
    if pointer.is_file() and is_ours(Path(pointer.read_text())):
        return Path(pointer.read_text())
    made = Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp"))
    pointer.write_text(str(made))
    return made


def remove_sockets_elsewhere(state: Path) -> None:
    """Remove the temporary directory at the end of a run, and only one that is surely ours."""
    pointer = state / POINTER
    if pointer.is_file():
        directory = Path(pointer.read_text())
        if is_ours(directory):
            shutil.rmtree(directory, ignore_errors=True)
        pointer.unlink()


def is_ours(directory: Path) -> bool:
    try:
        found = directory.lstat()
    except OSError:
        return False
    mine = found.st_uid == os.geteuid() or os.geteuid() == 0
    private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == stat.S_IRWXU
    return mine and private and directory.name.startswith(PREFIX)
