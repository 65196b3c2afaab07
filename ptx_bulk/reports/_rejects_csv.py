"""Rejects as text files, in the encoding and with the delimiter of the input."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pyarrow as pa

from ptx_bulk.reports import _csv, _files
from ptx_bulk.reports._rejected import EVERYTHING, Sheet


def write(path: Path, sheets: list[Sheet]) -> tuple[Path, ...]:
    """One file for all sheets with the same columns and dialect; the first is `path`."""
    groups: dict[tuple[object, ...], list[Sheet]] = {}
    for sheet in sheets:
        groups.setdefault((sheet.headings or sheet.cells.shape[1], sheet.encoding, sheet.delimiter), []).append(sheet)
    paths = []
    for number, group in enumerate(groups.values(), start=1):
        paths.append(path if number == 1 else path.with_name(f"{path.stem}.{number}{path.suffix}"))
        _write_one(paths[-1], group)
    return tuple(paths)


def _write_one(path: Path, sheets: list[Sheet]) -> None:
    first = sheets[0]
    tables = [_table(sheet.cells) for sheet in sheets]
    with _files.new_file(path) as stream:
        for encoding in (first.encoding, EVERYTHING):
            try:
                _csv.write_tables(
                    stream, list(first.headings), tables, delimiter=first.delimiter or ",", encoding=encoding
                )
            except UnicodeEncodeError:
                stream.seek(0)
                stream.truncate()
            else:
                return


def _table(cells: pd.DataFrame) -> pa.Table:
    columns = [pa.array([_text(value) for value in cells.iloc[:, i]], pa.large_string()) for i in range(cells.shape[1])]
    return pa.table(columns, names=[str(i) for i in range(len(columns))])


def _text(value: object) -> str:
    """A cell as text: whole numbers without a point, dates as ISO 8601."""
    if isinstance(value, str):
        return value
    if value is None or value is pd.NA or value is pd.NaT or value != value:  # noqa: PLR0124 - NaN
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)
