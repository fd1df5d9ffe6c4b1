"""Nothing is sent to a server that does not hold the pinned certificate."""

import gc
import hashlib
import select
import socket
import struct
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from pools.xapi.endpoint import Login
from pools.xapi.errors import CertificateChanged
from pools.xapi.gateway import open_session
from pools.xapi.tls import context, describe, fetch_certificate
from simulator.running import Simulation
from simulator.wire.certificates import make_certificate
from tests.pools.xapi.conftest import Reach
from tests.pools.xapi.hostile import closing, hostile

LOGIN = Login(username="root", password="a password of some length")


def test_a_server_with_another_certificate_sees_no_byte(tmp_path: Path) -> None:
    with hostile(tmp_path, closing) as server:
        wrong = replace(server.endpoint, pin="0" * 64)
        with pytest.raises(CertificateChanged) as caught, open_session(wrong, LOGIN):
            pass
        assert caught.value.params == ("0" * 64, server.endpoint.pin)
    assert server.connections == 1
    assert bytes(server.received) == b""


def test_a_server_without_a_pin_is_not_even_connected_to(tmp_path: Path) -> None:
    with hostile(tmp_path, closing) as server:
        unpinned = replace(server.endpoint, pin="")
        with pytest.raises(CertificateChanged) as caught, open_session(unpinned, LOGIN):
            pass
    assert caught.value.code == "XENWEB_CERTIFICATE_NOT_CONFIRMED"
    assert server.connections == 0


def test_a_certificate_that_changes_during_a_session_stops_it(sim: Simulation, reach: Reach) -> None:
    endpoint, login = reach(sim.hosts[0])
    with open_session(endpoint, login) as xapi:
        sim.fault("certificate_replaced", host=sim.hosts[0].name)
        sim.world.calllog.clear()
        with pytest.raises(CertificateChanged):
            xapi.pool_uuid()
        with pytest.raises(CertificateChanged):
            xapi.pool_set_name_label("Never")
    assert sim.calls() == []


def test_fetching_shows_what_a_person_compares(sim: Simulation) -> None:
    host = sim.hosts[0]
    shown = fetch_certificate(host.address, host.port)
    assert shown.sha256 == host.certificate.fingerprint().replace(":", "").lower()
    assert shown.subject == f"CN={host.address}"
    assert shown.not_after == host.certificate.parsed.not_valid_after_utc
    assert sim.calls() == []


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        (b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x05"),  # a version that X.509 does not have
        (b"\x55\x04\x03\x0c", b"\x55\x04\x03\x03"),  # a name that is a string of bits
        (b"\x30", b"\x31"),
    ],
)
def test_an_odd_certificate_is_shown_by_its_fingerprint_alone(tmp_path: Path, part: bytes, instead: bytes) -> None:
    whole = make_certificate(tmp_path, "odd", "127.0.0.1").parsed.public_bytes(Encoding.DER)
    odd = whole.replace(part, instead)
    shown = describe(odd)
    assert (shown.sha256, shown.subject, shown.not_after) == (hashlib.sha256(odd).hexdigest(), "", None)


def test_a_members_certificate_is_learnt_from_its_coordinator(sim: Simulation, reach: Reach) -> None:
    endpoint, login = reach(sim.hosts[0])
    with open_session(endpoint, login) as xapi:
        assert xapi.server_certificate(xapi.this_host()).sha256 == endpoint.pin


def test_a_server_that_resets_before_the_handshake_leaves_no_open_socket() -> None:
    """`wrap_socket` raises after it has taken the connection over; what it left open, pytest would call a failure."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        plain = socket.create_connection(listening.getsockname())
        accepted, _ = listening.accept()
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        accepted.close()
        select.select([plain], [], [], 5)
        with pytest.raises(ConnectionResetError):
            context().wrap_socket(plain)
    gc.collect()
