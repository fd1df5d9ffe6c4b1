"""What a request is for: the longest registered prefix of its path decides, per verb."""

from collections.abc import Callable
from functools import partial

from simulator.wire import handlers, jsonrpc, xmlrpc
from simulator.wire.framing import RPC_HEADERS, HttpProblemError, HttpRequest, Reply
from simulator.wire.task_marks import task_marks
from simulator.world.faults import FaultInCall
from simulator.xapi.dispatch import LIST_METHODS, Request, serve_call
from simulator.xapi.errors import EarlyError, XapiError
from simulator.xapi.registry import HostView

ASKED_THUMBPRINT = "x-xenapi-request-host-certificate-thumbprint"
GIVEN_THUMBPRINT = "x-xenapi-response-host-certificate-thumbprint"
Endpoint = Callable[[HostView, HttpRequest], Reply]


def handle(host: HostView, request: HttpRequest) -> Reply:
    """Whatever goes wrong outside the dispatcher is a 500 page, never a dead thread."""
    try:
        return _endpoint(request)(host, request)
    except (HttpProblemError, FaultInCall):
        raise
    except xmlrpc.MalformedCallError as error:
        raise HttpProblemError(500, str(error)) from error
    except Exception as error:
        raise HttpProblemError(500, f"{type(error).__name__}: {error}") from error


def _endpoint(request: HttpRequest) -> Endpoint:
    routes = ROUTES.get(request.verb, {})
    fitting = [prefix for prefix in routes if request.path.startswith(prefix)]
    if not fitting:
        raise HttpProblemError(404, f"Nothing is served at {request.path}")
    return routes[max(fitting, key=len)]


def _xml(host: HostView, request: HttpRequest) -> Reply:
    method, params = xmlrpc.decode_call(request.body)
    try:
        value = serve_call(host, Request(method, params, "xmlrpc", task_marks(request)))
    except XapiError as error:
        return _rpc("text/xml", xmlrpc.encode_failure(error.description), _thumbprint(host, request, error))
    encode = xmlrpc.encode_bare if method == LIST_METHODS else xmlrpc.encode_success
    return _rpc("text/xml", encode(value), {})


def _json(host: HostView, request: HttpRequest) -> Reply:
    call = jsonrpc.decode_call(request.body)
    kind = "application/json"
    try:
        value = serve_call(host, Request(call.method, call.params, "jsonrpc", task_marks(request)))
    except EarlyError as error:
        return _rpc(kind, jsonrpc.encode_early_failure(error.description), {})
    except XapiError as error:
        body = jsonrpc.encode_failure(call, error.description)
        return _rpc(kind, body, _thumbprint(host, request, error))
    return _rpc(kind, jsonrpc.encode_success(call, value), {})


def _rpc(content_type: str, body: bytes, headers: dict[str, str]) -> Reply:
    return Reply(200, body, content_type, RPC_HEADERS | headers)


def _thumbprint(host: HostView, request: HttpRequest, error: XapiError) -> dict[str, str]:
    """A client that trusts a member may learn the coordinator's certificate from it."""
    asked = request.headers.get(ASKED_THUMBPRINT, "").lower()
    if error.code != "HOST_IS_SLAVE" or asked not in ("sha-256:master", "sha-1:master"):
        return {}
    try:
        coordinator = host.world.machine(error.params[0])
    except LookupError:
        return {}
    return {GIVEN_THUMBPRINT: coordinator.certificate.thumbprint(asked.split(":")[0])}


def _options(_host: HostView, request: HttpRequest) -> Reply:
    asked = request.headers.get("access-control-request-headers", "")
    allowed = f"{asked}, X-Requested-With" if asked else "X-Requested-With"
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "PUT",
        "Access-Control-Allow-Headers": allowed,
    }
    return Reply(200, b"", headers=headers)


ROUTES: dict[str, dict[str, Endpoint]] = {
    "GET": {"/": handlers.page, "/rrd_updates": partial(handlers.serve, handlers.RRD_UPDATES)},
    "POST": {"/": _xml, "/json": _xml, "/jsonrpc": _json},
    "OPTIONS": {"/": _options},
}
