"""The simulated API as an ASGI application.

What the vendor leaves open is settled so: a POST of a listed number answers 200 with the entry's id (code 15
when `strict`); a DELETE of an absent one answers 404; a GET shows removed entries with `deleted: true`. Repeated
slashes in a path are one, as the vendor's PHP library needs it.

An entry that a call added has no history, one that came by itself has. What the vendor does not have makes such
entries: a POST of `{"identifier", "campaignId", "date"}` to `/sandbox/unsubscribers` (a person replied STOP) or
`/sandbox/bounces`, with the date in ms since 1970, now where there is none.
"""

from __future__ import annotations

import asyncio
import hmac
import itertools
import math
import re
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs

import msgspec
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from ptx_bulk.access import SANDBOX_KEY
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _
from ptx_bulk.model import ListKind
from ptx_bulk.sandbox.asgi import HTML, JSON, ignore, receive_body, send_answer, send_part, send_start
from ptx_bulk.sandbox.faults import LIES, FaultKind, Faults, RateLimit, drop_connection, hang
from ptx_bulk.sandbox.identifiers import SAID_TO_BE_LISTED, ApiCode, stored
from ptx_bulk.sandbox.memory import Store

_LISTS = {f"/v2/{kind.segment}/default/contacts": kind for kind in ListKind}
_BY_THEMSELVES = {f"/sandbox/{kind.segment}": kind for kind in ListKind}
_ACCOUNT = "/v2/account/stats"
_PAGE_ENTRIES = 5_000
_CREDITS = 1000
_SMS_COUNTS = ("sent", "delivered", "submitted", "undelivered")  # nothing is ever sent here


def create_app(
    state: Path | None,
    *,
    key: str = SANDBOX_KEY,
    latency_ms: float = 0,
    rate_limit: int | None = None,
    faults: Mapping[FaultKind, float] | None = None,
    late_s: float = 0,
    seed: int | None = None,
    strict: bool = False,
    record: bool = False,
) -> Starlette:
    """The simulator.

    Args:
        state: SQLite file that keeps the lists, made when missing, shared by any number of processes; None keeps
            them in memory.
        key: the API key that is accepted.
        latency_ms: time that every answer takes, in milliseconds.
        rate_limit: calls a second; further ones get 429 with Retry-After.
        faults: share of the calls, 0 to 1, that fail in each way.
        late_s: seconds after which an addition or removal shows in a GET.
        seed: makes the faults repeatable.
        strict: answer a POST of a listed number with code 15 instead of 200 and the entry's id.
        record: write every call down in the state's `access` table.

    Raises:
        ConfigurationError: the state file, the rate limit, a fault rate or `late_s` is unusable.
    """
    if not 0 <= late_s < math.inf:
        raise ConfigurationError(_("The seconds of --fault late must be 0 or more; correct them."))
    # Faults and limits are read first: a wrong one must not leave an open file behind.
    drawn, rate = Faults(faults or {}, seed), RateLimit(rate_limit)
    store = Store(state, record=record, late=late_s)
    lists = _Lists(store, key.encode(), strict=strict)
    # Routing by hand below a mount: three paths need no pattern matching at each call.
    app = Starlette(routes=[Mount("/", app=_Simulator(lists, latency_ms / 1000, rate, drawn))])
    app.state.store = store
    return app


class _Simulator:
    """Decides for each call whether it is answered, late, refused or lost."""

    def __init__(self, lists: _Lists, latency: float, rate: RateLimit, faults: Faults) -> None:
        self._lists = lists
        self._latency = latency
        self._rate = rate
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await receive_body(receive)
        if self._latency:
            await asyncio.sleep(self._latency)
        fault = self._faults.draw(scope["method"])
        if fault is None and not self._rate.passes():
            fault = FaultKind.THROTTLE
        match fault:
            case None:
                await self._lists.answer(_Call(scope, body, send, ""))
            case lie if lie in LIES:
                await self._lists.answer(_Call(scope, body, send, lie))
            case FaultKind.RESET_AFTER:
                await self._lists.answer(_Call(scope, body, ignore, fault))
                await drop_connection(scope, receive)
            case _:
                self._lists.note(_Call(scope, body, ignore, fault), "none")
                await _fail(fault, scope, receive, send)


