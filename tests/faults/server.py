"""The server: plain asyncio, honest unless its behaviour says otherwise."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qs, urlsplit

from ptx_bulk.model import ListKind
from tests.faults.misbehaviour import Behaviour, Fault, Reply, Request

_KINDS = {f"/v2/{kind.segment}/default/contacts": kind for kind in ListKind}
_LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


@dataclass(frozen=True)
class Call:
    """A call that arrived, and what it did: added, already, removed, absent, listed, account, refused or none."""

    request: Request
    kind: ListKind | None
    identifier: str
    effect: str
    fault: str
    at: float


class FaultyServer:
    """Serves both lists on loopback as the API does, except for the calls that `behaviour` has a fault for.

    Args:
        behaviour: asked once for each call; None answers honestly.
        key: the key that is accepted.
        listed_code: what a POST of a listed identifier gets: None for 200 and the old id, else this code.
        absent_status: what a DELETE of an absent identifier gets: 404 or 204.
        late: seconds after which a change shows in the lists.
        tls: serve https with this context.
        host: the loopback address.

    Attributes:
        lists: identifier → id for each list; free to be filled and read.
        histories: identifier → history for the entries that have one; free to be filled.
        calls: every call in order.
        effects: how often each (list, identifier, `added` or `removed`) really happened.
    """

    def __init__(
        self,
        behaviour: Behaviour | None = None,
        *,
        key: str = "sandbox",
        listed_code: int | None = None,
        absent_status: int = 404,
        late: float = 0.0,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self.behaviour: Behaviour = behaviour or (lambda _request: None)
        self.lists: dict[ListKind, dict[str, str]] = {kind: {} for kind in ListKind}
        self.histories: dict[str, object] = {}
        self.calls: list[Call] = []
        self.effects: Counter[tuple[ListKind, str, str]] = Counter()
        self.port = 0
        self._key = key
        self._listed_code = listed_code
        self._absent_status = absent_status
        self._late = late
        self._changed: list[tuple[float, ListKind, str, str | None]] = []
        self._tls = tls
        self._host = host
        self._made = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The base URL."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self._host, 0, ssl=self._tls, backlog=512)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    @contextmanager
    def running(self) -> Iterator[Self]:
        """The same in a thread of its own, for callers without an event loop."""
        ready, stop, loop = threading.Event(), asyncio.Event(), asyncio.new_event_loop()

        async def serve() -> None:
            async with self:
                ready.set()
                await stop.wait()

        def work() -> None:
            loop.run_until_complete(serve())
            loop.close()

        thread = threading.Thread(target=work)
        thread.start()
        ready.wait()
        try:
            yield self
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()

    def preload(self, kind: ListKind, identifiers: list[str]) -> None:
        """Put identifiers on a list as if they had always been there."""
        for identifier in identifiers:
            self.lists[kind][identifier] = self._new_id()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while await self._one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client has gone, or the test is over
        finally:
            self._tasks.discard(task)
            writer.close()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").splitlines()
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        method, target, _version = first.split(" ")
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        request = Request(method, target, headers, body)
        fault = self.behaviour(request)
        reply = self._process(request, fault)
        if fault is None:
            writer.write(reply.plain())
            await writer.drain()
            return True
        return await self._misbehave(fault, reply, writer)

    async def _misbehave(self, fault: Fault, reply: Reply, writer: asyncio.StreamWriter) -> bool:
        wire = fault.wire(reply)
        if fault.pause:
            for at in range(len(wire)):
                writer.write(wire[at : at + 1])
                await writer.drain()
                await asyncio.sleep(fault.pause)
        else:
            writer.write(wire)
            await writer.drain()
        if fault.then == "hang":
            await asyncio.Event().wait()
        if fault.then == "reset":
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
            writer.transport.abort()
        return fault.then == "keep"

    def _process(self, request: Request, fault: Fault | None) -> Reply:
        parts = urlsplit(request.target)
        kind = _KINDS.get(parts.path)
        identifier = parse_qs(parts.query, keep_blank_values=True).get("identifier", [""])[0]
        if request.method == "POST":
            with suppress(ValueError, KeyError, TypeError):
                identifier = json.loads(request.body)["identifier"]
        effect, reply = "none", Reply(200)
        if fault is None or fault.processed:
            effect, reply = self._answer(request, parts.path, kind, identifier)
        if kind is not None and effect in {"added", "removed"}:
            self.effects[kind, identifier, effect] += 1
        name = fault.name if fault else ""
        self.calls.append(Call(request, kind, identifier, effect, name, time.time()))
        return reply

    def _answer(self, request: Request, path: str, kind: ListKind | None, identifier: str) -> tuple[str, Reply]:
        if request.headers.get("x-primotexto-apikey") != self._key:
            return "refused", _error(401, 72)
        if kind is None:
            known = path == "/v2/account/stats"
            return ("account", Reply(200, b'{"credits": 12.5}')) if known else ("refused", _error(404, 60))
        match request.method:
            case "GET":
                return "listed", self._list(kind)
            case "DELETE":
                return self._remove(kind, identifier)
            case _:
                return self._add(kind, identifier)

    def _list(self, kind: ListKind) -> Reply:
        entries = dict(self.lists[kind])
        for at, where, spelling, before in reversed(self._changed):  # taken back: it does not show yet
            if where is kind and time.time() - at < self._late:
                entries.pop(spelling, None)
                entries |= {} if before is None else {spelling: before}
        shown = [
            {"deleted": False, "id": one, "identifier": spelling}
            | ({"history": self.histories[spelling]} if spelling in self.histories else {})
            for spelling, one in entries.items()
        ]
        return Reply(200, json.dumps(shown).encode())

    def _remove(self, kind: ListKind, identifier: str) -> tuple[str, Reply]:
        before = self.lists[kind].pop(identifier, None)
        if before is not None:
            self._changed.append((time.time(), kind, identifier, before))
            return "removed", Reply(204)
        return "absent", Reply(204) if self._absent_status == 204 else _error(404, 94)

    def _add(self, kind: ListKind, identifier: str) -> tuple[str, Reply]:
        entries = self.lists[kind]
        if identifier not in entries:
            entries[identifier] = self._new_id()
            self._changed.append((time.time(), kind, identifier, None))
            return "added", _id(entries[identifier])
        if self._listed_code is None:
            return "already", _id(entries[identifier])
        return "already", _error(400, self._listed_code)

    def _new_id(self) -> str:
        self._made += 1
        return f"{int(time.time()):08x}{self._made:016x}"


def _id(remote_id: str) -> Reply:
    return Reply(200, json.dumps({"id": remote_id}).encode())


def _error(status: int, code: int) -> Reply:
    return Reply(status, json.dumps({"code": code, "error": f"error {code}"}).encode())
