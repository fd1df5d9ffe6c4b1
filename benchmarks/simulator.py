"""The simulator: 2,000 calls/s, 64 hosts ready ≤ 1 s, events of a pool of 5,000 VMs.

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
from simulator.scenes.model import HostSpec, Scene
from simulator.world.host import HostMachine

CALLS_A_SECOND = 2000
READY_SECONDS = {64: 1.0}
LOOKUPS = 500
COLUMN = 48


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./bench simulator")
    parser.add_argument("--calls", type=int, default=4000, help="how many calls each transport makes")
    parser.add_argument("--hosts", type=int, nargs="+", default=[64, 256], help="how large the scenes are")
    parser.add_argument("--vms", type=int, default=5000, help="how many VMs the pool of the event figures has")
    options = parser.parse_args(argv)
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs: what else runs here is in the figures")
    kept = [measure_start(count) for count in options.hosts]
    with running(servers(1)) as simulation, closing(Client(simulation.hosts[0])) as client:
        kept += [measure_calls(name, call, options.calls) for name, call in client.transports().items()]
        measure_events(client, options.vms)
    return 0 if all(kept) else 1


def servers(count: int) -> Scene:
    return Scene(name="bench", hosts=tuple(HostSpec(name=f"xs-{number}") for number in range(count)))


def measure_start(count: int) -> bool:
    begun = time.monotonic()
    with running(servers(count)):
        took = time.monotonic() - begun
    return told(f"{count} hosts ready", f"{took:.2f} s", READY_SECONDS.get(count), took)


def measure_calls(transport: str, call: Callable[[], object], count: int) -> bool:
    call()
    begun = time.monotonic()
    for _ in range(count):
        call()
    took = time.monotonic() - begun
    figure = f"{count / took:,.0f} calls/s"
    return told(f"pool.get_all over {transport}, one connection", figure, 1 / CALLS_A_SECOND, took / count)


def told(what: str, figure: str, budget: float | None, took: float) -> bool:
    """Print one line; whether the budget, in seconds, was kept."""
    within = budget is None or took <= budget
    goal = f"  budget {'kept' if within else 'MISSED'}" if budget else ""
    print(f"{what:{COLUMN}} {figure:>16}{goal}")
    return within


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


def measure_events(client: Client, count: int) -> None:
    """No budget in seconds: they must be limited by writing the records, and not by looking for them."""
    database = client.host.database
    vms = [database.create("VM", name_label=f"vm-{number}") for number in range(count)]
    token, events, first = client.events("")
    told(f"event.from of {count} VMs: first, {events} events", f"{first:,.0f} ms", None, 0)
    changes = []
    for vm in vms[:20]:
        database.set("VM", vm, name_description="changed")
        token, _, took = client.events(token)
        changes.append(took)
    told("  one change (50 ms of it batching)", f"{statistics.median(changes):,.1f} ms", None, 0)
    wanted = database.field("VM", vms[-1], "uuid")
    begun = time.monotonic()
    for _ in range(LOOKUPS):
        client.json_rpc("VM.get_by_uuid", client.session, wanted)
    told("  VM.get_by_uuid", f"{1000 * (time.monotonic() - begun) / LOOKUPS:,.2f} ms", None, 0)
