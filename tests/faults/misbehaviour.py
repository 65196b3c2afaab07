"""Ways in which a server can misbehave, each a value; and plans that say which call gets which.

FaultyServer(always(THROTTLED))            every call
FaultyServer(scripted([RESET_AFTER, None]))   one after the other, then none
FaultyServer(mixed({ERROR: 0.05, RESET_AFTER: 0.05}, seed=1))   at random
FaultyServer(lambda request: ERROR if request.method == "POST" else None)
"""

from __future__ import annotations

import gzip
import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from typing import Literal

JSON = "application/json;charset=UTF-8"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Request:
    """A call as it stood on the wire: `target` is the undecoded path and query; header names are small."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """An answer before it is put on the wire."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    def plain(self) -> bytes:
        """The answer with Content-Length."""
        return self.head(f"Content-Length: {len(self.body)}") + self.body

    def chunked(self, size: int = 4096, *, end: bool = True) -> bytes:
        """The answer in chunks; without `end` the last, empty one is missing."""
        parts = [self.body[at : at + size] for at in range(0, len(self.body), size)]
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
        return self.head("Transfer-Encoding: chunked") + chunks + (b"0\r\n\r\n" if end else b"")

    def head(self, framing: str) -> bytes:
        """Status line and headers."""
        lines = [
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}",
            f"Date: {formatdate(usegmt=True)}",
            f"Content-Type: {self.content_type}",
            framing,
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


@dataclass(frozen=True, eq=False)
class Fault:
    """One way to misbehave.

    Attributes:
        name: for test ids and records.
        wire: the bytes to send, made from the honest answer.
        processed: whether the change is made (and the honest answer the true one).
        then: what becomes of the connection afterwards.
        pause: seconds between single bytes, 0 for all at once.
    """

    name: str
    wire: Callable[[Reply], bytes]
    processed: bool = False
    then: Literal["keep", "close", "reset", "hang"] = "keep"
    pause: float = 0.0

    def __repr__(self) -> str:
        return self.name


Behaviour = Callable[[Request], Fault | None]


def always(fault: Fault) -> Behaviour:
    """Every call gets this fault."""
    return lambda _request: fault


def scripted(faults: Iterable[Fault | None]) -> Behaviour:
    """One fault after the other, None for an honest answer; honest after the last."""
    script = iter(faults)
    return lambda _request: next(script, None)


def mixed(rates: Mapping[Fault, float], seed: int) -> Behaviour:
    """Faults at random, each with its share of the calls."""
    chance = random.Random(seed)

    def draw(_request: Request) -> Fault | None:
        point = chance.random()
        for fault, rate in rates.items():
            if point < rate:
                return fault
            point -= rate
        return None

    return draw


def answering(status: int, body: bytes | str = b"", content_type: str = JSON, **headers: str) -> Fault:
    """An answer made up from nothing; `retry_after="5"` becomes the header Retry-After."""
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    raw = body.encode() if isinstance(body, str) else body
    return Fault(f"answers-{status}", lambda _reply: Reply(status, raw, content_type, named).plain())


def throttled(retry_after: str) -> Fault:
    """429 with this Retry-After."""
    return answering(429, '{"code":76,"error":"Quota exceeded"}', retry_after=retry_after)


def throttled_until(seconds: float) -> Fault:
    """429 with the HTTP date so many seconds after the call as Retry-After."""

    def wire(_reply: Reply) -> bytes:
        until = formatdate(time.time() + seconds, usegmt=True)
        return Reply(429, b'{"code":76}', JSON, {"Retry-After": until}).plain()

    return Fault("throttled-until", wire)


def _nothing(_reply: Reply) -> bytes:
    return b""


