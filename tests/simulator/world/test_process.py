"""python -m simulator, and the control API from outside."""

import http.client
import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from simulator.running import Simulation, running
from tests.simulator.rpc import Rpc


@dataclass(frozen=True)
class Started:
    process: subprocess.Popen[str]
    line: dict[str, object]

    @property
    def host(self) -> SimpleNamespace:
        return SimpleNamespace(**self.line["hosts"][0])  # type: ignore[index]


@contextmanager
def started(*arguments: str) -> Iterator[Started]:
    command = [sys.executable, "-m", "simulator", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield Started(process, json.loads(process.stdout.readline() or "{}"))
        finally:
            process.kill()


def ask(url: str, verb: str, path: str, body: object = None) -> dict[str, object]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url + path, data=data, method=verb)  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - loopback
        found = json.load(answer)
    assert isinstance(found, dict)
    return found


def test_one_line_tells_all_and_sigterm_ends_it_cleanly() -> None:
    begun = time.monotonic()
    with started("--scene", "sixteen-standalone") as lab:
        assert time.monotonic() - begun < 10
        assert lab.line.keys() == {"scene", "hosts", "control"}
        assert lab.host.__dict__.keys() == {"name", "address", "port", "username", "password"}
        assert Rpc(lab.host).call("pool.get_all")
        lab.process.send_signal(signal.SIGTERM)
        assert lab.process.wait(10) == 0
        assert lab.process.stderr
        assert lab.process.stderr.read() == ""


def test_two_labs_on_one_port_have_other_addresses() -> None:
    with running("two-standalone") as first:
        port = first.hosts[0].port
        with running("two-standalone", port=port) as second:
            assert second.hosts[0].port == port
            assert second.hosts[0].address != first.hosts[0].address


def test_shutdown_over_the_control_api_ends_the_process() -> None:
    with started("--scene", "two-standalone", "--profile", "instant") as lab:
        ask(str(lab.line["control"]), "POST", "/shutdown")
        assert lab.process.wait(10) == 0


def test_a_wrong_scene_is_said_and_not_served() -> None:
    with started("--scene", "nowhere") as lab:
        assert lab.process.wait(10) == 2
        assert lab.process.stderr
        assert "two-standalone" in lab.process.stderr.read()


def test_certificates_in_a_folder_survive_a_restart(tmp_path: Path) -> None:
    fingerprints = []
    for _ in range(2):
        with running("two-standalone", certificates=tmp_path) as sim:
            fingerprints.append([host.certificate.fingerprint() for host in sim.hosts])
    assert fingerprints[0] == fingerprints[1]


def test_faults_calls_and_power_can_be_had_over_http(sim: Simulation) -> None:
    url, host = sim.control.url, sim.hosts[0]
    ask(url, "POST", "/faults", {"kind": "http_500", "method": "pool.get_all"})
    assert len(ask(url, "GET", "/faults")["faults"]) == 1  # type: ignore[arg-type]
    assert ask(url, "DELETE", "/faults") == {"faults": []}
    Rpc(host).call("pool.get_all")
    told = ask(url, "GET", f"/calls?method=pool.get_all&host={host.name}")
    assert list(told["connections"]) == [host.name]  # type: ignore[call-overload]
    calls = told["calls"]
    assert [call["outcome"] for call in calls] == ["ok"]  # type: ignore[attr-defined]
    told = ask(url, "POST", f"/hosts/{host.name}/power", {"on": False})
    assert (told["powered"], told["answering"]) == (False, False)


@pytest.mark.parametrize(
    ("verb", "path", "body", "status"),
    [
        ("GET", "/nothing", None, 404),
        ("POST", "/faults", {"kind": "gremlins"}, 400),
        ("POST", "/faults", {"colour": "red"}, 400),
        ("POST", "/faults", {"kind": "delay", "seconds": "x"}, 400),
        ("POST", "/faults", {"kind": "delay", "host": 5}, 400),
        ("POST", "/faults", {"kind": "delay", "times": 0}, 400),
        ("POST", "/faults", {"kind": "delay", "skip": -1}, 400),
        ("POST", "/faults", [1], 400),
        ("POST", "/hosts/nobody/power", {"on": True}, 404),
        ("POST", "/hosts/xs-01/power", {"on": "yes"}, 400),
    ],
)
def test_a_wrong_request_says_why(sim: Simulation, verb: str, path: str, body: object, status: int) -> None:
    with pytest.raises(urllib.error.HTTPError) as error:
        ask(sim.control.url, verb, path, body)
    with error.value as answer:
        assert answer.code == status
        assert json.load(answer)["error"]


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Host": "evil.example:80"}])
def test_no_web_page_can_use_the_control_api(sim: Simulation, headers: dict[str, str]) -> None:
    connection = http.client.HTTPConnection(urlsplit(sim.control.url).netloc)
    connection.request("POST", "/shutdown", headers=headers)
    with connection.getresponse() as answer:
        assert answer.status == 403
    connection.close()
    assert not sim.control.asked_to_end.is_set()
