"""Browsers for ``./bench live``: open event streams, note when each event came, print it when standard input ends.

Reads one JSON line ``{"port", "path", "cookies"}``; prints ``ready`` when all streams stand, at last ``{row: [moments]}``.
"""

import asyncio
import json
import sys
import time
from collections import defaultdict

AT_ONCE = 20


class Viewers:
    """All streams of one benchmark; ``seen``: for each journal row the moments at which its event was there."""

    def __init__(self, port: int, path: str) -> None:
        self.port = port
        self.path = path
        self.seen: defaultdict[int, list[float]] = defaultdict(list)
        self.gate = asyncio.Semaphore(AT_ONCE)
        self.connections: list[asyncio.StreamWriter] = []

    async def open(self, cookie: str) -> asyncio.StreamReader:
        async with self.gate:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**22)
            self.connections.append(writer)
            head = f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid={cookie}\r\n\r\n"
            writer.write(head.encode())
            status = await reader.readline()
            if b" 200 " not in status:
                raise ConnectionError(status.decode())
            while not (await reader.readline()).startswith(b"retry:"):
                pass
            return reader

    async def watch(self, reader: asyncio.StreamReader) -> None:
        """An event has come when its closing empty line has."""
        row = 0
        while line := await reader.readline():
            if line.startswith(b"id: "):
                row = int(line[4:])
            elif line == b"\n" and row:
                self.seen[row].append(time.monotonic())
                row = 0


async def main() -> None:
    asked = json.loads(sys.stdin.readline())
    viewers = Viewers(asked["port"], asked["path"])
    readers = await asyncio.gather(*(viewers.open(cookie) for cookie in asked["cookies"]))
    watching = [asyncio.create_task(viewers.watch(reader)) for reader in readers]
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    for task in watching:
        task.cancel()
    sys.stdout.write(json.dumps(viewers.seen))


if __name__ == "__main__":
    asyncio.run(main())
