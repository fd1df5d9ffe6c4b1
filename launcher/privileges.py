"""How root starts PostgreSQL, which refuses root: a user namespace, or else the user nobody."""

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from launcher.terminal import CannotStartError

CLONE_NEWUSER = 0x10000000
SOMEBODY = 65534
FALLBACK_USER = "nobody"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """As whom a child runs: as we do, as somebody in a user namespace, or as another user."""

    become: Callable[[], None] | None = None
    user: str | None = None

    def may_enter(self, directory: Path) -> bool:
        """Tell whether this identity reaches ``directory`` through all of its parents."""
        if self.user is None:
            return True
        argv = ["/bin/sh", "-c", 'cd "$1"', "sh", str(directory)]
        return subprocess.run(argv, user=self.user, extra_groups=[], check=False, capture_output=True).returncode == 0

    def receive(self, directory: Path) -> None:
        """Give a directory to this identity, which must already be able to enter its parents."""
        if self.user is None:
            return
        shutil.chown(directory, self.user)
        if not self.may_enter(directory):
            raise CannotStartError(
                f"PostgreSQL refuses to run as root, and the user {self.user} cannot enter {directory}. Set XENWEB_VAR "
                "to a directory that everybody may enter (for example /var/lib/xenweb), or start as an ordinary user."
            )


@cache
def unprivileged() -> Identity:
    """Return an identity that PostgreSQL accepts."""
    if os.geteuid() != 0:
        return Identity()
    return Identity(become=leave_root) if can_leave_root() else Identity(user=FALLBACK_USER)


def leave_root() -> None:
    """In a child before exec: enter a user namespace in which root's files belong to an ordinary user."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{SOMEBODY} 0 1"), ("gid_map", f"{SOMEBODY} 0 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as handle:  # noqa: PTH123 -- between fork and exec
            handle.write(text)


def can_leave_root() -> bool:
    """Tight containers forbid user namespaces; one short child finds out."""
    if sys.platform != "linux":
        return False
    try:
        done = subprocess.run(["/usr/bin/id", "-u"], preexec_fn=leave_root, capture_output=True, text=True, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.stdout.strip() == str(SOMEBODY)
