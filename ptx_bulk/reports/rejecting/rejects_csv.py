"""Rejects as text files, in the encoding and with the delimiter of the input."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pyarrow as pa

from ptx_bulk.reports import new_files
from ptx_bulk.reports.dialects import Dialect, in_dialect
from ptx_bulk.reports.rejecting.rejected import RejectsSheet
from ptx_bulk.reports.tables import csv_file

_ROWS = 50_000


def by_file(path: Path, sheets: list[RejectsSheet]) -> dict[Path, list[RejectsSheet]]:
    """The sheets of each file: all with the same columns and dialect share one, the first is `path`."""
    groups: dict[tuple[object, ...], list[RejectsSheet]] = {}
    for sheet in sheets:
        groups.setdefault((sheet.headings, sheet.dialect), []).append(sheet)
    names = (path if number == 1 else path.with_name(f"{path.stem}.{number}{path.suffix}") for number in count(1))
    return dict(zip(names, groups.values(), strict=False))


def write(path: Path, sheets: list[RejectsSheet]) -> None:
    """The sheets one below the other, in the encoding of the input where it has every character."""
    first = sheets[0]
    whole = [pa.table(sheet.texts, names=[str(place) for place in range(len(sheet.texts))]) for sheet in sheets]
    tables = [table[start : start + _ROWS] for table in whole for start in range(0, len(table), _ROWS)]
    with new_files.new_file(path) as stream:

        def written(fitting: Dialect) -> None:
            csv_file.write_tables(stream, list(first.headings), tables, dialect=fitting)

        in_dialect(stream, first.dialect, written)
