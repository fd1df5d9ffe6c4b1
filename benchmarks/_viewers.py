"""Browsers for ``./bench live``: open event streams, note when each event came, print it when standard input ends.

Reads one JSON line ``{"port", "path", "cookies"}``; prints ``ready`` when all streams stand, ``{row: [moments]}`` at
the end.
"""

import asyncio
import json
import re
import sys
import time
from collections import defaultdict

AT_ONCE = 20
ROW = re.compile(rb"\nid: (\d+)\n")


class Browser(asyncio.Protocol):
    """One stream: does as little as it can, so that what is measured is the server."""

    def __init__(self, request: bytes, seen: dict[int, list[float]]) -> None:
        self.request = request
        self.seen = seen
        self.received = b""
        self.stands = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.received += data
        if not self.stands.done():
            if b"retry: 1000\n\n" in self.received:
                self.stands.set_result(True)
                self.received = b""
            elif not self.received.startswith(b"HTTP/1.1 200"):
                sys.stderr.write(self.received.decode(errors="replace"))
                self.stands.set_result(False)
        elif b"\n\n" in data[-6:]:
            now = time.monotonic()
            for row in ROW.findall(self.received):
                self.seen[int(row)].append(now)
            self.received = b""

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.stands.done():
            self.stands.set_result(False)


async def main() -> None:
    asked = json.loads(sys.stdin.readline())
    seen: defaultdict[int, list[float]] = defaultdict(list)
    gate = asyncio.Semaphore(AT_ONCE)
    loop = asyncio.get_running_loop()

    async def stands(cookie: str) -> bool:
        request = f"GET {asked['path']} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: sessionid={cookie}\r\n\r\n".encode()
        async with gate:
            _, browser = await loop.create_connection(lambda: Browser(request, seen), "127.0.0.1", asked["port"])
            return bool(await browser.stands)

    stand = await asyncio.gather(*(stands(cookie) for cookie in asked["cookies"]))
    sys.stdout.write("ready\n" if all(stand) else f"{stand.count(False)} streams were refused\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    asyncio.run(main())
