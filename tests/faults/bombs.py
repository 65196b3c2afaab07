"""Answers without end, from a server of its own: each is a stream of bytes that goes on as long as anybody reads."""

from __future__ import annotations

import json
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count, repeat

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
_ENTRY = b'{"deleted":false,"id":"%024x","identifier":"+336%08d"},'
Stream = Callable[[], Iterator[bytes]]


def plain(first: bytes, then: bytes) -> Stream:
    """A body in chunks: `first`, then `then` again and again."""
    block = then * max(1, (1 << 16) // len(then))

    def stream() -> Iterator[bytes]:
        yield CHUNKED + _chunk(first)
        yield from repeat(_chunk(block))

    return stream


def zipped(first: bytes, then: bytes, blocks: int | None = None) -> Stream:
    """The same as one gzip stream."""
    block = then * max(1, (1 << 20) // len(then))

    def stream() -> Iterator[bytes]:
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        yield HEAD + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
        yield _chunk(packer.compress(first) + packer.flush(zlib.Z_FULL_FLUSH))
        # After a full flush equal blocks are packed to equal bytes, so one of them does for all.
        packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
        yield from repeat(_chunk(packed), blocks) if blocks else repeat(_chunk(packed))

    return stream


def _entries() -> Iterator[bytes]:
    """A list that never ends, of entries that are all sound."""
    yield CHUNKED + _chunk(b"[")
    for start in count(0, 1000):
        yield _chunk(b"".join(_ENTRY % (at, at) for at in range(start, start + 1000)))


def headers(line: bytes) -> Stream:
    """Headers without end."""
    return lambda: iter_after(HEAD, line)


def iter_after(first: bytes, then: bytes) -> Iterator[bytes]:
    """`first`, then `then` for ever."""
    yield first
    yield from repeat(then * max(1, (1 << 16) // len(then)))


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data) if data else b""  # an empty chunk would be the last one


def _empty_members() -> Iterator[bytes]:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    member = packer.compress(b"") + packer.flush()
    yield HEAD + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    yield from repeat(_chunk(member * 3000))


def _drip() -> Iterator[bytes]:
    yield CHUNKED + _chunk(b"[ ")
    for _n in repeat(None):
        time.sleep(0.5)
        yield _chunk(b" ")


def _hang() -> Iterator[bytes]:
    yield b""
    time.sleep(3600)


SMALL: dict[str, Stream] = {
    "gzip": zipped(b'{"id": "', b"a"),
    "gzip-zeros": zipped(b"", bytes(1)),
    "gzip-empty-members": _empty_members,
    "endless": plain(b'{"id": "', b"a"),
    "endless-blanks": plain(b"", b" "),
    "deep": plain(b"", b'{"a":['),
    "header-line": headers(b"a"),
    "headers": headers(b"X-A: " + b"a" * 1000 + b"\r\n"),
    "short-headers": headers(b"A: b\r\n"),
    "folded-header": headers(b" a\r\n"),
    "interim": lambda: repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "reason": lambda: iter_after(b"HTTP/1.1 200 ", b"O"),
    "chunk-extension": lambda: iter_after(CHUNKED + b"1;a=", b"a"),
    "chunk-size": lambda: iter_after(CHUNKED, b"0"),
    "trailers": lambda: iter_after(CHUNKED + b"0\r\n", b"X-A: " + b"a" * 1000 + b"\r\n"),
}
LISTS: dict[str, Stream] = {
    **SMALL,
    "one-text": plain(b'[{"identifier": "', b"a"),
    "one-text-gzip": zipped(b'[{"identifier": "', b"a"),
    "one-entry": plain(b'[{"history": [', b'{"date":1,"campaignId":"a"},'),
    "one-entry-gzip": zipped(b'[{"history": [', b"{},"),
    "one-array": plain(b'[{"identifier": [', b"1.5,"),
    "quotes": plain(b'[{"identifier": "', b'\\"'),
    "deep-entry": plain(b'[{"identifier":', b"["),
    "blanks-after": zipped(b'[{"identifier": "+33600000000"}]', b" "),
    "long-texts": plain(b"[", b'{"identifier":"' + b"+336" * 250_000 + b'"},'),
    "entries": _entries,
    "entries-gzip": zipped(b"[", b'{"identifier":"+33600000000","id":"543ceb14e4b0ef900801cbe3"},'),
    "empty-entries": plain(b"[", b"{},"),
    "deleted": plain(b"[", b'{"deleted":true},'),
    "fat-entries": plain(b"[", b'{"identifier":"' + b"9" * 120 + b'","id":"' + b"f" * 120 + b'"},'),
}
SLOW: dict[str, Stream] = {"drip": _drip, "hang": _hang}


@dataclass
class BombServer:
    """Answers the calls for which `bombs` (`"GET list"`, `"POST"`, `"DELETE"`, `"account"`) has a stream with it.

    Other calls are answered honestly, the list with `listed`. `calls` counts what arrived, `sent` the bytes that went.
    """

    bombs: dict[str, Stream]
    listed: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    sent: int = 0
    url: str = ""

    @contextmanager
    def running(self) -> Iterator[BombServer]:
        """Serve on loopback until the context ends."""
        with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
            self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
            yield self

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _address = listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as file, suppress(OSError, ValueError):
            while first := file.readline():
                length = 0
                while (line := file.readline()).strip():
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                file.read(length)
                self._answer(connection, first.split()[0].decode(), first)

    def _answer(self, connection: socket.socket, method: str, first: bytes) -> None:
        call = method if method != "GET" else "account" if b"account" in first else "GET list"
        self.calls.append(call)
        if call not in self.bombs:
            connection.sendall(self._honest(call))
            return
        for part in self.bombs[call]():
            connection.sendall(part)
            self.sent += len(part)

    def _honest(self, call: str) -> bytes:
        if call == "DELETE":
            return b"HTTP/1.1 204 No Content\r\n\r\n"
        body: object = {"id": "543ceb14e4b0ef900801cbe3", "credits": 1}
        if call == "GET list":
            body = [
                {"identifier": number, "id": f"{at:024x}", "deleted": False} for at, number in enumerate(self.listed)
            ]
        raw = json.dumps(body).encode()
        return HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(raw), raw)
