"""The smallest clients that can talk to a simulated host: JSON-RPC, and bytes."""

import http.client
import json
import socket
import ssl
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol


class Host(Protocol):
    address: str
    port: int
    username: str
    password: str


class XapiFailure(Exception):
    """An error of the wire: code first."""

    def __init__(self, description: list[str]) -> None:
        super().__init__(*description)
        self.description = description


def unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@dataclass
class Rpc:
    """Logs in with its first call; a connection per call, so that threads may share it."""

    host: Host
    timeout: float = 20

    @cached_property
    def session(self) -> str:
        found = self.bare("session.login_with_password", self.host.username, self.host.password, "1", "tests")
        return str(found)

    def call(self, method: str, *params: object) -> object:
        return self.bare(method, self.session, *params)

    def bare(self, method: str, *params: object) -> object:
        """A call without a session in front."""
        body = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}
        answer = json.loads(self.post("/jsonrpc", json.dumps(body).encode()).body)
        if "error" in answer:
            error = answer["error"]
            description = error if isinstance(error, list) else [error["message"], *error["data"]]
            raise XapiFailure(description)
        return answer["result"]

    def record(self, cls: str, ref: object) -> dict[str, object]:
        found = self.call(f"{cls}.get_record", ref)
        assert isinstance(found, dict)
        return found

    def ref(self, method: str, *params: object) -> str:
        found = self.call(method, *params)
        assert isinstance(found, str)
        return found

    def post(self, path: str, body: bytes, headers: dict[str, str] | None = None) -> "Answer":
        connection = http.client.HTTPSConnection(
            self.host.address, self.host.port, context=unverified(), timeout=self.timeout
        )
        with closing(connection):
            connection.request("POST", path, body, headers or {})
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def send_raw(host: Host, data: bytes, timeout: float = 20) -> bytes:
    """Everything that a host says to these bytes until it closes."""
    with socket.create_connection((host.address, host.port), timeout=timeout) as plain:
        secure = unverified().wrap_socket(plain)
        with secure:
            secure.sendall(data)
            parts = []
            try:
                while part := secure.recv(65536):
                    parts.append(part)
            except ConnectionResetError:
                pass
            return b"".join(parts)


def xml_call(method: str, *params: str) -> bytes:
    values = "".join(f"<param><value>{value}</value></param>" for value in params)
    return f"<methodCall><methodName>{method}</methodName><params>{values}</params></methodCall>".encode()
