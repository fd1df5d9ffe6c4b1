"""Pre-flight of 64 servers at 20 ms a call: read, asked every rule and stored; and again while three of them hang."""

import argparse
import json
import os
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from benchmarks import _product
from benchmarks._product import Host
from benchmarks.orchestrate import draft, owner

if TYPE_CHECKING:
    from pools.models import Operation

SCENE: Final = "sixty-four-standalone"
SERVERS: Final = 64
HANGING: Final = 3
PROFILE: Final = "real"  # 20 ms a call
BUDGET_SECONDS: Final = 0.6
BUDGET_CALLS: Final = 5
LOOK_EVERY: Final = 0.005


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="preflight", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args(argv).rounds
    with _product.product(), _product.lab(SCENE, PROFILE) as hosts:
        operation = draft(hosts)
        measured(operation, SERVERS)
        ask_simulator("DELETE", "/calls")
        everybody = statistics.median(measured(operation, SERVERS) for _ in range(rounds))
        calls, connections = used(rounds)
        with hanging(hosts[-HANGING:]):
            others = statistics.median(measured(operation, SERVERS - HANGING) for _ in range(rounds))
    load = os.getloadavg()[0]
    print(f"{SERVERS} servers, 20 ms a call, median of {rounds}, load average {load:.1f}")
    print(f"all read, every rule asked    {everybody:6.3f} s  budget {BUDGET_SECONDS}")
    print(f"three hang, the other 61      {others:6.3f} s  budget {BUDGET_SECONDS}")
    print(f"calls a host                  {calls:6.2f}    budget {BUDGET_CALLS}")
    print(f"connections a host            {connections:6.2f}    budget 1")
    kept = max(everybody, others) <= BUDGET_SECONDS and calls <= BUDGET_CALLS and connections <= 1
    return 0 if kept else 1


def measured(operation: "Operation", answers: int) -> float:
    """Seconds from the question to so many answers in the row, as the desk works; each server's moment is stored."""
    from pools.services import examination

    operation.report = {}
    operation.save(update_fields=["report"])
    examination.ask(operation=operation, user=owner())
    began = time.monotonic()
    collecting = examination.begin(str(operation.pk))
    if collecting is None:
        raise SystemExit("The question was not taken.")
    working = threading.Thread(target=examination.wait_for_the_rest, args=[collecting], daemon=True)
    working.start()
    while len(collecting.stored) < answers and working.is_alive():
        time.sleep(LOOK_EVERY)
    return time.monotonic() - began


def used(rounds: int) -> tuple[float, float]:
    """The most calls and connections that any host saw, a round: the simulator's own count."""
    said = ask_simulator("GET", "/calls")
    calls, connections = said["calls"], said["connections"]
    if not isinstance(calls, list) or not isinstance(connections, Mapping):
        raise SystemExit("The simulator does not count calls.")
    hosts = Counter(str(call["host"]) for call in calls)
    return max(hosts.values()) / rounds, max(connections.values()) / rounds


@contextmanager
def hanging(hosts: list[Host]) -> Iterator[None]:
    """Let these hosts accept connections and answer nothing."""
    for host in hosts:
        ask_simulator("POST", "/faults", {"kind": "hang", "host": host["name"], "times": None})
    yield
    ask_simulator("DELETE", "/faults")


def ask_simulator(verb: str, path: str, body: object = None) -> dict[str, object]:
    """Call the lab's control API."""
    control = HTTPConnection(urlsplit(os.environ[_product.CONTROL]).netloc)
    control.request(verb, path, json.dumps(body) if body is not None else None)
    answer: dict[str, object] = json.load(control.getresponse())
    control.close()
    return answer
