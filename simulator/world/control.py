"""The control API: plain HTTP and JSON on loopback, for people and tests outside this process."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from simulator.autoload import load_everything
from simulator.world.control_routes import Ask, BadRequestError, find
from simulator.world.world import World
from simulator.xapi.errors import XapiError

ADDRESS = "127.0.0.1"
LONGEST_BODY = 100_000


class ControlServer:
    """`asked_to_end` is set when POST /shutdown has been answered."""

    def __init__(self, world: World) -> None:
        load_everything()
        self.world = world
        self.asked_to_end = threading.Event()
        self.ending = threading.Event()
        handler = type("Handler", (ControlHandler,), {"control": self})
        self._server = ThreadingHTTPServer((ADDRESS, 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="control", daemon=True
        )

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://{ADDRESS}:{self.port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=2)

    def answer(self, verb: str, path: str, query: dict[str, str], body: dict[str, object]) -> object:
        route, names = find(verb, path)
        return route(Ask(self.world, self.ending, query, body, names))


class ControlHandler(BaseHTTPRequestHandler):
    control: ControlServer

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_PATCH(self) -> None:
        self._serve("PATCH")

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
        except XapiError as error:  # rows that point nowhere
            self._reply(500, {"error": " ".join(error.description)})

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
        if self.control.ending.is_set():
            self.control.asked_to_end.set()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """The call log is the only log."""
