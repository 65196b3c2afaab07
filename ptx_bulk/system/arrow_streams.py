"""Tables as Arrow streams, in pieces: of a long one no copy is made only to have it in one."""

from __future__ import annotations

import io

import pyarrow as pa


class _Pieces(io.RawIOBase):
    """Keeps what is written to it as it comes."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override] # of all buffers Arrow gives this one
        self.written.append(data)
        return len(data)


def stream_pieces(table: pa.Table, rows: int | None = None) -> list[bytes]:
    """The table as an Arrow IPC stream (zstd), at most so many rows a batch."""
    pieces = _Pieces()
    with pa.ipc.new_stream(pieces, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as stream:
        stream.write_table(table, max_chunksize=rows)
    return pieces.written
