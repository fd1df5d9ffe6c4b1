"""``python -m launcher``: what ``./run`` does once the environment is there."""

import argparse
import os
import sys
import time
from pathlib import Path

from launcher.environment import ROOT
from launcher.keys import ensure_keys
from launcher.ports import listening_socket
from launcher.postgres import Postgres
from launcher.product import Product, environment
from launcher.sockets import sockets_of
from launcher.state import start_over, state_directory, tell_others
from launcher.supervisor import Part, StopRequestedError, Supervisor
from launcher.terminal import CannotStartError, say
from launcher.valkey import Valkey

DATABASE = "xenweb"
HIGHEST_PORT = 65_535
LONGEST_LOG_BYTES = 5_000_000


def main(argv: list[str]) -> int:
    """Return 0 after an asked-for end, 1 with a sentence when something must be changed first."""
    parser = argparse.ArgumentParser(prog="./run", description="Run xenweb on this machine; Ctrl-C stops it.")
    parser.add_argument("--fresh", action="store_true", help="start over: remove all stored data of this xenweb first")
    options = parser.parse_args(argv)
    os.umask(0o077)
    supervisor = Supervisor()
    supervisor.listen_to_signals()
    try:
        with state_directory(Path(os.environ.get("XENWEB_VAR") or ROOT / "var").resolve()) as state:
            if options.fresh:
                empty(state)
            keep_running(state, supervisor)
    except CannotStartError as refusal:
        say(f"xenweb cannot start: {refusal}")
        return 1
    return 0


def empty(state: Path) -> None:
    if os.environ.get("DATABASE_URL"):
        raise CannotStartError("--fresh empties the embedded database only, and DATABASE_URL names another one.")
    start_over(state)


def keep_running(state: Path, supervisor: Supervisor) -> None:
    try:
        start_all(state, supervisor)
        supervisor.watch()
    except StopRequestedError:
        pass
    finally:
        supervisor.stop()


def start_all(state: Path, supervisor: Supervisor) -> None:
    started = time.monotonic()
    shorten_logs(state / "log")
    if not os.environ.get("XENWEB_KEYS_DIR"):
        ensure_keys(state / "keys")
    wanted = port_from(os.environ.get("XENWEB_PORT") or "8000")
    urls = start_servers(state, supervisor)
    listening = listening_socket(wanted)
    product = Product(state=state, listening=listening, environment=environment(state, listening, urls))
    if product.has_lab:
        supervisor.start(product.lab())
    supervisor.run_to_end(product.prepare())
    supervisor.start(product.worker(), product.desk(), product.web())
    address = f"http://127.0.0.1:{product.port}"
    tell_others(state, f"process {os.getpid()}, {address}")
    say(f"xenweb is ready: {address}")
    tell_logins(state, product)
    say(f"Started in {time.monotonic() - started:.1f} s. State and logs: {state}. Ctrl-C stops everything.")


def start_servers(state: Path, supervisor: Supervisor) -> dict[str, str]:
    """Start what the environment does not name, and return the addresses of both."""
    sockets, log = sockets_of(state), state / "log"
    postgres = Postgres(data=state / "postgres", sockets=sockets, log=log / "postgres.log")
    valkey = Valkey(data=state / "valkey", sockets=sockets, log=log / "valkey.log")
    urls = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
    parts = []
    if "DATABASE_URL" not in urls:
        parts.append(Part(name="postgres", command=postgres.command, is_ready=postgres.is_ready, is_server=True))
    if "REDIS_URL" not in urls:
        parts.append(Part(name="valkey", command=valkey.command, is_ready=valkey.is_ready, is_server=True))
    supervisor.start(*parts)
    if "DATABASE_URL" not in urls:
        postgres.ensure_database(DATABASE)
    return {"DATABASE_URL": postgres.url(DATABASE), "REDIS_URL": valkey.url(), **urls}


def tell_logins(state: Path, product: Product) -> None:
    logins = state / "lab-logins.txt"
    if product.has_lab and logins.is_file():
        say(logins.read_text(encoding="utf-8").rstrip())


def port_from(text: str) -> int:
    if not (text.isdecimal() and 0 < int(text) <= HIGHEST_PORT):
        raise CannotStartError(f"XENWEB_PORT must be a number from 1 to 65535, not {text[:40]!r}.")
    return int(text)


def shorten_logs(directory: Path) -> None:
    """A log that has grown long steps aside for a new one; one old one is kept."""
    for log in directory.glob("*.log"):
        if log.stat().st_size > LONGEST_LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
