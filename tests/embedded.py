"""Gives a test run its own PostgreSQL, Valkey, keys and state directory, once for all of its processes."""

import atexit
import os
import signal
import sys
from contextlib import ExitStack

from launcher import servers
from launcher.keys import ensure_keys

GIVEN = "XENWEB_TEST_RUN"
KEEP = frozenset({"XENWEB_CHROMIUM", "XENWEB_REQUIRE_BROWSER", "XENWEB_SCREENSHOTS"})


def ensure_environment() -> None:
    """Start what is missing; processes below this one (xdist's, Celery's) inherit it and start nothing."""
    if GIVEN not in os.environ:
        forget_the_shell()
        start()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw-1").removeprefix("gw")
    os.environ["REDIS_URL"] = f"{os.environ[GIVEN]}?db={int(worker) + 1}"
    os.environ["XENWEB_KEY_PREFIX"] = f"xenweb-test-{int(worker) + 1}:"


def forget_the_shell() -> None:
    """Settings of the person's own xenweb must not reach the tests; DATABASE_URL and REDIS_URL may."""
    for name in [name for name in os.environ if name.startswith("XENWEB_") and name not in KEEP]:
        del os.environ[name]
    for name in ("DEBUG", "SECRET_KEY", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS"):
        os.environ.pop(name, None)


def start() -> None:
    stack = ExitStack()
    atexit.register(stack.close)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that atexit is heard
    directory = stack.enter_context(servers.private_directory())
    if "DATABASE_URL" not in os.environ:
        os.environ["DATABASE_URL"] = stack.enter_context(servers.postgres(directory)).url("xenweb")
    if "REDIS_URL" not in os.environ:
        os.environ["REDIS_URL"] = stack.enter_context(servers.valkey(directory)).url()
    state = directory / "state"
    (state / "static").mkdir(mode=0o700, parents=True)
    ensure_keys(state / "keys")
    os.environ.update(
        {
            GIVEN: os.environ["REDIS_URL"].partition("?")[0],
            "XENWEB_VAR": str(state),
            "XENWEB_SECURE_COOKIES": "0",
            "XENWEB_STATIC_MANIFEST": "0",
            "XENWEB_FAILPOINTS": "1",
            "XENWEB_LOG_LEVEL": "WARNING",
            "XENWEB_HOST_NETWORKS": "127.0.0.0/8",
        }
    )