def _cut(wire: bytes) -> bytes:
    # In the middle of the body, wherever that is.
    start = wire.index(b"\r\n\r\n") + 4
    return wire[: start + (len(wire) - start) // 2]


def _zipped(reply: Reply) -> Reply:
    return Reply(reply.status, gzip.compress(reply.body), reply.content_type, {"Content-Encoding": "gzip"})


def _other_length(extra: int) -> Callable[[Reply], bytes]:
    return lambda reply: reply.head(f"Content-Length: {max(0, len(reply.body) + extra)}") + reply.body


ERROR = answering(500, '{"code":1000,"error":"Unknown error"}')
BAD_GATEWAY = answering(502, "<html><h1>Bad Gateway</h1></html>", HTML)
UNAVAILABLE = answering(503)
THROTTLED = throttled("0")
HTML_OK = answering(200, "<html><h1>Please log in</h1></html>", HTML)
GARBAGE_OK = answering(200, b"\x00\xff\xfe garbage")
EMPTY_OBJECT_OK = answering(200, "{}")
NO_LIST = answering(404, '{"code":60,"error":"List not found"}')
NOT_ALLOWED = answering(405, "<html><h1>Method Not Allowed</h1></html>", HTML)
REFUSED_AS_LISTED = answering(400, '{"code":15,"error":"Number already exists"}')
REFUSED_AS_LISTED_500 = answering(500, '{"code":15,"error":"Number already exists"}')
KEPT = answering(404, '{"code":94,"error":"User not retrievable"}')
KEPT_BY_PROXY = answering(404, "<html><h1>Not Found</h1></html>", HTML)
REDIRECT = answering(302, location="https://elsewhere.invalid/")
NOT_HTTP = Fault("not-http", lambda _reply: b"SSH-2.0-OpenSSH_9.6\r\n", then="close")
HANG = Fault("hang", _nothing, then="hang")
HANG_AFTER = Fault("hang-after", _nothing, processed=True, then="hang")
RESET_BEFORE = Fault("reset-before", _nothing, then="reset")
RESET_AFTER = Fault("reset-after", _nothing, processed=True, then="reset")
CLOSE_BEFORE = Fault("close-before", _nothing, then="close")
CLOSE_AFTER = Fault("close-after", _nothing, processed=True, then="close")
CUT_CHUNKS = Fault("cut-chunks", lambda reply: _cut(reply.chunked(16)), processed=True, then="close")
NO_LAST_CHUNK = Fault("no-last-chunk", lambda reply: reply.chunked(end=False), processed=True, then="close")
LENGTH_TOO_LONG = Fault("length-too-long", _other_length(+50), processed=True, then="close")
LENGTH_TOO_SHORT = Fault("length-too-short", _other_length(-5), processed=True, then="keep")
CUT_GZIP = Fault(
    "cut-gzip",
    lambda reply: Reply(200, _zipped(reply).body[:-12], JSON, {"Content-Encoding": "gzip"}).plain(),
    processed=True,
)
BROKEN_GZIP = answering(200, b"this is not gzip", JSON, content_encoding="gzip")
CUT_UNTIL_CLOSE = Fault(
    "cut-until-close",
    lambda reply: _cut(reply.head("Connection: close") + reply.body),
    processed=True,
    then="close",
)
SLOW_DRIP = Fault("slow-drip", lambda reply: reply.plain(), processed=True, pause=0.1)
CHUNKED = Fault("chunked", lambda reply: reply.chunked(7), processed=True)
LATIN_1_REASON = Fault(
    "latin-1-reason",
    lambda reply: reply.plain().replace(b"OK\r\n", b"Trouv\xe9\r\n", 1).replace(b"No Content", b"Trait\xe9", 1),
    processed=True,
)
LATIN_1_REFUSAL = Fault(
    "latin-1-refusal",
    lambda _reply: Reply(401, b'{"code": 72}').plain().replace(b"Unauthorized", b"Non autoris\xe9", 1),
)
GZIPPED = Fault("gzipped", lambda reply: _zipped(reply).chunked(64), processed=True)
UNTIL_CLOSE = Fault(
    "until-close", lambda reply: reply.head("Connection: close") + reply.body, processed=True, then="close"
)
