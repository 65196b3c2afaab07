"""Answers on the wire: whatever a server sends, the client makes one of its own errors or an answer of it."""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import socket
import threading
from pathlib import Path

from ptx_bulk.errors import RemoteError
from ptx_bulk.model import ListKind
from ptx_bulk.remote import Client
from tests.fuzz.inputs.mutations import mutated, mutated_json
from tests.fuzz.target import Target

_ENTRIES = [{"deleted": False, "id": f"543ceb14e4b0ef900801cbe{n}", "identifier": f"+3361234567{n}"} for n in range(4)]
_BODIES = tuple(
    json.dumps(body).encode()
    for body in (
        *(
            {"id": "543ceb14e4b0ef900801cbe3"},
            {"code": 15, "error": "listed"},
            {"code": 72},
            {"credits": 12.5, "unsubscribers": 3},
        ),
        *(
            _ENTRIES,
            [
                *_ENTRIES,
                {"deleted": True, "id": "a", "identifier": "0612345678", "histories": [{"date": 1398177000000}]},
            ],
            [],
        ),
    )
)
_STATUSES = (
    b"200 OK",
    b"204 No Content",
    b"400 Bad Request",
    b"401 x",
    b"404 Not Found",
    b"429 x",
    b"500 x",
    b"302 Found",
)


class Answers(Target):
    """Status line, headers, framing, packing and body, right at first, then changed."""

    def __init__(self, folder: Path) -> None:
        """Listen."""
        super().__init__(folder)
        self.content = b""
        self.server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    def make(self, rng: random.Random) -> bytes:
        """A whole answer; which call it is for follows from its length."""
        body = rng.choice(_BODIES)
        if rng.random() < 0.5:
            body = mutated_json(body, rng)
        head = [b"HTTP/1.1 " + rng.choice(_STATUSES), b"Content-Type: application/json;charset=UTF-8"]
        if rng.random() < 0.3:
            body = gzip.compress(body, mtime=0)
            head.append(b"Content-Encoding: gzip")
        if rng.random() < 0.2:
            head.append(
                rng.choice(
                    (
                        b"Retry-After: 5",
                        b"Retry-After: Tue, 29 Feb 2026 25:00:00 GMT",
                        b"Date: x",
                        b"Location: http://127.0.0.1/",
                    )
                )
            )
        if rng.random() < 0.5:
            head.append(b"Transfer-Encoding: chunked")
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        else:
            head.append(b"Content-Length: %d" % len(body))
        answer = b"\r\n".join([*head, b"", body])
        return mutated(answer, rng) if rng.random() < 0.7 else answer

    def run(self, content: bytes) -> str:
        """Make a call that gets it; all but an error of the client's own is let through."""
        self.content = content
        asyncio.run(self._call(len(content)))
        return ""

    async def _call(self, which: int) -> None:
        url = f"http://127.0.0.1:{self.server.getsockname()[1]}"
        async with Client("0" * 32, base_url=url, timeout=0.5) as api:
            calls = (api.account, lambda: api.fetch(ListKind.STOP), lambda: api.add(ListKind.STOP, "+33612345678"))
            call = (*calls, lambda: api.remove(ListKind.NPAI, "+33612345678"))[which % 4]
            try:
                str(await call())
            except RemoteError as error:
                assert str(error).isprintable()

    def _serve(self) -> None:
        while True:
            connection, _address = self.server.accept()
            with connection:
                try:
                    connection.recv(65536)
                    connection.sendall(self.content)
                except OSError:
                    continue
