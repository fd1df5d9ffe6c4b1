"""What a host serves beside RPC (protocol.md 1.3 and 1.9): who may have it, and as whom."""

import base64
import http.client
import json
from contextlib import closing
from dataclasses import dataclass

import pytest

from simulator.running import Simulation
from simulator.world.host import HostMachine
from tests.simulator.pool.joining import joined
from tests.simulator.rpc import Rpc, unverified
from tests.simulator.waiting import until


@dataclass(frozen=True)
class Got:
    status: int
    reason: str
    headers: http.client.HTTPMessage
    body: bytes


def get(host: HostMachine, path: str, **headers: str) -> Got:
    connection = http.client.HTTPSConnection(host.address, host.port, context=unverified(), timeout=10)
    with closing(connection):
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return Got(answer.status, answer.reason, answer.headers, answer.read())


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize("path", ["/", "/index.html"])
def test_a_browser_gets_a_page(host: HostMachine, path: str) -> None:
    answer = get(host, path)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html")


@pytest.mark.parametrize("headers", [{}, {"Authorization": basic("root", "wrong")}, {"Cookie": "session_id=none"}])
def test_without_a_good_login_the_handler_names_itself(host: HostMachine, headers: dict[str, str]) -> None:
    answer = get(host, "/rrd_updates?start=0", **headers)
    assert (answer.status, answer.reason) == (401, "Unauthorised")
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="get_rrd_updates"'


def test_a_session_comes_by_cookie_query_or_password(rpc: Rpc, host: HostMachine) -> None:
    before = len(host.database.refs("session")) + 1
    by_cookie = get(host, "/rrd_updates?start=0&json=true", Cookie=f"session_id={rpc.session}")
    by_query = get(host, f"/rrd_updates?start=0&json=true&session_id={rpc.session}")
    by_password = get(host, "/rrd_updates?start=0&json=true", Authorization=basic(host.username, host.password))
    assert [answer.status for answer in (by_cookie, by_query, by_password)] == [200, 200, 200]
    assert len(host.database.refs("session")) == before, "the login for one request is gone with it"


def test_a_cookie_goes_before_the_query(rpc: Rpc, host: HostMachine) -> None:
    good, bad = rpc.session, "OpaqueRef:none"
    for cookie, query, status in ((good, bad, 200), (bad, good, 401)):
        answer = get(host, f"/rrd_updates?start=0&session_id={query}", Cookie=f"session_id={cookie}")
        assert answer.status == status


def test_the_figures_of_a_host_come_as_text_and_as_json(rpc: Rpc, host: HostMachine) -> None:
    path = f"/rrd_updates?start=0&host=true&session_id={rpc.session}"
    found = json.loads(get(host, f"{path}&json=true").body)
    assert found["meta"]["legend"][0] == f"AVERAGE:host:{host.uuid}:memory_total_kib"
    assert found["data"][0]["values"][0] == str(float(host.hardware.memory // 1024))
    assert get(host, path).body.startswith(b"<xport><meta><start>0</start><step>5</step>")
    assert get(host, f"/rrd_updates?session_id={rpc.session}").status == 400


def test_a_session_of_the_coordinator_is_good_on_every_member(sim: Simulation) -> None:
    member, master = sim.hosts
    joined(sim, member, master)
    until(lambda: member.settled)
    session = Rpc(master).session
    answer = get(member, f"/rrd_updates?start=0&host=true&json=true&session_id={session}")
    assert member.uuid in json.loads(answer.body)["meta"]["legend"][0]
