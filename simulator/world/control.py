"""The control API: plain HTTP and JSON on loopback, for people and tests outside this process."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from simulator.world.faults import Fault
from simulator.world.host import HostMachine
from simulator.world.world import World

ADDRESS = "127.0.0.1"
LONGEST_BODY = 100_000
Query = dict[str, str]


class BadRequestError(ValueError):
    """What the caller sent makes no sense; the text says why."""


class ControlServer:
    """`asked_to_end` is set when POST /shutdown has been answered."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.asked_to_end = threading.Event()
        self.ending = False
        handler = type("Handler", (ControlHandler,), {"control": self})
        self._server = ThreadingHTTPServer((ADDRESS, 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="control", daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://{ADDRESS}:{self._server.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=2)

    def answer(self, verb: str, path: str, query: Query, body: dict[str, object]) -> object:
        """Find the route; a host's name may stand in the middle of the path."""
        parts = path.strip("/").split("/")
        if verb == "POST" and len(parts) == len(("hosts", "name", "power")) and parts[0] == "hosts":
            return self._host_action(parts[1], parts[2], body)
        route = ROUTES.get((verb, path.rstrip("/")))
        if route is None:
            raise LookupError(f"no {verb} {path}; there is {', '.join(f'{v} {p}' for v, p in ROUTES)}")
        return route(self, query, body)

    def _host_action(self, name: str, action: str, body: dict[str, object]) -> object:
        machine = self.world.machine(name)
        if action != "power":
            raise LookupError(f"no action {action!r}; there is power")
        if not isinstance(body.get("on"), bool):
            raise BadRequestError("on: expected true or false")
        (self.world.power_on if body["on"] else self.world.power_off)(machine)
        return describe(machine)


class ControlHandler(BaseHTTPRequestHandler):
    control: ControlServer

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_DELETE(self) -> None:
        self._serve("DELETE")

    def _serve(self, verb: str) -> None:
        if self._from_a_web_page():
            self._reply(403, {"error": "the control API is for programs of this machine, not for web pages"})
            return
        address = urlsplit(self.path)
        query = {key: values[-1] for key, values in parse_qs(address.query).items()}
        try:
            self._reply(200, self.control.answer(verb, address.path, query, self._body()))
        except LookupError as error:
            self._reply(404, {"error": str(error.args[0] if error.args else error)})
        except (ValueError, TypeError) as error:
            self._reply(400, {"error": str(error)})

    def _from_a_web_page(self) -> bool:
        """A page in a browser names its origin, or came here by a name of its own (DNS rebinding)."""
        name = self.headers.get("Host", "").rpartition(":")[0]
        return "Origin" in self.headers or name not in {"127.0.0.1", "localhost"}

    def _body(self) -> dict[str, object]:
        length = int(self.headers.get("Content-Length") or 0)
        if length > LONGEST_BODY:
            raise BadRequestError("the body is too long")
        data = json.loads(self.rfile.read(length)) if length else {}
        if not isinstance(data, dict):
            raise BadRequestError("the body must be a JSON object")
        return data

    def _reply(self, status: int, content: object) -> None:
        body = json.dumps(content, default=str).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def finish(self) -> None:
        super().finish()
        if self.control.ending:
            self.control.asked_to_end.set()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """The call log is the only log."""


def describe(machine: HostMachine) -> dict[str, object]:
    """The truth of one machine, whatever a database says."""
    return {
        "name": machine.name,
        "uuid": machine.uuid,
        "address": machine.address,
        "port": machine.port,
        "powered": machine.powered,
        "answering": machine.up,
        "role": machine.role,
        "role_on_disk": machine.pool_conf,
        "emergency": machine.emergency_error.description if machine.emergency_error else None,
        "clock_skew": machine.clock_skew,
        "certificate_sha256": machine.certificate.fingerprint(),
        "nics": [vars(nic) for nic in machine.hardware.nics],
        "cpu": machine.hardware.cpu.modelname,
    }


def _calls(control: ControlServer, query: Query, _body: dict[str, object]) -> object:
    calls = control.world.calllog.calls(query.get("method"), query.get("host"))
    return {"calls": [call.as_json() for call in calls]}


def _forget_calls(control: ControlServer, _query: Query, _body: dict[str, object]) -> object:
    control.world.calllog.clear()
    return {"calls": []}


def _world(control: ControlServer, _query: Query, _body: dict[str, object]) -> object:
    return {
        "scene": control.world.scene.name,
        "profile": control.world.timing.name,
        "hosts": [describe(machine) for machine in control.world.machines],
    }


def _faults(control: ControlServer, _query: Query, _body: dict[str, object]) -> object:
    return {"faults": [vars(fault) for fault in control.world.faults.waiting()]}


def _inject(control: ControlServer, _query: Query, body: dict[str, object]) -> object:
    return vars(control.world.inject(Fault(**body)))  # type: ignore[arg-type]


def _clear_faults(control: ControlServer, _query: Query, _body: dict[str, object]) -> object:
    control.world.faults.clear()
    return {"faults": []}


def _shut_down(control: ControlServer, _query: Query, _body: dict[str, object]) -> object:
    control.ending = True
    return {"ending": True}


ROUTES: dict[tuple[str, str], Callable[[ControlServer, Query, dict[str, object]], object]] = {
    ("GET", "/calls"): _calls,
    ("DELETE", "/calls"): _forget_calls,
    ("GET", "/world"): _world,
    ("GET", "/faults"): _faults,
    ("POST", "/faults"): _inject,
    ("DELETE", "/faults"): _clear_faults,
    ("POST", "/shutdown"): _shut_down,
}
