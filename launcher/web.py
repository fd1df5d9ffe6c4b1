"""``python -m launcher.web``: uvicorn, made to end open live streams first, so that it can stop in seconds."""

import os
import socket
from types import FrameType

import uvicorn

GRACE_SECONDS = 3


class Server(uvicorn.Server):
    """A live stream never ends by itself; unasked, uvicorn would wait for it."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        from xenweb import asgi

        asgi.stop_streams()
        super().handle_exit(sig, frame)


def main() -> None:
    """Serve on the launcher's socket (``XENWEB_WEB_SOCKET``), else on ``XENWEB_BIND`` and ``XENWEB_PORT``."""
    config = uvicorn.Config(
        "xenweb.asgi:application",
        host=os.environ.get("XENWEB_BIND", "127.0.0.1"),
        port=int(os.environ.get("XENWEB_PORT", "8000")),
        timeout_graceful_shutdown=GRACE_SECONDS,
        access_log=False,
        log_config=None,
        lifespan="off",
        server_header=False,
        proxy_headers=False,
    )
    number = os.environ.get("XENWEB_WEB_SOCKET")
    Server(config).run(sockets=[socket.socket(fileno=int(number))] if number else None)


if __name__ == "__main__":
    main()
