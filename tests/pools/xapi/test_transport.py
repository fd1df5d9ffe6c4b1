"""What comes from a bad network or a bad server: one send, total times, capped replies."""

import socket
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pools.xapi.channel import Channel
from pools.xapi.endpoint import Endpoint, Login
from pools.xapi.errors import XapiError, XapiUnreachable
from pools.xapi.gateway import Xapi, open_session
from pools.xapi.limits import LIMITS, Limits
from pools.xapi.tls import fetch_certificate
from tests.pools.xapi.hostile import Answer, closing, dribbling, hostile, reply, saying, silent

LOGIN = Login(username="root", password="a password of some length")
LOGGED_IN = saying(reply(b'{"jsonrpc":"2.0","result":"OpaqueRef:s","id":1}'))
POOLS = saying(reply(b'{"jsonrpc":"2.0","result":["OpaqueRef:p"],"id":1}'))
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
DONE = reply(
    b"<?xml version='1.0'?><methodResponse><params><param><value><struct><member><name>Status</name>"
    b"<value>Success</value></member><member><name>Value</name><value></value></member></struct></value>"
    b"</param></params></methodResponse>",
    kind="text/xml",
)


def changing(endpoint: Endpoint, limits: Limits = LIMITS) -> Xapi:
    """A session that is taken to exist, so that only the change itself is on the wire."""
    channel = Channel(endpoint, limits)
    channel.session_ref = "OpaqueRef:taken-to-exist"
    return Xapi(channel)


def change(xapi: Xapi) -> None:
    xapi._write("pool.set_name_label", "OpaqueRef:p", "Name")


def test_a_change_whose_reply_is_lost_is_on_the_wire_once(tmp_path: Path) -> None:
    with hostile(tmp_path, closing) as server:
        with pytest.raises(XapiUnreachable) as caught:
            change(changing(server.endpoint))
        assert (caught.value.code, caught.value.sent) == ("XENWEB_CONNECTION_LOST", True)
    assert len(server.requests) == 1


def test_each_change_has_a_connection_of_its_own(tmp_path: Path) -> None:
    with hostile(tmp_path, saying(DONE)) as server:
        xapi = changing(server.endpoint)
        change(xapi)
        change(xapi)
    assert (server.connections, len(server.requests)) == (2, 2)


def test_a_read_whose_reply_is_lost_is_on_the_wire_once(tmp_path: Path, hasty: Limits) -> None:
    with hostile(tmp_path, LOGGED_IN, closing) as server:
        with open_session(server.endpoint, LOGIN, limits=hasty) as xapi, pytest.raises(XapiUnreachable):
            xapi.pool_uuid()
        sent = [request for request in server.requests if b"pool.get_all_records" in request]
    assert len(sent) == 1


def test_reads_share_one_connection(tmp_path: Path) -> None:
    with hostile(tmp_path, LOGGED_IN, POOLS) as server, open_session(server.endpoint, LOGIN) as xapi:
        assert [xapi._pool_ref() for _ in range(3)] == ["OpaqueRef:p"] * 3
    assert (server.connections, len(server.requests)) == (1, 5)


def test_a_kept_connection_that_the_server_closed_is_replaced_before_anything_is_sent(tmp_path: Path) -> None:
    def then_close(conn: socket.socket) -> None:
        LOGGED_IN(conn)
        conn.close()

    with hostile(tmp_path, then_close, POOLS) as server, open_session(server.endpoint, LOGIN) as xapi:
        wait_for_end(xapi)
        assert xapi._pool_ref() == "OpaqueRef:p"
    assert len([request for request in server.requests if b"pool.get_all" in request]) == 1


def wait_for_end(xapi: Xapi) -> None:
    """Until the end of the connection has reached this side."""
    sock = xapi._channel._connection.sock
    sock.settimeout(5)
    assert sock.read() == b""


SLOW = {
    "says nothing": silent,
    "dribbles its head": dribbling(b"HTTP/1.1 200 OK\r\nx-slow: "),
    "dribbles its body": dribbling(HEAD + b"content-length: 50000\r\n\r\n"),
}


@pytest.mark.parametrize("answer", SLOW.values(), ids=SLOW.keys())
def test_a_slow_server_gets_a_total_time(tmp_path: Path, hasty: Limits, answer: Answer) -> None:
    with hostile(tmp_path, answer) as server:
        began = time.monotonic()
        with pytest.raises(XapiUnreachable) as caught:
            change(changing(server.endpoint, hasty))
        assert (caught.value.code, caught.value.sent) == ("XENWEB_TIMEOUT", True)
        assert time.monotonic() - began < hasty.read + 1
    assert len(server.requests) == 1


