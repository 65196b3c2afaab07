"""Bytes, parts of packages and values that were right, changed at random."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable
from typing import Any

from tests.fuzz.inputs.markup import mutated_markup
from tests.fuzz.inputs.records import mutated_parts, mutated_stream

# What has broken readers of text, numbers, markup and JSON before.
TOKENS = (
    *(
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\r",
        b"\n\r\n",
        b'"',
        b'""',
        b"'",
        b";",
        b",",
        b"\t",
        b"|",
        b"=",
        b"\x1a",
        b"\x1b[2J",
    ),
    *(
        b"+33612345678",
        b"0612345678",
        b"6,12E+08",
        b"-0",
        b"1e999",
        b"NaN",
        b"Infinity",
        b"9" * 400,
        b"0" * 64,
        b"2147483648",
    ),
    *(
        b"\xe2\x80\xae",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xc3",
        b"<",
        b">",
        b"</",
        b"/>",
        b"<![CDATA[",
        b"]]>",
        b"<!--",
        b"-->",
    ),
    *(
        b"&#x0;",
        b"&#xD800;",
        b"&amp;",
        b"&x;",
        b"<!DOCTYPE a [",
        b"<table>" * 50,
        b"[" * 2000,
        b'{"a":' * 500,
        b"null",
        b"true",
    ),
    *(
        b"STOP",
        b"NPAI",
        b"Mobile",
        b"T\xc3\xa9l\xc3\xa9phone",
        b"1900-02-29",
        b"A1048577",
        b"XFE1",
        b"\\u0000",
        b"\\ud800",
        b"%s%n",
        b"{0}",
    ),
    *(
        b"Content-Length: -1\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"ffffffffffffffff\r\n",
    ),
)
_VALUES = (
    *(None, True, False, 0, -1, 1.5, 2**31, 2**63, 2**64, 10**400, -(10**30), 1e308, float("inf"), float("nan")),
    *("", " ", "\x00", "\ud800", "+33612345678", "stop", "a" * 5000, "1970-01-01", [], {}, [[]], {"": None}),
)
Change = Callable[[bytes, random.Random], bytes]


def mutated(seed: bytes, rng: random.Random) -> bytes:
    """The bytes with one to a dozen changes."""
    for _n in range(rng.choice((1, 1, 2, 3, 5, 12))):
        seed = rng.choice(_CHANGES)(seed, rng)
    return seed


def mutated_package(seed: bytes, rng: random.Random) -> bytes:
    """A zip package with a part changed, lost, doubled or renamed; now and then the container itself."""
    if rng.random() < 0.05:
        return mutated(seed, rng)
    with zipfile.ZipFile(io.BytesIO(seed)) as archive:
        parts = [(info.filename, archive.read(info)) for info in archive.infolist()]
    at = rng.choices(range(len(parts)), [_weight(name) for name, _content in parts])[0]
    name, content = parts[at]
    kind = rng.random()
    if kind < 0.91:
        parts[at] = (name, _part(name, content, rng))
    elif kind < 0.94:
        del parts[at]
    elif kind < 0.97:
        parts.append((name, _part(name, content, rng)))
    else:
        parts[at] = (rng.choice(parts)[0] + rng.choice(("", "/", "\\x", ".xml", "\u202e")), content)
    return _packed(parts)


def _weight(name: str) -> float:
    """What holds cells, or points at them, is changed most."""
    if "/worksheets/sheet" in name or name == "content.xml":
        return 12
    if name.endswith((".rels", "workbook.xml", "workbook.bin", "sharedStrings.xml")):
        return 3
    return 2 if name.startswith(("[", "xl/styles", "xl/tables", "META-INF")) else 0.7


def _part(name: str, content: bytes, rng: random.Random) -> bytes:
    """A part changed as what it is; a fifth of the time as bytes."""
    if rng.random() < 0.2:
        return mutated(content, rng)
    return mutated_parts(content, rng) if name.endswith(".bin") else mutated_markup(content, rng)


def mutated_document(seed: bytes, rng: random.Random) -> bytes:
    """Markup changed as markup; a third of the time as bytes."""
    return mutated(seed, rng) if rng.random() < 0.3 else mutated_markup(seed, rng)


def mutated_xls(seed: bytes, rng: random.Random) -> bytes:
    """A binary workbook with records changed; a fifth of the time bytes of the container."""
    return mutated(seed, rng) if rng.random() < 0.2 else mutated_stream(seed, rng)


def mutated_json(seed: bytes, rng: random.Random) -> bytes:
    """JSON with a value changed somewhere; a third of the time its bytes instead."""
    if rng.random() < 0.3:
        return mutated(seed, rng)
    value = json.loads(seed)
    for _n in range(rng.choice((1, 1, 2, 4))):
        value = _changed(value, rng)
    return json.dumps(value).encode("utf-8", "surrogatepass")


def _packed(parts: list[tuple[str, bytes]]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(zipfile.ZipInfo(name), content)
    return target.getvalue()


def _changed(value: Any, rng: random.Random) -> Any:
    if isinstance(value, dict) and value and rng.random() < 0.85:
        key = rng.choice(list(value))
        if rng.random() < 0.1:
            return {name: one for name, one in value.items() if name != key}
        return {**value, key: _changed(value[key], rng)}
    if isinstance(value, list) and value and rng.random() < 0.85:
        at = rng.randrange(len(value))
        return [*value[:at], _changed(value[at], rng), *value[at + rng.choice((0, 1, 1, 1)) :]]
    return rng.choice(_VALUES)


def _flip(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]


def _insert(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(TOKENS) + data[at:]


def _replace(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(TOKENS) + data[at + rng.randrange(1, 20) :]


def _drop(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + data[at + rng.choice((1, 2, 8, 64)) :]


def _repeat(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    part = data[at : at + rng.choice((1, 4, 30, 200))]
    return data[:at] + part * rng.choice((2, 3, 50)) + data[at:]


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _move(data: bytes, rng: random.Random) -> bytes:
    first, second = sorted(rng.randrange(len(data) + 1) for _n in range(2))
    return data[:first] + data[second:] + data[first:second]


def _number(data: bytes, rng: random.Random) -> bytes:
    digits = [at for at, byte in enumerate(data) if 48 <= byte <= 57]
    if not digits:
        return data
    at = rng.choice(digits)
    return (
        data[:at]
        + rng.choice((b"-1", b"0", b"65536", b"4294967295", b"99999999999999999999", b"1.5", b""))
        + data[at + 1 :]
    )


_CHANGES: tuple[Change, ...] = (_flip, _flip, _insert, _insert, _replace, _drop, _repeat, _cut, _move, _number, _number)
