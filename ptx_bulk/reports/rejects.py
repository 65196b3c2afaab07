"""The rejects file: rows that a person mends and imports again as they are."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from ptx_bulk.reports import _rejects_csv, _rejects_xlsx
from ptx_bulk.reports._rejected import Table, sheets_of


def write_rejects(path: Path, tables: Iterable[Table], rejects: pd.DataFrame) -> tuple[Path, ...]:
    """Write the wrong rows, each once, as the input has them.

    A workbook (.xlsx) gets a sheet for each sheet of the input. A text file holds one table: inputs with
    other columns go to files of their own, `<name>.2.csv` and so on.

    Args:
        path: where to; .xlsx is a workbook, all else text.
        tables: the tables that were read, in input order.
        rejects: columns file, sheet, row, column, code, message, suggestion, one line per wrong value;
            several of one row are joined.

    Returns:
        The files written.

    Raises:
        ReportError: a file exists, or cannot be written.
    """
    sheets = sheets_of(tables, rejects)
    if path.suffix.lower() == ".xlsx":
        _rejects_xlsx.write(path, sheets)
        return (path,)
    return _rejects_csv.write(path, sheets)
