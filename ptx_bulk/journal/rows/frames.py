"""Frames as compressed Arrow, for the journal's blobs; sealed, so that a blob that was cut or altered is known."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Collection, Sequence
from typing import cast

import pandas as pd
import pyarrow as pa

from ptx_bulk.system.arrow_streams import stream_pieces

# Readers of Arrow streams stop at the stream's own end mark, so what follows it disturbs none, older versions included.
_SEAL = b"ptxsha2\n"
_END = b"\xff\xff\xff\xff\0\0\0\0"  # the end mark of an Arrow stream: a blob from before there were seals
_COUNT = 8  # bytes
TAIL = _COUNT + 32 + len(_SEAL)
_PIECE = 1 << 20  # bytes


class DamagedBlobError(ValueError):
    """A blob is not what was stored."""


class DamagedFileError(sqlite3.DatabaseError):
    """The database does not keep what it is given; to who asks, like what SQLite itself finds out."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def to_arrow(frame: pd.DataFrame, count: int = 0) -> list[bytes]:
    """The frame as an Arrow stream (zstd), sealed with that count; categorical columns stay dictionaries."""
    return sealed(stream_pieces(pa.Table.from_pandas(frame, preserve_index=False)), count)


def store_blob(db: sqlite3.Connection, table: str, key: str, pieces: Sequence[bytes]) -> None:
    """Put a blob into a table of a text key and an `arrow`, in place of what is there under the key.

    It goes piece by piece: SQLite copies what it is given whole, twice, and lists of millions are long.

    Raises:
        DamagedFileError: there is less room than was asked for.
    """
    size = sum(len(piece) for piece in pieces)
    place = db.execute(f"INSERT OR REPLACE INTO {table} VALUES (?, zeroblob(?))", (key, size)).lastrowid  # noqa: S608 - one of ours
    with db.blobopen(table, "arrow", place or 0) as stored:
        for piece in pieces:
            whole = memoryview(piece)
            for start in range(0, len(whole), _PIECE):
                try:
                    stored.write(whole[start : start + _PIECE])
                except ValueError as error:
                    raise DamagedFileError(*error.args) from error


def from_arrow(blob: bytes) -> pd.DataFrame:
    """The frame that `to_arrow` wrote.

    Raises:
        DamagedBlobError: it is not what was stored.
    """
    try:
        return columns_of(unsealed(blob)).to_pandas()
    except Exception as error:  # Arrow raises many kinds for what it cannot read
        raise DamagedBlobError(str(error)) from error


def columns_of(stream: bytes | memoryview, names: Collection[str] | None = None) -> pa.Table:
    """The table of an Arrow stream; of these columns alone, as far as it has them, which takes a tenth of the time."""
    options = pa.ipc.IpcReadOptions()
    if names is not None:
        there = pa.ipc.open_stream(pa.py_buffer(stream)).schema.names
        options.included_fields = [there.index(name) for name in names if name in there]
        if not options.included_fields:  # none would mean all
            return pa.table({})
    with pa.ipc.open_stream(pa.py_buffer(stream), options=options) as reader:
        table = reader.read_all()
    table.validate(full=True)
    return table


def sealed(stream: Sequence[bytes], count: int = 0) -> list[bytes]:
    """The pieces of an Arrow stream, and behind them a count of the caller's, and the SHA-256 of all."""
    counted = count.to_bytes(_COUNT, "big")
    digest = hashlib.sha256()
    for piece in (*stream, counted):
        digest.update(piece)
    return [*stream, counted, digest.digest(), _SEAL]


def count_of(tail: object) -> int | None:
    """The count that a blob was sealed with, by its last `TAIL` bytes; None for one from before there were seals.

    Raises:
        DamagedBlobError: it was cut.
    """
    if not isinstance(tail, bytes) or not tail.endswith((_SEAL, _END)):
        raise DamagedBlobError
    return int.from_bytes(tail[-TAIL : _COUNT - TAIL], "big") if tail.endswith(_SEAL) else None


def unsealed(blob: object) -> bytes | memoryview:
    """The stream that was sealed, or one from before there were seals.

    Raises:
        DamagedBlobError: it was cut or altered.
    """
    if not isinstance(blob, bytes) or count_of(blob) is None:
        return cast("bytes", blob)
    whole = memoryview(blob)  # a long list is not copied to be looked at
    body, digest = whole[: _COUNT - TAIL], whole[_COUNT - TAIL : -len(_SEAL)]
    if hashlib.sha256(body).digest() != digest:
        raise DamagedBlobError
    return whole[:-TAIL]
