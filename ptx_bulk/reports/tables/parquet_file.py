"""Parquet: typed columns for machines."""

from __future__ import annotations

from typing import BinaryIO

import msgspec
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ptx_bulk.reports import cell_text
from ptx_bulk.reports.summary import Summary

_ROWS = 200_000
_METADATA_KEY = b"ptx_bulk.summary"
_TIME = pa.timestamp("ms", tz="UTC")
_TYPES = {name: pa.int64() for name in cell_text.NUMBER_COLUMNS} | {"finished_at": _TIME}


def write_results(stream: BinaryIO, lines: pd.DataFrame, summary: Summary) -> None:
    """Results, compressed with zstd; the summary's JSON stands in the schema under `ptx_bulk.summary`."""
    write_frame(stream, lines, {_METADATA_KEY: msgspec.json.encode(summary.as_json())})


def write_frame(stream: BinaryIO, frame: pd.DataFrame, metadata: dict[bytes | str, bytes | str] | None = None) -> None:
    """Numbers as int64, `finished_at` as UTC milliseconds, all else as text; null where there is no value."""
    fields = [pa.field(name, _TYPES.get(name, pa.string())) for name in frame.columns]
    schema = pa.schema(fields, metadata=metadata)
    with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
        for table in cell_text.chunks(frame, _ROWS):
            arrays = [_typed(table[field.name].combine_chunks(), field.type) for field in fields]
            writer.write_table(pa.table(arrays, schema=schema))


def _typed(array: cell_text.Column, kind: pa.DataType) -> cell_text.Column:
    if pa.types.is_integer(kind):
        return array
    array = cell_text.pc.if_else(cell_text.pc.equal(array, cell_text.EMPTY), pa.scalar(None, pa.large_string()), array)
    if pa.types.is_timestamp(kind):
        times = pd.to_datetime(array.to_pandas(), format="ISO8601", utc=True, errors="coerce")
        return pa.array(times, kind)
    return cell_text.pc.cast(array, kind)
