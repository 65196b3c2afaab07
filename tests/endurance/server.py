"""The API in changing weather, in a process of its own.

    python -m tests.endurance.server FORECAST FOLDER

Prints its port and when it began (monotonic), and serves both lists on loopback until its standard input is closed.
`FOLDER/seconds.csv` gets a line for each second, `FOLDER/end.json` at the end what the server knows;
`FOLDER/listed.json` holds what is on STOP already.
"""

from __future__ import annotations

import asyncio
import bisect
import contextlib
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import lean_server
from tests.benchmarks.lean_server import HEAD, framed
from tests.endurance.weather import Forecast, Phase
from tests.faults.limits import Bucket, WholeSeconds

STATS = b"/v2/account/stats"
LISTS = {b"/v2/unsubscribers/default/contacts": "stop", b"/v2/bounces/default/contacts": "npai"}
COLUMNS = ("second", "added", "already", "refused", "failed", "lost", "unasked", "listed", "other")
_BURST_S = 1.0  # of the allowed rate: so much may come at once
_PART = 1000  # entries in a chunk


class Allowed:
    """How many calls may still come now."""

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate, self.clock = rate, clock
        self.evenly, self.by_seconds = Bucket(rate, _BURST_S), WholeSeconds(rate)

    def passes(self, phase: Phase) -> bool:
        """Count a call; whether it may pass."""
        counter = self.by_seconds if phase.windows else self.evenly
        counter.rate = self.rate * phase.allowed
        return counter.passes(self.clock())


class Lists:
    """What the server knows: the STOP list in the order in which it grew, and who came without being asked for."""

    def __init__(self, listed: list[str]) -> None:
        self.entries: dict[str, int] = {}
        self.since: list[float] = []
        self.json: list[bytes] = []
        self.removals = 0
        for identifier in listed:
            self.add(identifier, 0.0)

    def add(self, identifier: str, now: float) -> bool:
        """Whether it was not there."""
        if identifier in self.entries:
            return False
        at = self.entries[identifier] = len(self.json)
        self.since.append(now)
        self.json.append(b'{"deleted":false,"id":"%024x","identifier":"%s"}' % (at, identifier.encode()))
        return True

    def shown(self, until: float) -> list[bytes]:
        """The entries that were there at a moment."""
        return self.json[: bisect.bisect_right(self.since, until)]


