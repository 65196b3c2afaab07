"""A DataFrame from a caller's memory to a stored sheet: the headings count as row 1, as they would in a spreadsheet."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from ptx_bulk.workbooks.guard.sniffing import Format
from ptx_bulk.workbooks.sheets.arrow import one_piece
from ptx_bulk.workbooks.sheets.cells import SheetBuilder
from ptx_bulk.workbooks.sheets.limits import Limits
from ptx_bulk.workbooks.sheets.stored import SheetWriter
from ptx_bulk.workbooks.sheets.typed_columns import Cells, as_rows, mixed_cells, typed_cells, write_headings
from ptx_bulk.workbooks.storing import StoredFile

_ROWS = 50_000  # at a time, as with Parquet


def store_frame(frame: pd.DataFrame, folder: Path, limits: Limits) -> StoredFile:
    """Store a DataFrame in `folder` as one sheet without a name; its index is no column.

    Raises:
        UnreadableFile: it has more columns or cells than `limits` allows.
    """
    builder = SheetBuilder(limits)
    write_headings(map(str, frame.columns), builder)
    for first in range(0, len(frame), _ROWS):
        part = frame.iloc[first : first + _ROWS]
        columns = [_cells(part.iloc[:, place]) for place in range(part.shape[1])]
        if columns:
            builder.table(as_rows(columns, first + 2))
    writer = SheetWriter(folder)
    writer.add("", builder)
    [stored] = writer.sheets
    with Path(stored.path).open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return StoredFile(digest, Path(stored.path).stat().st_size, Format.DATAFRAME, writer.sheets)


def _cells(values: pd.Series[Any]) -> Cells:
    """A column's cells; objects of several types, or of none that Arrow knows, are taken one by one."""
    try:
        return typed_cells(one_piece(pa.Array.from_pandas(values)))
    except (
        pa.ArrowException,
        UnicodeError,
        TypeError,
        OverflowError,
    ):
        return mixed_cells(values.astype(object).where(values.notna(), None).tolist())
