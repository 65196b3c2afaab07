"""The rejects file: rows that a person mends and imports again as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from ptx_bulk.reports.dialects import Dialect
from ptx_bulk.reports.rejecting import rejects_csv, rejects_xlsx
from ptx_bulk.reports.rejecting.rejected import RejectsSheet, Table, sheets_of


class Rejects:
    """The wrong rows, each once, as the input has them: where they will go is known before they are written.

    A workbook (.xlsx) gets a sheet for each sheet of the input. A text file holds one table: inputs with
    other columns go to files of their own, `<name>.2.csv` and so on.
    """

    def __init__(
        self, path: Path, tables: Iterable[Table], rejects: pd.DataFrame, dialect: Dialect | None = None
    ) -> None:
        """Sort the rows by file.

        Args:
            path: where to; .xlsx is a workbook, all else text.
            tables: the tables that were read, in input order.
            rejects: columns file, sheet, row, column, code, message, suggestion, list, one line per wrong value;
                several of one row are joined.
            dialect: of text; None: each file's own.
        """
        sheets = sheets_of(tables, rejects, dialect)
        self._files: dict[Path, list[RejectsSheet]] = {path: sheets}
        if path.suffix.lower() != ".xlsx":
            self._files = rejects_csv.by_file(path, sheets)

    @property
    def sheets(self) -> Mapping[Path, Sequence[RejectsSheet]]:
        """What each file holds."""
        return self._files

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files."""
        return tuple(self._files)

    def write(self) -> None:
        """Write the files.

        Raises:
            ReportError: a file exists, or cannot be written.
        """
        for path, sheets in self._files.items():
            writer = rejects_xlsx if path.suffix.lower() == ".xlsx" else rejects_csv
            writer.write(path, sheets)


def write_rejects(path: Path, tables: Iterable[Table], rejects: pd.DataFrame) -> tuple[Path, ...]:
    """Write the wrong rows at once and tell the files; see `Rejects`.

    Raises:
        ReportError: a file exists, or cannot be written.
    """
    made = Rejects(path, tables, rejects)
    made.write()
    return made.paths
