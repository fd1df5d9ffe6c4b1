"""The product's Celery application, for worker processes of tests: it can also die between sending and reply."""

from http.client import HTTPResponse

from pools.operations import failpoints
from pools.xapi.transport import OneShot
from xenweb.celery import app

__all__ = ["app"]

send = OneShot.request
CALLS = {b"pool.join": "JoinPool", b"pool.eject": "EjectHost", b"pool.rotate_secret": "RotateSecret"}


def request(self: OneShot, host: str, handler: str, request_body: bytes, **rest: bool) -> object:
    """A changing call goes out; the failpoint strikes when all of it has been sent."""
    connection = self._connection_to
    answer = connection.getresponse

    def getresponse() -> HTTPResponse:
        failpoints.reached("call_sent", next((kind for call, kind in CALLS.items() if call in request_body), ""))
        return answer()

    connection.getresponse = getresponse  # type: ignore[method-assign]
    return send(self, host, handler, request_body, **rest)


OneShot.request = request  # type: ignore[method-assign,assignment]
