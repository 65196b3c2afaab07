"""Binary workbooks changed as what they are: a row of records, each with its kind, its length and its content."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator

Record = tuple[int, bytes]
_MOST = 8224  # bytes that a record of the old format holds
_NUMBERS = (b"\xff\xff\xff\xff", b"\x00\x00\x00\x80", b"\xff\xff", b"\x00\x00", b"\x01\x00\x00\x00", b"\xff\x7f")


def mutated_stream(data: bytes, rng: random.Random) -> bytes:
    """A stream of BIFF records, by itself or in a container: there as long as before, so that the container holds."""
    begin = 0 if data[:1] == b"\x09" else data.find(b"\x09\x08\x10\x00")
    if begin < 0:
        return data
    records = list(_records(data[begin:]))
    if begin:
        return data[:begin] + _in_place(records, rng) + data[begin + _size(records) :]
    return b"".join(struct.pack("<HH", kind & 0xFFFF, len(one) & 0xFFFF) + one for kind, one in changed(records, rng))


def mutated_parts(data: bytes, rng: random.Random) -> bytes:
    """A part of a binary workbook of the newer kind."""
    return b"".join(_wide(kind, content) for kind, content in changed(list(_wide_records(data)), rng))


def changed(records: list[Record], rng: random.Random) -> list[Record]:
    """The records with one to a few changes."""
    for _n in range(rng.choice((1, 1, 2, 4))):
        if not records:
            break
        at = rng.randrange(len(records))
        kind, content = records[at]
        what = rng.random()
        if what < 0.5:
            records[at] = (kind, _content(content, rng))
        elif what < 0.6:
            del records[at]
        elif what < 0.7:
            records.insert(rng.randrange(len(records)), (kind, content))
        elif what < 0.8:
            records[at] = (rng.choice(records)[0], content)
        else:
            records[at] = (rng.choice((rng.randrange(1 << 11), kind ^ 1, 0x3C, 0xFC, 0x0A)), content)
    return records


def _content(content: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(content) + 1)
    what = rng.random()
    if what < 0.3:
        return content[:at]
    if what < 0.6:
        return content[:at] + rng.choice(_NUMBERS) + content[at:]
    new = rng.choice((*_NUMBERS, bytes([rng.randrange(256)])))
    return (content[:at] + new + content[at + len(new) :])[:_MOST]


def _in_place(records: list[Record], rng: random.Random) -> bytes:
    for _n in range(rng.choice((1, 1, 2, 4))):
        at = rng.randrange(len(records))
        kind, content = records[at]
        new = _content(content, rng)[: len(content)].ljust(len(content), b"\0")
        other = rng.choice(records)[0] if rng.random() < 0.2 else kind
        records[at] = (other, new)
    return b"".join(struct.pack("<HH", kind, len(content)) + content for kind, content in records)


def _size(records: list[Record]) -> int:
    return sum(4 + len(content) for _kind, content in records)


def _records(data: bytes) -> Iterator[Record]:
    at = 0
    while at + 4 <= len(data):
        kind, size = struct.unpack_from("<HH", data, at)
        if size > _MOST or at + 4 + size > len(data) or (kind, size) == (0, 0):
            return
        yield kind, data[at + 4 : at + 4 + size]
        at += 4 + size


def _wide_records(data: bytes) -> Iterator[Record]:
    at = 0
    while at < len(data):
        kind, at = _varied(data, at, 2)
        size, at = _varied(data, at, 4)
        yield kind, data[at : at + size]
        at += size


def _varied(data: bytes, at: int, most: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where it ends."""
    value = 0
    for place in range(most):
        byte = data[at] if at < len(data) else 0
        value |= (byte & 0x7F) << (7 * place)
        at += 1
        if not byte & 0x80:
            break
    return value, at


def _wide(kind: int, content: bytes) -> bytes:
    return _seven(kind) + _seven(len(content)) + content


def _seven(value: int) -> bytes:
    out = b""
    while True:
        value, low = value >> 7, value & 0x7F
        out += bytes([low | 0x80 if value else low])
        if not value:
            return out
