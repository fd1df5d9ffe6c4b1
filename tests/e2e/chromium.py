"""Finds and starts the browser: what ./test found, else Debian's."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

ARGUMENTS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--force-color-profile=srgb",
)
MISSING = "browser tests skipped: no Chromium (set XENWEB_CHROMIUM, or install the package “chromium”)"


def program() -> str:
    """Return the browser's path; without one these tests are skipped, aloud, or fail where a browser is a must."""
    given = os.environ.get("XENWEB_CHROMIUM", "")
    found = given or shutil.which("chromium") or ""
    if found:
        return found
    if any(os.environ.get(name, "") not in {"", "0", "false"} for name in ("CI", "XENWEB_REQUIRE_BROWSER")):
        pytest.fail(MISSING)
    pytest.skip(MISSING)


@contextmanager
def running() -> Iterator[Browser]:
    executable = program()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()
