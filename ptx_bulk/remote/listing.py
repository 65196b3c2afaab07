"""The JSON array of a list's entries, parsed while it arrives, into columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import pyarrow as pa

_PIECE_BYTES = 2 << 20
# Places tried as the end of an entry before waiting for more: `},` stands inside entries, too.
_CUTS_TRIED = 16


class MalformedListError(ValueError):
    """The body is not one complete JSON array of objects."""


class _Entry(msgspec.Struct, gc=False):
    # Any, so that an odd value of one entry does not make the whole list unreadable.
    identifier: Any = None
    id: Any = None
    deleted: Any = False


_decoder = msgspec.json.Decoder(list[_Entry])


@dataclass(frozen=True)
class Listing:
    """The live entries in the server's order, and how many deleted ones stood among them.

    An identifier or id that is missing or null is ''.
    """

    identifiers: pa.ChunkedArray[Any]
    remote_ids: pa.ChunkedArray[Any]
    deleted: int


class ListParser:
    """Takes the body in parts of any size; holds the columns read so far and one undecoded piece.

    A piece is cut at the end of an entry. That a cut is one is proven by decoding: closed with a bracket, a
    piece that ends inside an entry or a text is no JSON.
    """

    def __init__(self, piece_bytes: int = _PIECE_BYTES) -> None:
        self._buffer = bytearray()
        self._started = False
        self._threshold = piece_bytes
        self._piece_bytes = piece_bytes
        self._identifiers: list[pa.Array[Any]] = []
        self._ids: list[pa.Array[Any]] = []
        self._deleted = 0

    def feed(self, part: bytes) -> None:
        """Take the next part of the body.

        Raises:
            MalformedListError: the body is no array.
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
        try:
            entries = _decoder.decode(b"[" + self._buffer)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise MalformedListError from error
        if not entries and self._identifiers:
            raise MalformedListError  # a comma stood before the closing bracket: something is missing
        self._keep(entries)
        text = pa.large_string()
        return Listing(pa.chunked_array(self._identifiers, text), pa.chunked_array(self._ids, text), self._deleted)

    def _start(self) -> None:
        head = self._buffer.lstrip(b" \t\r\n")
        if head and head[:1] != b"[":
            raise MalformedListError
        if head:
            self._buffer = head[1:]
            self._started = True

    def _cut(self) -> None:
        end = len(self._buffer)
        for _attempt in range(_CUTS_TRIED):
            end = self._buffer.rfind(b"},", 0, end)
            if end < 0:
                break
            try:
                entries = _decoder.decode(b"[" + self._buffer[: end + 1] + b"]")
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                continue
            self._keep(entries)
            del self._buffer[: end + 2]
            self._threshold = self._piece_bytes
            return
        self._threshold = 2 * len(self._buffer)

    def _keep(self, entries: list[_Entry]) -> None:
        live = [entry for entry in entries if entry.deleted not in (True, "true")]
        self._deleted += len(entries) - len(live)
        self._identifiers.append(_texts([entry.identifier for entry in live]))
        self._ids.append(_texts([entry.id for entry in live]))


def _texts(values: list[Any]) -> pa.Array[Any]:
    try:
        column = pa.array(values, pa.large_string())
        if not column.null_count:
            return column
    except (pa.ArrowException, TypeError, ValueError):
        pass  # something else than text stands among the values
    return pa.array([_text(value) for value in values], pa.large_string())


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
