"""Parquet files; the column names count as row 1, as they would in a spreadsheet."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.i18n import _
from ptx_bulk.workbooks.guard.archives import too_big
from ptx_bulk.workbooks.sheets.cells import SheetBuilder
from ptx_bulk.workbooks.sheets.limits import Limits
from ptx_bulk.workbooks.sheets.stored import SheetWriter
from ptx_bulk.workbooks.sheets.typed_columns import as_rows, typed_cells, write_headings

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
            write_headings(file.schema_arrow.names, builder)
            row = 2
            for batch in file.iter_batches(_BATCH):
                builder.table(as_rows(list(map(typed_cells, batch.columns)), row))
                row += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile(_("the file is damaged ({detail}); export it again").format(detail=error)) from error
    writer.add("", builder)
