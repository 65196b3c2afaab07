"""One results file: the format is told by the name's ending."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path, PurePath
from typing import BinaryIO, TypeAlias

import pandas as pd

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _
from ptx_bulk.reports import _files
from ptx_bulk.reports.summary import Summary

Writer: TypeAlias = Callable[[BinaryIO, pd.DataFrame, Summary], None]

# The module of each format; imported when it is written.
_WRITERS = {".csv": "_csv", ".xlsx": "_xlsx", ".json": "_json", ".html": "html", ".parquet": "_parquet"}
_WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
# Past this many lines a workbook takes minutes to open; CSV is the default even for an Excel input.
_MOST_XLSX_LINES = 200_000


def write(path: Path, lines: pd.DataFrame, summary: Summary, *, anew: bool = False) -> None:
    """Write the results where no file stands yet.

    Args:
        path: its ending chooses the format: .csv .xlsx .json .html .parquet.
        lines: the columns `model.RESULT_COLUMNS`, one row per phone value.
        summary: the run in numbers; CSV has no place for it.
        anew: the file is our own and takes a new summary; the old one stands until the new one is whole.

    Raises:
        ConfigurationError: the ending names no format.
        ReportError: the file exists, or cannot be written; nothing is left behind then.
    """
    check_ending(path)
    writer: Writer = import_module(f"ptx_bulk.reports.{_WRITERS[path.suffix.lower()]}").write_results
    opened = _files.replaced_file if anew else _files.new_file
    with opened(path) as stream:
        writer(stream, lines, summary)


def check_ending(path: Path) -> None:
    """Raise ConfigurationError when the ending names no format."""
    if path.suffix.lower() not in _WRITERS:
        raise ConfigurationError(
            _("{path} names no report format; let the name end in {endings}.").format(
                path=path, endings=" ".join(_WRITERS)
            )
        )


def default_paths(first_input: str, run_id: str, n_lines: int, folder: Path) -> tuple[Path, Path]:
    """Where the results and the rejects of a run go when nothing else was asked.

    `stops.xlsx` gives `stops.<run_id>.results.xlsx` and `stops.<run_id>.rejects.xlsx`. Workbooks (.xlsx .xlsm
    .xlsb .xls .ods) give .xlsx, all else (text, Parquet, standard input) .csv; results of more than 200,000
    lines are .csv always.

    Args:
        first_input: the first input as the user named it, `-` for standard input.
        run_id: the run's name.
        n_lines: number of lines of the results.
        folder: the folder of both.
    """
    name = PurePath("stdin" if first_input == "-" else first_input)
    ending = ".xlsx" if name.suffix.lower() in _WORKBOOKS else ".csv"
    results = ".csv" if n_lines > _MOST_XLSX_LINES else ending
    return folder / f"{name.stem}.{run_id}.results{results}", folder / f"{name.stem}.{run_id}.rejects{ending}"
