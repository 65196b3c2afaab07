"""Parquet files; the column names count as row 1, as they would in a spreadsheet."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.i18n import _
from ptx_bulk.workbooks.guard.archives import too_big
from ptx_bulk.workbooks.sheets.arrow import lengths, strings
from ptx_bulk.workbooks.sheets.cells import BOOLEAN, DATE, EMPTY, NUMBER, TEXT, SheetBuilder, moment_text, number_text
from ptx_bulk.workbooks.sheets.limits import Limits
from ptx_bulk.workbooks.sheets.stored import SheetWriter

_BATCH = 50_000


def read_parquet(path: Path, limits: Limits, writer: SheetWriter) -> None:
    """Hand the table to `writer` as one sheet without a name.

    Raises:
        UnreadableFile: damaged or protected.
    """
    try:
        with pq.ParquetFile(path) as file:
            meta = file.metadata
            unpacked = sum(meta.row_group(group).total_byte_size for group in range(meta.num_row_groups))
            if unpacked > limits.unpacked:
                raise too_big(unpacked)
            builder = SheetBuilder(limits)
            for column, name in enumerate(file.schema_arrow.names):
                builder.cell(1, column, name or " ", TEXT)
            builder.flush()
            row = 2
            for batch in file.iter_batches(_BATCH):
                builder.table(_as_cells(batch, row))
                row += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile(_("the file is damaged ({detail}); export it again").format(detail=error)) from error
    writer.add("", builder)


def _as_cells(batch: pa.RecordBatch, row: int) -> pa.Table:
    data: dict[str, pa.Array[Any]] = {"row": pa.array(np.arange(row, row + batch.num_rows, dtype=np.int32))}
    for number, column in enumerate(batch.columns):
        texts, kind = _texts(column)
        texts = texts.fill_null("")
        empty = lengths(texts) == 0
        data[f"v{number}"] = texts
        data[f"k{number}"] = pa.array(np.where(empty, EMPTY, kind).astype(np.uint8))
    return pa.table(data)


def _texts(column: pa.Array[Any]) -> tuple[pa.Array[Any], int | npt.NDArray[np.uint8]]:
    """The column's texts (null where there is no value) and the kind of its cells."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _texts(column.cast(kind.value_type))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _sound(column), TEXT
    if pa.types.is_integer(kind):
        return column.cast(pa.string()), NUMBER
    if pa.types.is_boolean(kind):
        return pc.if_else(column, "TRUE", "FALSE"), BOOLEAN
    write, code = _writing(kind)
    return strings([None if value is None else write(value) for value in column.to_pylist()]), code


def _sound(column: pa.Array[Any]) -> pa.Array[Any]:
    """Texts as UTF-8: writers that put the bytes of an old code page there did so for Western Europe's, as in CSV."""
    texts = column.cast(pa.large_string() if pa.types.is_large_string(column.type) else pa.string())
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        raw: list[bytes | None] = texts.cast(pa.large_binary(), safe=False).to_pylist()
        return strings([None if value is None else _decoded(value) for value in raw])
    return texts.cast(pa.string())


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")


def _writing(kind: pa.DataType) -> tuple[Callable[[Any], str], int]:
    """How to write a value of the type as text, and the kind of its cells."""
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _number, NUMBER
    if pa.types.is_temporal(kind) and not pa.types.is_duration(kind):
        return moment_text, DATE
    return str, TEXT


def _number(value: float | Decimal) -> str:
    number = float(value)
    return "" if math.isnan(number) else number_text(number)
