"""One thread that waits for connections to all hosts; each connection then has a thread of its own."""

import contextlib
import errno
import logging
import selectors
import socket
import threading
from collections.abc import Callable

RELIEF = 0.1  # seconds to wait for descriptors when this process has none left
OUT_OF_DESCRIPTORS = (errno.EMFILE, errno.ENFILE)
Welcome = Callable[[socket.socket], None]
log = logging.getLogger(__name__)


class Acceptor:
    """Listening sockets come and go while it waits; the thread begins with the first of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._selector = selectors.DefaultSelector()
        self._ended = threading.Event()
        self._wake: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def add(self, listener: socket.socket, welcome: Welcome) -> None:
        """Call `welcome` with each connection, in the acceptor's thread."""
        listener.setblocking(False)
        with self._lock:
            if self._ended.is_set():
                return
            self._selector.register(listener, selectors.EVENT_READ, welcome)
            if self._thread is None:
                self._wake, woken = socket.socketpair()
                self._thread = threading.Thread(target=self._run, args=(woken,), name="xapi-accept", daemon=True)
                self._thread.start()

    def remove(self, listener: socket.socket) -> None:
        """To be called before the socket is closed."""
        with self._lock, contextlib.suppress(KeyError, ValueError, RuntimeError):
            self._selector.unregister(listener)

    def stop(self) -> None:
        with self._lock:
            self._ended.set()
        if self._wake and self._thread:
            self._wake.close()
            self._thread.join()
        self._selector.close()

    def _run(self, woken: socket.socket) -> None:
        with woken:
            self._selector.register(woken, selectors.EVENT_READ)
            while not self._ended.is_set():
                for key, _events in self._selector.select():
                    if key.data is not None and isinstance(key.fileobj, socket.socket):
                        self._accept(key.fileobj, key.data)

    def _accept(self, listener: socket.socket, welcome: Welcome) -> None:
        """One that went away again, or whose listener did, is nobody's business."""
        try:
            connection, _peer = listener.accept()
        except OSError as error:
            if error.errno in OUT_OF_DESCRIPTORS:
                log.warning("a connection waits: %s", error)
                self._ended.wait(RELIEF)
            return
        connection.setblocking(True)
        welcome(connection)
