import gc
import socket
import ssl

import pytest

from simulator.running import Simulation
from simulator.wire.http import RESET_ON_CLOSE
from simulator.world.host import HostMachine
from tests.simulator.rpc import Rpc, send_raw, unverified, xml_call

JSON_CALL = b'{"jsonrpc":"2.0","method":"system.listMethods","params":[],"id":0}'


@pytest.mark.parametrize(
    ("path", "body", "content_type"),
    [
        ("/jsonrpc", JSON_CALL, "application/json"),
        ("/jsonrpc/more", JSON_CALL, "application/json"),
        ("/", xml_call("system.listMethods"), "text/xml"),
        ("/RPC2", xml_call("system.listMethods"), "text/xml"),
        ("/json", xml_call("system.listMethods"), "text/xml"),
        ("/anything", xml_call("system.listMethods"), "text/xml"),
    ],
)
def test_the_longest_prefix_decides_and_content_types_are_exact(
    rpc: Rpc, path: str, body: bytes, content_type: str
) -> None:
    answer = rpc.post(path, body)
    assert answer.status == 200
    assert answer.headers["content-type"] == content_type
    assert answer.headers["cache-control"] == "no-cache, no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_list_methods_is_a_bare_array_in_xml(rpc: Rpc) -> None:
    text = rpc.post("/", xml_call("system.listMethods")).text
    assert text.startswith('<?xml version="1.0"?><methodResponse><params><param><value><array><data><value>')


def test_a_failure_is_http_200(rpc: Rpc) -> None:
    answer = rpc.post("/", xml_call("pool.get_all", "OpaqueRef:none"))
    assert answer.status == 200
    assert "<value>SESSION_INVALID</value><value>OpaqueRef:none</value>" in answer.text


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET /nothing HTTP/1.1\r\n\r\n", b"404 Not Found"),
        (b"BREW / HTTP/1.1\r\n\r\n", b"501 Method not implemented"),
        (b"POST / HTTP/1.1\r\n\r\n", b"500 Internal Error"),
        (b"POST / HTTP/1.1\r\ncontent-length: 307201\r\n\r\n", b"500 Internal Error"),
        (b"POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n", b"500 Internal Error"),
        (b"POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\nxml", b"500 Internal Error"),
        (b"POST /jsonrpc HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}", b"500 Internal Error"),
        (b"POST / HTTP/1.1\r\nx: " + b"y" * 1024 + b"\r\n\r\n", b"431 Request Header Fields Too Large"),
        (b"nonsense\r\n\r\n", b"500 Internal Error"),
    ],
)
def test_what_cannot_be_served_gets_an_error_page_and_the_door(host: HostMachine, data: bytes, status: bytes) -> None:
    answer = send_raw(host, data)
    assert answer.startswith(b"HTTP/1.1 " + status + b"\r\n")
    assert b"content-type: text/html" in answer


def test_error_pages_escape_what_was_asked(host: HostMachine) -> None:
    assert b"<script>" not in send_raw(host, b"GET /<script> HTTP/1.1\r\n\r\n")


def test_connections_are_kept_alive_in_1_1_only(host: HostMachine) -> None:
    body = xml_call("system.listMethods")
    head = b"POST / HTTP/1.%d\r\ncontent-length: %d\r\n"
    old = send_raw(host, head % (0, len(body)) + b"\r\n" + body)
    new = send_raw(
        host,
        head % (1, len(body)) + b"\r\n" + body + head % (1, len(body)) + b"Connection: close\r\n\r\n" + body,
    )
    assert old.count(b"HTTP/1.1 200 OK") == 1
    assert new.count(b"HTTP/1.1 200 OK") == 2


def test_options_allow_other_origins(host: HostMachine) -> None:
    answer = send_raw(
        host,
        b"OPTIONS /jsonrpc HTTP/1.1\r\nConnection: close\r\nAccess-Control-Request-Headers: x-a\r\n\r\n",
    )
    assert b"Access-Control-Allow-Methods: PUT" in answer
    assert b"Access-Control-Allow-Headers: x-a, X-Requested-With" in answer


def test_a_host_that_is_down_refuses_connections_and_cuts_open_ones(sim: Simulation) -> None:
    host = sim.hosts[0]
    plain = socket.create_connection((host.address, host.port), timeout=5)
    with unverified().wrap_socket(plain) as secure:
        sim.world.hush(host)
        assert secure.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host.address, host.port), timeout=5)


def test_each_host_has_a_certificate_of_its_own(sim: Simulation) -> None:
    seen = set()
    for host in sim.hosts:
        plain = socket.create_connection((host.address, host.port), timeout=5)
        with unverified().wrap_socket(plain) as secure:
            seen.add(secure.getpeercert(binary_form=True))
    assert len(seen) == len(sim.hosts)


def test_a_member_may_vouch_for_its_coordinator(sim: Simulation, member: HostMachine) -> None:
    asked = {"x-xenapi-request-host-certificate-thumbprint": "sha-256:master"}
    answer = Rpc(member).post("/", xml_call("session.login_with_password", "root", "x"), asked)
    given = answer.headers["x-xenapi-response-host-certificate-thumbprint"]
    assert given == sim.hosts[0].certificate.fingerprint()


@pytest.mark.parametrize("suite", ["ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256"])
def test_two_suites_of_tls_1_2_are_offered(host: HostMachine, suite: str) -> None:
    context = unverified()
    context.set_ciphers(suite)
    with context.wrap_socket(socket.create_connection((host.address, host.port), timeout=5)) as secure:
        assert (secure.version(), (secure.cipher() or ("",))[0]) == ("TLSv1.2", suite)


def test_no_other_suite_is_offered(host: HostMachine) -> None:
    context = unverified()
    context.set_ciphers("ALL:!ECDHE-ECDSA-AES256-GCM-SHA384:!ECDHE-ECDSA-AES128-GCM-SHA256")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection((host.address, host.port), timeout=5) as plain, pytest.raises(ssl.SSLError):
        context.wrap_socket(plain)


def test_a_peer_that_resets_before_the_handshake_leaves_no_open_socket(sim: Simulation, host: HostMachine) -> None:
    """What is left open would be said by the interpreter, and pytest makes that a failure."""
    for _ in range(20):
        with socket.create_connection((host.address, host.port)) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    assert Rpc(host).call("pool.get_all")
    sim.world.stop()
    gc.collect()
