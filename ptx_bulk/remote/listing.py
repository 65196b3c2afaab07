"""The JSON array of a list's entries, parsed while it arrives, into columns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ptx_bulk.remote.histories import Campaigns, Histories, Moment
from ptx_bulk.remote.texts import any_too_long, compact, entry_text
from ptx_bulk.system.memory import give_back

_PIECE_BYTES = 2 << 20
_ENTRY_BYTES = 1 << 20  # a history of ten thousand campaigns fits
_NUMBER_BYTES = 8  # an entry's number, beside its texts
_DELETED_BYTES = 48  # nothing is kept of a deleted entry, but there must be an end to them, too
# Places tried as the end of an entry before waiting for more: `},` stands inside entries, too.
_CUTS_TRIED = 16
_LONGEST_BEGINNING = 64  # bytes: a brace, blanks and the name of the first key


class MalformedListError(ValueError):
    """The body is not one complete JSON array of objects."""


class EndlessEntryError(MalformedListError):
    """One entry is longer than any entry is."""


class _Entry(msgspec.Struct, gc=False):
    # Any, so that an odd value of one entry does not make the whole list unreadable.
    identifier: Any = None
    id: Any = None
    deleted: Any = False
    history: list[Moment] | None = None


_NO_HISTORY = msgspec.Raw()
_NO_TEXTS: pa.Array[Any] = pa.array([], pa.large_string())
_LET_GO = 64  # pieces, after which their memory is given back


class _OddEntry(msgspec.Struct, gc=False):
    identifier: Any = None
    id: Any = None
    deleted: Any = False
    history: msgspec.Raw = _NO_HISTORY  # bytes, looked into one by one: what is odd in one costs no other its date


# Texts whole, so that brackets in them don't count; a lone quote is one that is not closed.
_TOKENS = re.compile(rb'"(?:[^"\\]++|\\.)*+"|"|[{\[\]]|\}[ \t\r\n]*+,?', re.DOTALL)
_BETWEEN = re.compile(rb"\}[ \t\r\n]*+,[ \t\r\n]*+\Z")
_decoder = msgspec.json.Decoder(list[_Entry])
_odd_decoder = msgspec.json.Decoder(list[_OddEntry])


@dataclass(frozen=True)
class Listing:
    """The live entries in the server's order, and how many deleted ones stood among them.

    An identifier or id that is missing or null is ''; one of more than 128 characters is cut and ends with `…`.
    `stopped_at` (ms since 1970, 0 for none) and `campaign_ids` ('' for none) are None where no entry has a history.
    """

    identifiers: pa.ChunkedArray[Any]
    remote_ids: pa.ChunkedArray[Any]
    deleted: int
    stopped_at: npt.NDArray[np.int64] | None = None
    campaign_ids: Campaigns | None = None


class ListParser:
    """Takes the body in parts of any size; holds the columns read so far and one undecoded piece.

    A piece is cut at the end of an entry. That a cut is one is proven by decoding: closed with a bracket, a
    piece that ends inside an entry or a text is no JSON.
    """

    def __init__(self, piece_bytes: int = _PIECE_BYTES) -> None:
        self._buffer = bytearray()
        self._beginning = b""  # how the entries of this list begin, as far as the first one tells
        self._started = False
        self._threshold = piece_bytes
        self._piece_bytes = piece_bytes
        self._identifiers: list[pa.Array[Any]] = []
        self._ids: list[pa.Array[Any]] = []
        self._histories = Histories()
        self._deleted = 0
        self._live = 0
        self._kept = 0

    @property
    def entries(self) -> int:
        """Entries read so far, deleted ones included."""
        return self._live + self._deleted

    @property
    def kept(self) -> int:
        """Bytes of memory that the columns take, roughly."""
        return self._kept + self._histories.kept

    def feed(self, part: bytes) -> None:
        """Take the next part of the body.

        Raises:
            MalformedListError: the body is no array, or an entry of it has no end in sight.
        """
        self._buffer += part
        if not self._started:
            self._start()
        if self._started and len(self._buffer) >= self._threshold:
            self._cut()

    def close(self) -> Listing:
        """The whole list; call it when the body has ended.

        Raises:
            MalformedListError: the body is no complete JSON array of objects.
        """
        if not self._started:
            raise MalformedListError
        entries = _decoded(b"[" + self._buffer)
        if not entries and self._identifiers:
            raise MalformedListError  # a comma stood before the closing bracket: something is missing
        self._keep(entries)
        return Listing(
            _in_one_piece(self._identifiers),
            _in_one_piece(self._ids),
            self._deleted,
            *self._histories.columns(),
        )

    def _start(self) -> None:
        self._buffer = self._buffer.lstrip(b" \t\r\n")
        if self._buffer and not self._buffer.startswith(b"["):
            raise MalformedListError
        if self._buffer:
            del self._buffer[:1]
            self._started = True

    def _cut(self) -> None:
        if self._take(*self._likely_end()):
            return
        end = len(self._buffer)
        for _attempt in range(_CUTS_TRIED):
            end = self._buffer.rfind(b"},", 0, end)
            if end < 0:
                break
            if self._take(end + 1, end + 2):
                return
        if self._take(*_last_end(self._buffer)):
            return
        if len(self._buffer) > _ENTRY_BYTES:
            raise EndlessEntryError
        self._threshold = 2 * len(self._buffer)

    def _likely_end(self) -> tuple[int, int]:
        """The last place where an entry ends, going by how the first one begins; zeros where none is seen.

        A history is full of `},`: each of them that is tried in vain costs the reading of a whole piece.
        """
        if not self._beginning:
            self._beginning = bytes(self._buffer[: self._buffer.find(b":", 0, _LONGEST_BEGINNING) + 1]).lstrip()
        at = self._buffer.rfind(self._beginning)  # the end of all where none is known
        found = _BETWEEN.search(self._buffer, max(0, at - _LONGEST_BEGINNING), at)
        return (found.start() + 1, found.end()) if found else (0, 0)

    def _take(self, end: int, following: int) -> bool:
        """Decode the piece up to the end of an entry, and go on at the following one; False when none ends there."""
        if not end:
            return False
        try:
            entries = _decoded(b"[" + self._buffer[:end] + b"]")
        except MalformedListError:
            return False
        self._keep(entries)
        del self._buffer[:following]
        self._threshold = self._piece_bytes
        return True

    def _keep(self, entries: list[_Entry] | list[_OddEntry]) -> None:
        live = [entry for entry in entries if entry.deleted not in (True, "true")]
        self._deleted += len(entries) - len(live)
        for column, values in (
            (self._identifiers, [entry.identifier for entry in live]),
            (self._ids, [entry.id for entry in live]),
        ):
            column.append(compact(_texts(values)))
            self._kept += column[-1].nbytes
        self._histories.take([entry.history for entry in live])
        self._live += len(live)
        self._kept += _NUMBER_BYTES * len(live) + _DELETED_BYTES * (len(entries) - len(live))


def _in_one_piece(pieces: list[pa.Array[Any]]) -> pa.ChunkedArray[Any]:
    """The whole column: Arrow would join its pieces anew for each look at some of the entries.

    Each piece is let go once it is copied, so that a long column does not stand in memory twice.
    """
    offsets = np.zeros(sum(map(len, pieces)) + 1, np.int64)
    data = np.empty(sum(int(_ends(piece)[-1]) for piece in pieces), np.uint8)
    row = byte = 0
    for at in range(len(pieces)):
        piece, pieces[at] = pieces[at], _NO_TEXTS
        ends = _ends(piece)
        size = int(ends[-1])
        offsets[row + 1 : row + len(ends)] = ends[1:] + byte
        data[byte : byte + size] = np.frombuffer(memoryview(piece.buffers()[2] or b""), np.uint8)[:size]
        row, byte = row + len(piece), byte + size
        if at % _LET_GO == _LET_GO - 1:
            del piece, ends
            give_back()
    pieces.clear()
    return pa.chunked_array([_large_strings(offsets, data)])


def _ends(piece: pa.Array[Any]) -> npt.NDArray[np.int64]:
    """Where each text of a compact piece ends in its bytes, and before them 0."""
    return np.frombuffer(memoryview(piece.buffers()[1] or bytes(8)), np.int64)[: len(piece) + 1]


def _large_strings(offsets: npt.NDArray[np.int64], data: npt.NDArray[np.uint8]) -> pa.Array[Any]:
    buffers: list[Any] = [None, pa.py_buffer(offsets.data), pa.py_buffer(data.data)]
    made: pa.Array[Any] = pa.Array.from_buffers(pa.large_string(), len(offsets) - 1, buffers)
    return made


def _decoded(array: bytes | bytearray) -> list[_Entry] | list[_OddEntry]:
    """The entries of an array, those with odd histories, too.

    Raises:
        MalformedListError: it is no array of objects.
    """
    try:
        return _decoder.decode(array)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass  # perhaps for no more than a history that is none
    try:
        return _odd_decoder.decode(array)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedListError from error


def _last_end(piece: bytearray) -> tuple[int, int]:
    """Where the last entry that is followed by a comma ends and where the next one begins, zeros where none is.

    Slow but sure, for when guessing did not find it.
    """
    depth, found = 0, (0, 0)
    for token in _TOKENS.finditer(piece):
        match token[0][:1]:
            case b"{" | b"[":
                depth += 1
            case b"}":
                depth -= 1
                if not depth and token[0].endswith(b","):
                    found = (token.start() + 1, token.end())
            case b"]":
                depth -= 1
            case _ if len(token[0]) == 1:
                break  # a text that is not closed yet
    return found


def _texts(values: list[Any]) -> pa.Array[Any]:
    try:
        column = pa.array(values, pa.large_string())
        if not column.null_count and not any_too_long(column):
            return column
    except (pa.ArrowException, TypeError, ValueError):
        pass  # something else than text stands among the values
    return pa.array([entry_text(value) for value in values], pa.large_string())
