"""What a host serves beside RPC: pages for browsers, and files for who has a session (xapi_http.ml)."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from simulator.wire.framing import HttpProblemError, HttpRequest, Reply
from simulator.xapi.access.rbac import check_permission
from simulator.xapi.access.sessions import session_row
from simulator.xapi.dispatch import Request, serve_call
from simulator.xapi.errors import XapiError
from simulator.xapi.registry import HostView
from simulator.xapi.rrd import Window, rrd_updates

TRANSPORT = "http"
Query = dict[str, str]


@dataclass(frozen=True)
class Handler:
    """`name` stands in the realm and, behind http/, in the permission."""

    name: str
    role: str
    serve: Callable[[HostView, Query], Reply]


def query_of(request: HttpRequest) -> Query:
    return {key: values[-1] for key, values in parse_qs(urlsplit(request.path).query).items()}


def serve(handler: Handler, host: HostView, request: HttpRequest) -> Reply:
    """A session by cookie, else by query, or a name and password for this one request."""
    given = query_of(request) | cookies_of(request)
    if "session_id" in given:
        return _with_session(handler, host, request, given["session_id"])
    user, password = _basic(handler, request)
    try:
        words: list[object] = [user, password, "1.0", "HTTP using Basic auth"]
        session = str(serve_call(host, Request("session.login_with_password", words, TRANSPORT)))
    except XapiError as error:
        raise unauthorised(handler) from error
    try:
        return _with_session(handler, host, request, session)
    finally:
        serve_call(host, Request("session.logout", [session], TRANSPORT))


def _with_session(handler: Handler, host: HostView, request: HttpRequest, session: str) -> Reply:
    """The coordinator's sessions are good on every member."""
    row = session_row(host, session)
    if row is None:
        raise unauthorised(handler)
    try:
        check_permission(row, f"http/{handler.name}", handler.role)
    except XapiError as error:
        raise HttpProblemError(403, error.params[-1]) from error
    return handler.serve(host, query_of(request))


def unauthorised(handler: Handler) -> HttpProblemError:
    return HttpProblemError(401, "Please log in.", {"WWW-Authenticate": f'Basic realm="{handler.name}"'})


def cookies_of(request: HttpRequest) -> Query:
    try:
        return {name: cookie.value for name, cookie in SimpleCookie(request.headers.get("cookie", "")).items()}
    except CookieError:
        return {}


def _basic(handler: Handler, request: HttpRequest) -> tuple[str, str]:
    scheme, _, coded = request.headers.get("authorization", "").partition(" ")
    try:
        user, colon, password = base64.b64decode(coded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise unauthorised(handler) from None
    if scheme.lower() != "basic" or not colon:
        raise unauthorised(handler)
    return user, password


def _rrd_updates(host: HostView, query: Query) -> Reply:
    start = query.get("start", "")
    if not start.lstrip("-").isdigit():
        raise HttpProblemError(400, "start: expected seconds since 1970")
    window = Window(host=query.get("host") == "true", function=query.get("cf", "AVERAGE"), start=int(start))
    found = rrd_updates(host, window)
    if query.get("json") == "true":
        return Reply(200, json.dumps(found.as_json()).encode(), "application/json")
    return Reply(200, found.as_xml().encode(), "text/xml")


RRD_UPDATES = Handler("get_rrd_updates", "read-only", _rrd_updates)
PAGE = b"<html><head><title>Welcome</title></head><body><h1>This host is simulated.</h1></body></html>"


def page(_host: HostView, request: HttpRequest) -> Reply:
    """The host's own web page; there is no other file."""
    if urlsplit(request.path).path not in {"/", "/index.html"}:
        raise HttpProblemError(404, f"Nothing is served at {request.path}")
    return Reply(200, PAGE)
