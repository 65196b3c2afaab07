"""One results file: the format is told by the name's ending."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, TypeAlias

import pandas as pd

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _
from ptx_bulk.reports import new_files
from ptx_bulk.reports.dialects import USUAL, Dialect
from ptx_bulk.reports.summary import Summary
from ptx_bulk.system.memory import give_back

Writer: TypeAlias = Callable[[BinaryIO, pd.DataFrame, Summary], None]

# The module of each format; imported when it is written.
_WRITERS = {
    ".csv": "tables.csv_file",
    ".xlsx": "tables.xlsx_file",
    ".json": "tables.json_file",
    ".html": "html",
    ".parquet": "tables.parquet_file",
}


def write_report(
    path: Path, lines: pd.DataFrame, summary: Summary, *, anew: bool = False, dialect: Dialect = USUAL
) -> None:
    """Write the results where no file stands yet.

    Args:
        path: its ending chooses the format: .csv .xlsx .json .html .parquet.
        lines: the columns `model.RESULT_COLUMNS`, one row per phone value.
        summary: the run in numbers; CSV has no place for it.
        anew: the file is our own and takes a new summary; the old one stands until the new one is whole.
        dialect: of CSV.

    Raises:
        ConfigurationError: the ending names no format.
        ReportError: the file exists, or cannot be written; nothing is left behind then.
    """
    check_ending(path)
    ending = path.suffix.lower()
    module = import_module(f"ptx_bulk.reports.{_WRITERS[ending]}")
    writer: Writer = partial(module.write_results, dialect=dialect) if ending == ".csv" else module.write_results
    give_back()  # what the steps before are done with is not kept beside what is written
    opened = new_files.replaced_file if anew else new_files.new_file
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
