"""The records of a text file as spans of its own bytes."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ptx_bulk.workbooks.storing import Content
from ptx_bulk.workbooks.text.careful import split_records
from ptx_bulk.workbooks.text.dialects import Dialect, unwrapped
from ptx_bulk.workbooks.text.encodings import TextFile

Offsets = npt.NDArray[np.int64]

_LF, _CR = 10, 13
_BLOCK = 16 << 20  # bytes
_MARK = codecs.BOM_UTF8
_LINE_ENDS = "".join(map(chr, (_LF, _CR)))


@dataclass(frozen=True)
class Records:
    """A text file's records.

    Attributes:
        data: the bytes.
        head: how many bytes stand before the first record: a byte order mark, a line `sep=`.
        starts: where each record begins, and at last where the last one ends.
        encoding: what the bytes are in.
        copied: whether they are not the file's own, but its text in UTF-8, to be written in the file's encoding.
    """

    data: bytes
    head: int
    starts: Offsets
    encoding: str
    copied: bool = False


def find_records(content: Content, original: bytes) -> Records:
    """The records of a text file that was read; row N of the reading is the N-th.

    Args:
        content: how it was read.
        original: its bytes.
    """
    text, dialect = content.text, content.dialect
    if text is None or dialect is None:
        msg = "no text file"
        raise AssertionError(msg)
    whole = original if text.path == content.path else text.path.read_bytes()
    lines = _lines_of_records(text, dialect, whole, content.records)
    if _line_ends_alike(text.encoding):
        found = _spans(original, _mark_in(original, text), dialect, lines, content.records)
        if found is not None:
            return Records(original, int(found[0]), found, text.encoding)
    data = whole
    found = _spans(data, len(_MARK) if data.startswith(_MARK) else 0, dialect, lines, content.records)
    if found is None:
        msg = "the records of the text are others than those that were read"
        raise AssertionError(msg)
    return Records(data, int(found[0]), found, text.encoding, copied=True)


def _line_ends_alike(encoding: str) -> bool:
    """Whether a line end is the same byte as in ASCII, and no other character holds it."""
    try:
        name = codecs.lookup(encoding).name
        return name == "utf-8" or _one_byte(name)
    except (LookupError, UnicodeError):
        return False


def _one_byte(name: str) -> bool:
    """Whether each byte is a character by itself, and the two line ends are their own bytes."""
    return (
        len(bytes(range(256)).decode(name, "replace")) == 256
        and bytes((_LF, _CR)).decode(name, "replace") == _LINE_ENDS
    )


def _mark_in(original: bytes, text: TextFile) -> int:
    return len(_MARK) if text.bom and original.startswith(_MARK) else 0


def _spans(data: bytes, head: int, dialect: Dialect, lines: Offsets | None, count: int) -> Offsets | None:
    """Where the records begin and the last one ends; None where the bytes have fewer lines than were read."""
    ends = line_ends(data, head)
    if dialect.declared:
        head, ends = int(ends[0]), ends[1:]
    last = np.arange(1, count + 1) if lines is None else np.cumsum(lines)
    if len(last) and last[-1] > len(ends):
        return None
    # what follows the last record (the end mark of DOS) belongs to none
    return np.concatenate([[head], ends[last - 1]]).astype(np.int64)


def line_ends(data: bytes, start: int = 0) -> Offsets:
    """Where each line that begins at or after `start` ends, its line end included."""
    codes = np.frombuffer(data, np.uint8)
    found = _all(codes, _LF, start)
    if b"\r" in data:
        returns = _all(codes, _CR, start)
        last = returns[-1:] == len(codes) - 1
        following = codes[np.minimum(returns + 1, len(codes) - 1)]
        alone = following != _LF
        alone[len(alone) - len(last) :] |= last
        found = np.sort(np.concatenate([found, returns[alone]]))
    ends = found + 1
    return ends if len(data) <= (ends[-1] if len(ends) else start) else np.append(ends, len(data))


def _all(codes: npt.NDArray[np.uint8], code: int, start: int) -> Offsets:
    """Where this byte stands, from `start` on; looked for a block at a time."""
    blocks = range(start, len(codes), _BLOCK)
    found = [np.flatnonzero(codes[at : at + _BLOCK] == code) + at for at in blocks]
    return np.concatenate([np.zeros(0, np.int64), *found])


def _lines_of_records(text: TextFile, dialect: Dialect, data: bytes, count: int) -> Offsets | None:
    """How many lines each record has; None where each has one. `data` are the bytes of the text."""
    if len(line_ends(data)) - dialect.declared == count:
        return None

    def records() -> Iterator[int]:
        with text.path.open(encoding="utf-8-sig", newline="") as file:
            if dialect.declared:
                file.readline()
            for *_rest, lines in split_records(map(unwrapped, file) if dialect.wrapped else file, dialect):
                yield lines

    return np.fromiter(records(), np.int64)
