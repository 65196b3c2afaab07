"""An API as fast as Python allows, in a process of its own: the clients are measured, not the server.

    python -m tests.benchmarks.lean_server MILLISECONDS

Prints its port and serves both lists on loopback until its standard input is closed.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from functools import partial
from urllib.parse import unquote

HEAD = b"HTTP/1.1 %d OK\r\nContent-Type: application/json;charset=UTF-8\r\nContent-Length: %d\r\n\r\n"
LISTS: dict[bytes, dict[str, str]] = {b"unsubscribers": {}, b"bounces": {}}


class Connection(asyncio.Protocol):
    """One kept-open connection; calls on it come one after the other."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end]
            size = 0
            if (at := head.lower().find(b"content-length:")) >= 0:
                size = int(head[at + 15 :].split(b"\r\n", 1)[0])
            if len(self.buffer) < end + 4 + size:
                return
            body = self.buffer[end + 4 : end + 4 + size]
            self.buffer = self.buffer[end + 4 + size :]
            self.answered(head, body)

    def answered(self, head: bytes, body: bytes) -> None:
        """Answer a call."""
        self.later(answer(head, body))

    def later(self, reply: bytes) -> None:
        """Send the answer when its time has come."""
        if self.delay:
            asyncio.get_running_loop().call_later(self.delay, self.reply, reply)
        else:
            self.transport.write(reply)

    def reply(self, reply: bytes) -> None:
        """Send the answer, where somebody is still there."""
        if not self.transport.is_closing():
            self.transport.write(reply)


def answer(head: bytes, body: bytes) -> bytes:
    """The documented answer."""
    method, target = head.split(b" ", 2)[:2]
    if target == b"/v2/account/stats":
        return framed(b'{"credits": 1}')
    entries = LISTS[target.split(b"/", 3)[2]]
    if method == b"GET":
        shown = [{"deleted": False, "id": one, "identifier": spelling} for spelling, one in entries.items()]
        return framed(json.dumps(shown).encode())
    if method == b"DELETE":
        found = entries.pop(unquote(target.split(b"identifier=", 1)[1].decode()), None)
        return b"HTTP/1.1 204 No Content\r\n\r\n" if found else HEAD % (404, 2) + b"{}"
    spelling = json.loads(body)["identifier"]
    one = entries.setdefault(spelling, f"{len(entries):024x}")
    return framed(b'{"id":"%s"}' % one.encode())


def framed(body: bytes) -> bytes:
    """A 200 with this body."""
    return HEAD % (200, len(body)) + body


async def serve(connection: Callable[[], asyncio.Protocol]) -> None:
    """Serve by such connections until standard input is closed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(connection, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(partial(Connection, float(sys.argv[1]) / 1000)))
