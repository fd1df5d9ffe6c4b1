"""The simulator: 2,000 calls/s, 64 hosts ready ≤ 1 s, 1,024 hosts with 5,000 VMs ≤ 3 s, events as fast as JSON.

Client and simulator share this process, so the client's own work is in every figure.
"""

import argparse
import http.client
import json
import os
import ssl
import statistics
import time
import xmlrpc.client
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from simulator.running import running
from simulator.wire import jsonrpc
from simulator.world.host import HostMachine
from simulator.xapi.events.events import Subscription, Token, collect

CALLS_A_SECOND = 2000
READY_SECONDS = {"sixty-four-standalone": 1.0, "large-estate": 3.0}
BATCHING = 50  # ms that xapi itself waits before it answers
ONE_CHANGE = BATCHING + 15
OVER_JSON = 2  # event.from takes at most so many times what writing and reading its JSON takes
CHANGES = 20
LOOKUPS = 500
COLUMN = 50


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./bench simulator")
    parser.add_argument("--calls", type=int, default=4000, help="how many calls each transport makes")
    parser.add_argument("--vms", type=int, default=5000, help="how many VMs the pool of the event figures has")
    options = parser.parse_args(argv)
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs: what else runs here is in the figures")
    with running("two-standalone") as simulation, closing(Client(simulation.hosts[0])) as client:
        kept = [measure_calls(name, call, options.calls) for name, call in client.transports().items()]
    kept += [measure_start(scene, budget) for scene, budget in READY_SECONDS.items()]
    with running("two-standalone") as simulation, closing(Client(simulation.hosts[0])) as client:
        kept += measure_events(client, options.vms)
    return 0 if all(kept) else 1


def measure_start(scene: str, budget: float) -> bool:
    begun = time.monotonic()
    with running(scene) as simulation:
        took = time.monotonic() - begun
        hosts = len(simulation.world.machines)
    return told(f"{scene}: {hosts:,} hosts ready", f"{took:.2f} s", f"≤ {budget:g} s", kept=took <= budget)


def measure_calls(transport: str, call: Callable[[], object], count: int) -> bool:
    call()
    begun = time.monotonic()
    for _ in range(count):
        call()
    speed = count / (time.monotonic() - begun)
    what = f"pool.get_all over {transport}, one connection"
    return told(what, f"{speed:,.0f} calls/s", f"≥ {CALLS_A_SECOND:,} calls/s", kept=speed >= CALLS_A_SECOND)


def told(what: str, figure: str, budget: str = "", *, kept: bool | None = None) -> bool:
    """Print one line; a figure without a budget is there to compare with."""
    verdict = "" if kept is None else f"  budget {budget}: {'kept' if kept else 'MISSED'}"
    print(f"{what:{COLUMN}} {figure:>16}{verdict}")
    return kept is not False


@dataclass
class Client:
    """One logged-in session; a connection for each transport, kept open."""

    host: HostMachine

    def __post_init__(self) -> None:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.json = http.client.HTTPSConnection(self.host.address, self.host.port, context=context)
        self.xml = http.client.HTTPSConnection(self.host.address, self.host.port, context=context)
        login = (self.host.username, self.host.password, "1", "bench")
        self.session = self.json_rpc("session.login_with_password", *login)

    def transports(self) -> dict[str, Callable[[], object]]:
        return {
            "JSON-RPC": lambda: self.json_rpc("pool.get_all", self.session),
            "XML-RPC": lambda: self.xml_rpc("pool.get_all", self.session),
        }

    def json_rpc(self, method: str, *params: object) -> object:
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, "id": 1})
        return json.loads(answer(self.json, "/jsonrpc", body))["result"]

    def xml_rpc(self, method: str, *params: object) -> object:
        body = xmlrpc.client.dumps(params, method)  # type: ignore[arg-type]
        return xmlrpc.client.loads(answer(self.xml, "/", body).decode())

    def close(self) -> None:
        self.json.close()
        self.xml.close()

    def events(self, token: str) -> tuple[str, int, float]:
        """The next token, how many events came, and the milliseconds that it took."""
        begun = time.monotonic()
        batch = self.json_rpc("event.from", self.session, ["*"], token, 30.0)
        took = 1000 * (time.monotonic() - begun)
        assert isinstance(batch, dict)  # noqa: S101 - tells the type checker what the wire gave
        return batch["token"], len(batch["events"]), took


def answer(connection: http.client.HTTPSConnection, path: str, body: str) -> bytes:
    connection.request("POST", path, body)
    return connection.getresponse().read()


def measure_events(client: Client, count: int) -> list[bool]:
    """What event.from takes beside what its JSON alone takes: looking for what changed must not show."""
    database = client.host.database
    vms = [database.create("VM", name_label=f"vm-{number}") for number in range(count)]
    json_alone = 1000 * write_and_read(client)
    token, events, first = client.events("")
    told(f"event.from of {count:,} VMs: its JSON alone, both ways", f"{json_alone:,.0f} ms")
    most = BATCHING + OVER_JSON * json_alone
    kept = [told(f"  first, {events:,} events", f"{first:,.0f} ms", f"≤ {most:,.0f} ms", kept=first <= most)]
    changes = []
    for vm in vms[:CHANGES]:
        database.set("VM", vm, name_description="changed")
        token, _, took = client.events(token)
        changes.append(took)
    usual = statistics.median(changes)
    kept.append(told("  one change", f"{usual:,.1f} ms", f"≤ {ONE_CHANGE} ms", kept=usual <= ONE_CHANGE))
    wanted = database.field("VM", vms[-1], "uuid")
    begun = time.monotonic()
    for _ in range(LOOKUPS):
        client.json_rpc("VM.get_by_uuid", client.session, wanted)
    told("  VM.get_by_uuid", f"{1000 * (time.monotonic() - begun) / LOOKUPS:,.2f} ms")
    return kept


def write_and_read(client: Client) -> float:
    """Seconds to write the first batch as JSON and to read it again, without any looking and sending."""
    batch = {"events": collect(client.host.database, Subscription.parse(["*"]), Token(0, 0)), "token": ""}
    call = jsonrpc.decode_call(b'{"jsonrpc": "2.0", "method": "event.from", "params": [], "id": 1}')
    begun = time.monotonic()
    json.loads(jsonrpc.encode_success(call, batch))
    return time.monotonic() - begun
