"""Workbooks for scrub tests, and what is left in those that scrub wrote."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl

Look = tuple[object, str, str]


def cells(path: Path, sheet: str | None = None) -> list[list[Look]]:
    """Value, type and number format of each cell, row by row."""
    book = openpyxl.load_workbook(path)
    page = book[sheet] if sheet else book.worksheets[0]
    return [[(one.value, one.data_type, one.number_format) for one in row] for row in page.iter_rows()]


def values(path: Path, sheet: str | None = None) -> list[list[object]]:
    """The values alone."""
    return [[look[0] for look in row] for row in cells(path, sheet)]


def whole(path: Path) -> bytes:
    """Every part of a package, unpacked, one behind the other."""
    with zipfile.ZipFile(path) as package:
        return b"\n".join(package.read(name) for name in package.namelist())


def parts(path: Path) -> list[str]:
    """The names of a package's parts."""
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        return package.namelist()


def changed(path: Path, part: str, change: Any) -> None:
    """Rewrite one part of a package."""
    with zipfile.ZipFile(path) as package:
        every = {name: package.read(name) for name in package.namelist()}
    every[part] = change(every[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in every.items():
            package.writestr(name, data)


def book(path: Path, rows: Sequence[Sequence[object]], name: str = "Contacts") -> openpyxl.Workbook:
    """A workbook with one sheet, to be added to and saved."""
    made = openpyxl.Workbook()
    made.active.title = name
    for row in rows:
        made.active.append(list(row))
    made.save(path)
    return made
