"""Finds a Chromium for the browser tests: on PATH, Playwright's own, or installed now in bounded time."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from launcher.environment import VENV
from launcher.terminal import say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL_SECONDS = 300
FORGIVE_AFTER_SECONDS = 24 * 3600
FAILED = VENV / ".no-browser"


def find_browser(*, required: bool) -> str | None:
    """A failed installation is tried again a day later, or at once where a browser is required."""
    found = given() or on_path() or of_playwright()
    if found or (failed_lately() and not required):
        return found
    say("No Chromium for the browser tests; installing one …")
    found = (by_apt() and on_path()) or (by_playwright() and of_playwright()) or None
    if not found:
        FAILED.touch()
    return found


def given() -> str | None:
    name = os.environ.get("XENWEB_CHROMIUM", "")
    return name if name and starts(name) else None


def on_path() -> str | None:
    """Ubuntu's ``chromium-browser`` may be a note about snap, so each candidate must start."""
    candidates = (shutil.which(name) for name in NAMES)
    return next((found for found in candidates if found and starts(found)), None)


def of_playwright() -> str | None:
    program = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    path = answer([sys.executable, "-c", program], 30).strip()
    return path if path and Path(path).exists() and starts(path) else None


def starts(program: str) -> bool:
    return "Chrom" in answer([program, "--version"], 20)


def by_apt() -> bool:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    return succeeds(["apt-get", "update", "-qq"], quiet) and succeeds(["apt-get", "install", "-yqq", "chromium"], quiet)


def by_playwright() -> bool:
    return succeeds([sys.executable, "-m", "playwright", "install", "chromium"], {})


def failed_lately() -> bool:
    return FAILED.exists() and time.time() - FAILED.stat().st_mtime < FORGIVE_AFTER_SECONDS


def answer(argv: list[str], seconds: int) -> str:
    try:
        return subprocess.run(argv, capture_output=True, text=True, timeout=seconds, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


def succeeds(argv: list[str], environment: dict[str, str]) -> bool:
    try:
        done = subprocess.run(
            argv, env={**os.environ, **environment}, capture_output=True, timeout=INSTALL_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
