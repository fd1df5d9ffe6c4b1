"""The port of the web pages: bound once by the launcher, so that a restarted web part gets it again."""

import socket

from launcher.terminal import say

LOOPBACK = "127.0.0.1"
NEARBY = 20


def listening_socket(wanted: int) -> socket.socket:
    """Bind ``wanted`` on loopback, or a free port near it, and say so."""
    for port in (*range(wanted, min(wanted + NEARBY, 65536)), 0):
        bound = bind(port)
        if bound:
            taken = bound.getsockname()[1]
            if taken != wanted:
                say(f"Port {wanted} is busy; taking {taken}.")
            return bound
    raise OSError("no free port on loopback")


def bind(port: int) -> socket.socket | None:
    candidate = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        candidate.bind((LOOPBACK, port))
        candidate.listen(1024)
    except OSError:
        candidate.close()
        return None
    return candidate


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
