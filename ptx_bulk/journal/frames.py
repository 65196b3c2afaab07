"""Frames as compressed Arrow, for the journal's blobs."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa


def to_arrow(frame: pd.DataFrame) -> bytes:
    """The frame as an Arrow stream (zstd); categorical columns stay dictionaries."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


def from_arrow(blob: bytes) -> pd.DataFrame:
    """The frame that `to_arrow` wrote."""
    with pa.ipc.open_stream(blob) as stream:
        return stream.read_all().to_pandas()