async def _fail(fault: FaultKind, scope: Scope, receive: Receive, send: Send) -> None:
    match fault:
        case FaultKind.BAD_GATEWAY:
            await send_answer(send, 502, b"<html><body><h1>502 Bad Gateway</h1></body></html>", HTML)
        case FaultKind.THROTTLE:
            await _send_error(send, 429, ApiCode.QUOTA_EXCEEDED, (b"retry-after", b"1"))
        case FaultKind.RESET_BEFORE:
            await drop_connection(scope, receive)
        case FaultKind.HANG:
            await hang(receive)
        case _:
            await _send_error(send, 500, ApiCode.UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Call:
    """A call that has arrived: `fault` names what will become of its answer, '' when nothing will."""

    scope: Scope
    body: bytes
    send: Send
    fault: str

    @property
    def method(self) -> str:
        return str(self.scope["method"])

    @property
    def path(self) -> str:
        return re.sub("/{2,}", "/", self.scope["path"])

    @property
    def kind(self) -> ListKind | None:
        return _LISTS.get(self.path) or _BY_THEMSELVES.get(self.path)

    @property
    def by_itself(self) -> bool:
        """Whether the call says what a person or an operator did."""
        return self.path in _BY_THEMSELVES

    def header(self, name: bytes) -> bytes:
        found: bytes = next((value for known, value in self.scope["headers"] if known == name), b"")
        return found

    @property
    def identifier(self) -> str:
        """The identifier in the query, decoded as forms are: a bare + is a blank."""
        query = parse_qs(self.scope["query_string"].decode("latin-1"), keep_blank_values=True)
        return str(query.get("identifier", [""])[0])

    @property
    def content(self) -> object:
        """The body as JSON, None when it is none."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None


class _Lists:
    """Answers calls as the API does."""

    def __init__(self, store: Store, key: bytes, *, strict: bool) -> None:
        self._store = store
        self._key = key
        self._strict = strict
        self._lies = itertools.cycle(SAID_TO_BE_LISTED)

    def note(self, call: _Call, effect: str) -> None:
        """Write down a call that changed nothing."""
        content = call.content
        named = content.get("identifier") if isinstance(content, dict) else call.identifier
        self._store.note(call.method, call.kind, str(named or ""), effect, call.fault)

    async def answer(self, call: _Call) -> None:
        kind = call.kind
        if kind is None and call.path != _ACCOUNT:
            await self._refuse(call, 404, ApiCode.LIST_NOT_FOUND)
        elif not hmac.compare_digest(call.header(b"x-primotexto-apikey"), self._key):
            await self._refuse(call, 401, ApiCode.AUTHENTICATION_FAILED)
        elif kind is not None and call.method == "POST":
            await self._add(call, kind)
        elif kind is not None and call.method == "DELETE" and not call.by_itself:
            await self._remove(call, kind)
        elif call.method != "GET" or call.by_itself:
            await self._refuse(call, 405, ApiCode.UNKNOWN)
        elif kind is not None:
            self.note(call, "listed")
            await self._list(call, kind)
        else:
            self.note(call, "account")
            await send_answer(call.send, 200, msgspec.json.encode(self._stats()), JSON)

    def _stats(self) -> dict[str, int]:
        counts = {kind.segment: self._store.count(kind) for kind in ListKind}
        return {"credits": _CREDITS, **counts, **dict.fromkeys(_SMS_COUNTS, 0)}

    async def _add(self, call: _Call, kind: ListKind) -> None:
        content = call.content
        if content is None:
            await self._refuse(call, 400, ApiCode.INVALID_JSON)
            return
        identifier = stored(content.get("identifier") if isinstance(content, dict) else None)
        if isinstance(identifier, ApiCode):
            await self._refuse(call, 400, identifier)
            return
        if call.fault == FaultKind.REFUSED_AS_LISTED:
            self.note(call, "none")
            await _send_error(call.send, 400, next(self._lies))
            return
        came = _came_by(content) if call.by_itself else (0, "")
        changed, remote_id = self._store.add(kind, identifier, call.fault, *came)
        if self._strict and not changed:
            await _send_error(call.send, 400, ApiCode.ALREADY_EXISTS)
        else:
            await send_answer(call.send, 200, b'{"id":"%s"}' % remote_id.encode(), JSON)

    async def _remove(self, call: _Call, kind: ListKind) -> None:
        given = call.identifier
        if not given:
            await self._refuse(call, 400, ApiCode.NO_NUMBER)
            return
        # What could not have been added is simply not there; so is what a bare + has decoded to.
        identifier = stored(given)
        spelling = given if isinstance(identifier, ApiCode) else identifier
        if call.fault == FaultKind.KEPT:
            self.note(call, "none")
            await _send_error(call.send, 404, ApiCode.NOT_RETRIEVABLE)
        elif self._store.remove(kind, spelling, call.fault):
            await send_answer(call.send, 204, b"")
        else:
            await _send_error(call.send, 404, ApiCode.NOT_RETRIEVABLE)

    async def _list(self, call: _Call, kind: ListKind) -> None:
        gzip = b"gzip" in call.header(b"accept-encoding")
        packer = zlib.compressobj(1, zlib.DEFLATED, 31) if gzip else None
        encoding = [(b"content-encoding", b"gzip")] if gzip else []
        await send_start(call.send, 200, JSON, (b"vary", b"Accept-Encoding"), *encoding)
        before = "["
        for entries in self._store.pages(kind, _PAGE_ENTRIES):
            text = (before + ",".join(entries)).encode()
            await send_part(call.send, packer.compress(text) if packer else text, more=True)
            await asyncio.sleep(0)  # a long list must not keep other calls waiting
            before = ","
        end = b"[]" if before == "[" else b"]"
        await send_part(call.send, packer.compress(end) + packer.flush() if packer else end, more=False)

    async def _refuse(self, call: _Call, status: int, code: ApiCode) -> None:
        self.note(call, "refused")
        await _send_error(call.send, status, code)


def _came_by(content: object) -> tuple[int, str]:
    """The date and the campaign of an entry that comes by itself."""
    said = content if isinstance(content, dict) else {}
    date, campaign = said.get("date"), said.get("campaignId")
    if not isinstance(date, int) or not 0 < date < 1 << 53:
        date = int(time.time() * 1000)
    return date, campaign if isinstance(campaign, str) else ""


async def _send_error(send: Send, status: int, code: ApiCode, *headers: tuple[bytes, bytes]) -> None:
    body = msgspec.json.encode({"code": int(code), "error": code.sentence})
    await send_answer(send, status, body, JSON, *headers)
