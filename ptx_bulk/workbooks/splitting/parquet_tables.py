"""Parquet in parts, for the guarded process: the rows with their own types."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.i18n import _
from ptx_bulk.workbooks.sheets.arrow import index
from ptx_bulk.workbooks.sheets.limits import Limits
from ptx_bulk.workbooks.sheets.stored import SheetWriter, private_file
from ptx_bulk.workbooks.splitting.handing import SAID, read_job
from ptx_bulk.workbooks.splitting.parts import ADDED, KEPT, PART_NAMES


def split_parquet(path: Path, _limits: Limits, writer: SheetWriter) -> None:
    """Cut the table as the job in the writer's folder says, into files beside it.

    Raises:
        UnreadableFile: damaged.
    """
    job = read_job(writer.folder)
    parts = job.sheets[""]
    try:
        table = pq.read_table(path)
        table = table.select([at for at in range(table.num_columns) if at not in parts.dropped])
        for part in job.wanted:
            goes = np.full(table.num_rows, part == KEPT)
            below = parts.rows > 1  # the names of the columns count as row 1
            goes[parts.rows[below] - 2] = parts.of(part)[below]
            chosen = table.filter(index(goes))
            texts = zip(*parts.added.get(part, ()), strict=True) if parts.added.get(part) else ((),) * 3
            for name, column in zip(ADDED.get(part, ()), texts, strict=False):
                chosen = chosen.append_column(name, pa.array(list(column), pa.string()))
            with private_file(writer.folder / PART_NAMES[part]) as out:
                pq.write_table(chosen, out)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile(_("the file is damaged ({detail}); export it again").format(detail=error)) from error
    (writer.folder / SAID).write_text(json.dumps({"left_out": []}), encoding="utf-8")
