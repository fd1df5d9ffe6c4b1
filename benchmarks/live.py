"""Step commit to browser: 1 viewer ≤ 30 ms, 200 viewers ≤ 60 ms (p95).

A web process, PostgreSQL, Valkey, viewers in a process of their own, and this process, which commits the progress of a
16-server operation as the engine does. The time runs from the end of COMMIT to the last byte of the event.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from benchmarks import _product
from launcher.ports import free_port

if TYPE_CHECKING:
    from pools.models import Operation

BUDGETS = {1: 30, 200: 60, 1000: 150}
SERVERS = 16
START_SECONDS = 30


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./bench live")
    parser.add_argument("--viewers", type=int, nargs="+", default=[1, 200], help="how many browsers watch")
    parser.add_argument("--rows", type=int, default=300, help="how many changes are committed")
    parser.add_argument("--rate", type=float, default=10, help="changes a second")
    options = parser.parse_args(argv)
    within = True
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs: what else runs here is in the figures")
    with _product.product(), web() as port:
        for count in options.viewers:
            took = sorted(measure(port, count, options.rows, options.rate))
            within &= told(count, took)
    return 0 if within else 1


def told(viewers: int, took: list[float]) -> bool:
    """Print one line; whether the budget was kept."""
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    budget = BUDGETS.get(viewers)
    kept = budget is None or cuts[94] <= budget
    goal = f"  budget p95 ≤ {budget} ms: {'kept' if kept else 'MISSED'}" if budget else ""
    print(
        f"{viewers:5} viewers  {len(took):6} arrivals  p50 {cuts[49]:6.1f}  p95 {cuts[94]:6.1f}  p99 {cuts[98]:6.1f}"
        f"  max {took[-1]:6.1f} ms{goal}"
    )
    return kept


def measure(port: int, viewers: int, rows: int, rate: float) -> Iterator[float]:
    """Yield the milliseconds from commit to arrival, for each change and viewer."""
    from pools.views.visits import STREAMS_EACH

    operation = make_operation()
    cookies = sign_in(-(-viewers // STREAMS_EACH), STREAMS_EACH)[:viewers]
    asked = {"port": port, "path": f"/operations/{operation.pk}/stream", "cookies": cookies}
    command = [sys.executable, "-m", "benchmarks._viewers"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as browsers:  # noqa: S603
        committed = commit_while(browsers, asked, operation, (rows, rate))
        seen = json.loads(browsers.stdout.read() if browsers.stdout else "{}")
    rows_seen = sorted(int(row) for row in seen)
    for row, moment in committed.items():
        event = next(number for number in rows_seen if number >= row)
        arrivals = seen[str(event)]
        if len(arrivals) != viewers:
            raise SystemExit(f"event {event} reached {len(arrivals)} of {viewers} viewers")
        yield from (1000 * (arrived - moment) for arrived in arrivals)


def commit_while(
    browsers: "subprocess.Popen[str]", asked: dict[str, object], operation: "Operation", pace: tuple[int, float]
) -> dict[int, float]:
    """Commit changes at an even pace while the browsers watch; returns when each row was committed."""
    if browsers.stdin is None or browsers.stdout is None:
        raise SystemExit("no pipes")
    browsers.stdin.write(json.dumps(asked) + "\n")
    browsers.stdin.flush()
    if (said := browsers.stdout.readline()) != "ready\n":
        raise SystemExit(said)
    time.sleep(1)
    rows, rate = pace
    committed: dict[int, float] = {}
    began = time.monotonic()
    for number in range(rows):
        time.sleep(max(0, began + number / rate - time.monotonic()))
        commit(operation, number, committed)
    time.sleep(2)
    browsers.stdin.close()
    return committed


def commit(operation: "Operation", number: int, committed: dict[int, float]) -> None:
    """Write one step's progress and its journal row in one transaction, as the engine does."""
    from django.db import transaction

    from pools.models import Step, StepState
    from pools.operations import journal

    with transaction.atomic():
        step = operation.steps.all()[number % (2 * SERVERS)]
        Step.objects.filter(pk=step.pk).update(state=StepState.RUNNING, progress=(number % 100) / 100)
        made: list[int] = []
        transaction.on_commit(partial(note, committed, made))
        made.append(journal.write(operation, kind="progress", text=f"{step.title}: {number}", step=step).pk)


def note(committed: dict[int, float], made: list[int]) -> None:
    committed[made[0]] = time.monotonic()


def make_operation() -> "Operation":
    """A running operation on 16 servers, two steps each."""
    from django.utils import timezone

    from pools.models import Operation, OperationState, Pool, Server, Step, User

    owner, _ = User.objects.get_or_create(username="owner")
    pool = Pool.objects.create(uuid=f"pool-{Pool.objects.count()}")
    operation = Operation.objects.create(
        kind="pool_create", title="Create pool", state=OperationState.RUNNING, created_by=owner,
        pool=pool, started_at=timezone.now(),
    )  # fmt: skip
    for number in range(SERVERS):
        uuid = f"{operation.pk.hex[:12]}-{number}"
        server = Server.objects.create(uuid=uuid, pool=pool, name_label=f"xs-{number}", address="10.0.0.1")
        operation.servers.add(server)
        titles = (f"Join xs-{number} to the pool", f"Wait until xs-{number} is a member")
        for seq, title in enumerate(titles, start=2 * number):
            Step.objects.create(
                operation=operation, seq=seq, lane=uuid, kind="JoinPool", title=title, started_at=timezone.now()
            )
    return operation


def sign_in(people: int, streams: int) -> list[str]:
    """Return session cookies of viewers of the whole estate, as many as each may have streams."""
    from django.conf import settings
    from django.test import Client

    from pools.models import Grant, Role, User

    cookies = []
    for number in range(people):
        person, new = User.objects.get_or_create(username=f"viewer-{number}")
        if new:
            Grant.objects.create(user=person, role=Role.VIEWER)
        client = Client()
        client.force_login(person)
        cookies += [client.cookies[settings.SESSION_COOKIE_NAME].value] * streams
    return cookies


@contextmanager
def web() -> Iterator[int]:
    """Run the web part as ./run does, on a free port."""
    port = free_port()
    os.environ["XENWEB_PORT"] = str(port)
    with _product.process([sys.executable, "-m", "launcher.web"]):
        deadline = time.monotonic() + START_SECONDS
        while not answers(port):
            if time.monotonic() > deadline:
                raise SystemExit("the web process did not answer")
            time.sleep(0.1)
        yield port


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
            return True
    except (OSError, urllib.error.URLError):
        return False