class Server:
    """All connections, and the weather over them."""

    def __init__(self, forecast: Forecast, folder: Path) -> None:
        self.forecast, self.folder = forecast, folder
        self.lists = Lists(json.loads((folder / "listed.json").read_text()))
        self.allowed = Allowed(forecast.rate)
        self.chance = random.Random(5)
        self.began = time.monotonic()
        self.counts: Counter[str] = Counter()
        self.unasked: list[str] = []
        self.connections: set[Connection] = set()
        self.listener: asyncio.Server | None = None
        self.port = 0

    @property
    def now(self) -> float:
        return time.monotonic() - self.began

    async def listen(self) -> None:
        """Accept connections, on the same port as before."""
        loop = asyncio.get_running_loop()
        self.listener = await loop.create_server(
            lambda: Connection(self), "127.0.0.1", self.port, backlog=512, reuse_address=True
        )
        self.port = self.listener.sockets[0].getsockname()[1]

    def fall(self) -> None:
        """Be gone: whoever is connected loses the connection, whoever comes is refused."""
        assert self.listener is not None
        self.listener.close()
        self.listener = None
        for connection in list(self.connections):
            connection.transport.abort()

    async def keep_the_books(self) -> None:
        """Each second: a line of what happened in it. At any time: be there, or not."""
        with (self.folder / "seconds.csv").open("w") as file:
            file.write(",".join((*COLUMNS, "weather")) + "\n")
            second = 0
            while True:
                await asyncio.sleep(0.05)
                phase = self.forecast.at(self.now)
                if phase.down and self.listener is not None:
                    self.fall()
                elif not phase.down and self.listener is None:
                    await self.listen()
                if self.now >= second + 1:
                    told = [second, *(self.counts[name] for name in COLUMNS[1:])]
                    file.write(",".join(map(str, told)) + f',"{self.forecast.at(second).name}"\n')
                    file.flush()
                    self.counts.clear()
                    second += 1

    def answer(self, head: bytes, body: bytes) -> tuple[bytes, float] | None:
        """The answer and after how long it leaves; no bytes for a connection that breaks, None for no answer ever."""
        phase = self.forecast.at(self.now)
        method, target = head.split(b" ", 2)[:2]
        if phase.silent:
            self.counts["lost"] += 1
            return None
        point = self.chance.random()
        if point < phase.failed:
            self.counts["failed"] += 1
            return HEAD.replace(b"OK", b"Unavailable") % (503, 2) + b"{}", phase.latency
        point -= phase.failed
        if point < phase.refused or not self.allowed.passes(phase):
            self.counts["refused"] += 1
            return _refusal(phase.retry_after), phase.latency
        lost = point - phase.refused < phase.lost
        self.counts["lost"] += lost
        reply = self._reply(phase, method, target, body)
        return (b"" if lost else reply), phase.latency

    def _reply(self, phase: Phase, method: bytes, target: bytes, body: bytes) -> bytes:
        if target == STATS:
            self.counts["other"] += 1
            return framed(b'{"credits": 1}')
        name = LISTS.get(target)
        if name and method == b"GET":
            self.counts["listed"] += 1
            return _chunked(
                self.lists.shown(self.now - phase.late if phase.late else self.now) if name == "stop" else []
            )
        if name == "stop" and method == b"POST":
            return self._added(json.loads(body)["identifier"])
        self.counts["unasked"] += 1
        self.unasked.append(f"{method!r} {target!r}")
        return HEAD % (404, 2) + b"{}"

    def _added(self, identifier: str) -> bytes:
        new = self.lists.add(identifier, self.now)
        self.counts["added" if new else "already"] += 1
        return framed(b'{"id":"%024x"}' % self.lists.entries[identifier])

    def end(self) -> None:
        """Say what is on the list."""
        told = {"listed": sorted(self.lists.entries), "unasked": self.unasked}
        (self.folder / "end.json").write_text(json.dumps(told))


class Connection(lean_server.Connection):
    """A connection whose answers come as late as the weather has it, or not at all."""

    def __init__(self, server: Server) -> None:
        super().__init__(0)
        self.server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.server.connections.discard(self)

    def answered(self, head: bytes, body: bytes) -> None:
        """Answer a call when its time has come, or never."""
        if (reply := self.server.answer(head, body)) is not None:
            asyncio.get_running_loop().call_later(reply[1], self.reply, reply[0])

    def reply(self, reply: bytes) -> None:
        """Send the answer; without one the connection breaks."""
        if reply:
            super().reply(reply)
        else:
            self.transport.abort()


def _refusal(retry_after: str) -> bytes:
    more = f"Retry-After: {retry_after}\r\n".encode() if retry_after else b""
    body = b'{"code":76,"error":"Quota exceeded"}'
    return b"HTTP/1.1 429 Too Many Requests\r\n%sContent-Length: %d\r\n\r\n%s" % (more, len(body), body)


def _chunked(entries: list[bytes]) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=UTF-8\r\nTransfer-Encoding: chunked\r\n\r\n"
    parts = [b",".join(entries[at : at + _PART]) for at in range(0, len(entries), _PART)]
    pieces = [b"[", *(b"," * bool(at) + part for at, part in enumerate(parts)), b"]"]
    return head + b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


async def serve(forecast: Forecast, folder: Path) -> None:
    """Serve until standard input is closed."""
    server = Server(forecast, folder)
    await server.listen()
    print(server.port, server.began, flush=True)
    books = asyncio.create_task(server.keep_the_books())
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    books.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await books
    server.end()


if __name__ == "__main__":
    asyncio.run(serve(Forecast.of(sys.argv[1]), Path(sys.argv[2])))