def test_a_server_that_accepts_and_says_nothing_is_given_up(hasty: Limits) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        endpoint = Endpoint(address="127.0.0.1", port=mute.getsockname()[1], pin="0" * 64)
        with pytest.raises(XapiUnreachable) as caught, open_session(endpoint, LOGIN, limits=hasty):
            pass
    assert (caught.value.code, caught.value.sent) == ("XENWEB_TIMEOUT", False)


def test_a_closed_port_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    with pytest.raises(XapiUnreachable) as caught:
        fetch_certificate("127.0.0.1", port)
    assert (caught.value.code, caught.value.sent) == ("XENWEB_UNREACHABLE", False)
    assert caught.value.params == (f"127.0.0.1:{port}",)


def test_a_plain_web_server_is_not_xapi() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=answer_plainly, args=(listening,), daemon=True)
        thread.start()
        with pytest.raises(XapiUnreachable) as caught:
            fetch_certificate("127.0.0.1", listening.getsockname()[1])
        thread.join(5)
    assert caught.value.code == "XENWEB_NOT_XAPI"


def answer_plainly(listening: socket.socket) -> None:
    conn, _ = listening.accept()
    with conn:
        conn.recv(65536)
        conn.sendall(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")


DEEP = b'{"jsonrpc":"2.0","id":1,"result":' + b"[" * 70 + b"]" * 70 + b"}"
BOTTOMLESS = b"[" * 90_000
BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><methodResponse><params/></methodResponse>'
ODD = {
    "a page": (reply(b"<html>hello</html>", kind="text/html"), "XENWEB_NOT_XAPI"),
    "not found": (reply(b"", status="404 Not Found"), "XENWEB_NOT_XAPI"),
    "a redirect": (reply(b"", status="302 Found", extra="location: https://127.0.0.1/\r\n"), "XENWEB_NOT_XAPI"),
    "an error page": (reply(b"", status="500 Internal Error"), "XENWEB_HTTP_ERROR"),
    "garbage": (b"\x00\xff no HTTP at all\r\n\r\n", "XENWEB_NOT_XAPI"),
    "bad UTF-8": (reply(b'{"jsonrpc":"2.0","result":"\xff\xfe","id":1}'), "XENWEB_NOT_XAPI"),
    "deep JSON": (reply(DEEP), "XENWEB_NOT_XAPI"),
    "bottomless JSON": (reply(BOTTOMLESS), "XENWEB_NOT_XAPI"),
    "no number": (reply(b'{"jsonrpc":"2.0","result":NaN,"id":1}'), "XENWEB_NOT_XAPI"),
    "an infinite number": (reply(b'{"jsonrpc":"2.0","result":1e999,"id":1}'), "XENWEB_NOT_XAPI"),
    "no result": (reply(b'{"jsonrpc":"2.0","id":1}'), "XENWEB_NOT_XAPI"),
    "a wrong result": (reply(b'{"jsonrpc":"2.0","result":{"a":1},"id":1}'), "XENWEB_NOT_XAPI"),
    "compressed": (reply(b"\x1f\x8b", extra="content-encoding: gzip\r\n"), "XENWEB_NOT_XAPI"),
    "announced too large": (HEAD + b"content-length: 200000\r\n\r\n", "XENWEB_REPLY_TOO_LARGE"),
    "endless": (HEAD + b"\r\n" + b"a" * 200_000, "XENWEB_REPLY_TOO_LARGE"),
    "XML with a DOCTYPE": (reply(BOMB, kind="text/xml"), "XENWEB_NOT_XAPI"),
}


@pytest.mark.parametrize(("answer", "code"), ODD.values(), ids=ODD.keys())
def test_an_odd_answer_to_a_login_is_named(tmp_path: Path, hasty: Limits, answer: bytes, code: str) -> None:
    with hostile(tmp_path, saying(answer)) as server:
        patient = replace(hasty, login=5)
        with pytest.raises(XapiError) as caught, open_session(server.endpoint, LOGIN, limits=patient):
            pass
    assert caught.value.code == code


@pytest.mark.parametrize(("answer", "code"), ODD.values(), ids=ODD.keys())
def test_an_odd_answer_to_a_change_leaves_the_outcome_unknown(
    tmp_path: Path, hasty: Limits, answer: bytes, code: str
) -> None:
    with hostile(tmp_path, saying(answer)) as server:
        patient = replace(hasty, read=5)
        with pytest.raises(XapiUnreachable) as caught:
            change(changing(server.endpoint, patient))
    assert (caught.value.code, caught.value.sent) == (code, True)
    assert len(server.requests) == 1


def test_the_whole_request_head_fits_into_what_xapi_reads(tmp_path: Path) -> None:
    with hostile(tmp_path, LOGGED_IN) as server, open_session(server.endpoint, LOGIN):
        pass
    head, _, _ = server.requests[0].partition(b"\r\n\r\n")
    assert len(head) < 1024
    assert b"Accept-Encoding: identity" in head
