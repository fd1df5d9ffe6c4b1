import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from launcher.environment import ROOT
from tests.launcher.waiting import alive, wait_until

Launch = Callable[[str], subprocess.Popen[str]]
STEADY = "echo $$ >> pids; touch up; exec sleep 600"
DEAF = "trap '' TERM; echo $$ >> pids; touch up; while :; do sleep 600; done"
PARENT = "sleep 600 & echo $! >> pids; echo $$ >> pids; touch up; wait"


@pytest.fixture
def launch(directory: Path) -> Iterator[Launch]:
    started: list[subprocess.Popen[str]] = []

    def start(shell: str) -> subprocess.Popen[str]:
        argv = [sys.executable, "-m", "tests.launcher.keeping", str(directory), shell]
        started.append(subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def pids(directory: Path) -> list[int]:
    return [int(text) for text in (directory / "pids").read_text().split()]


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().rstrip()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_at_once(launch: Launch, directory: Path, number: signal.Signals) -> None:
    process = launch(STEADY)
    assert line(process) == "ready"
    asked = time.monotonic()
    process.send_signal(number)
    assert process.wait(10) == 0
    assert time.monotonic() - asked < 5
    assert not any(map(alive, pids(directory)))


def test_a_part_that_will_not_stop_is_ended_within_five_seconds(launch: Launch, directory: Path) -> None:
    process = launch(DEAF)
    assert line(process) == "ready"
    asked = time.monotonic()
    process.terminate()
    process.wait(10)
    assert time.monotonic() - asked < 5
    assert not any(map(alive, pids(directory)))


def test_what_a_part_started_ends_with_it(launch: Launch, directory: Path) -> None:
    process = launch(PARENT)
    assert line(process) == "ready"
    process.terminate()
    process.wait(10)
    assert len(pids(directory)) == 2
    assert not any(map(alive, pids(directory)))


def test_a_crash_is_shown_and_the_part_started_again(launch: Launch, directory: Path) -> None:
    process = launch(STEADY)
    assert line(process) == "ready"
    os.kill(pids(directory)[0], signal.SIGSEGV)
    shown = line(process)
    assert shown.startswith("[part] ended (SIGSEGV); starting again in 0.5 s.")
    assert str(directory / "part.log") in shown
    wait_until(lambda: len(pids(directory)) == 2)
    assert alive(pids(directory)[1])


def test_the_pause_grows_with_each_crash(launch: Launch) -> None:
    process = launch("touch up; echo no luck >&2; exit 3")
    shown = [line(process) for _ in range(12)]
    pauses = [text.partition(" in ")[2].partition(" s")[0] for text in shown if "ended (code 3)" in text]
    assert pauses[:2] == ["0.5", "1"]
    assert "  no luck" in shown


def test_killing_the_launcher_leaves_no_part_behind(launch: Launch, directory: Path) -> None:
    process = launch(STEADY)
    assert line(process) == "ready"
    process.kill()
    wait_until(lambda: not any(map(alive, pids(directory))))


def test_a_signal_during_the_start_ends_it(launch: Launch, directory: Path) -> None:
    process = launch("echo $$ >> pids; exec sleep 600")
    wait_until((directory / "pids").exists)
    process.terminate()
    assert line(process) == "stopped while starting"
    process.wait(10)
    assert not any(map(alive, pids(directory)))


def test_a_part_that_ends_at_once_stops_the_start_with_its_last_words(launch: Launch) -> None:
    process = launch("echo out of paper >&2; exit 4")
    assert process.wait(10) == 1
