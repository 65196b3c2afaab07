"""Spreadsheet files in, rows out: sniffing, guarding, one reader a format.

`read()` is the way in. Names are imported when first used, so that the child process which parses
workbooks does not pay for pandas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptx_bulk import lazy

if TYPE_CHECKING:
    from ptx_bulk.workbooks.listwords import LIST_WORDS, list_kinds
    from ptx_bulk.workbooks.opening import read
    from ptx_bulk.workbooks.options import Limits, ReadOptions
    from ptx_bulk.workbooks.presets import preset_names
    from ptx_bulk.workbooks.reading import InputFile, Reading, SheetInfo, SheetTable
    from ptx_bulk.workbooks.scratch import leftovers

__all__ = [
    "LIST_WORDS",
    "InputFile",
    "Limits",
    "ReadOptions",
    "Reading",
    "SheetInfo",
    "SheetTable",
    "leftovers",
    "list_kinds",
    "preset_names",
    "read",
]

__getattr__ = lazy.attach(
    __name__,
    {
        "LIST_WORDS": "listwords",
        "InputFile": "reading",
        "Limits": "options",
        "ReadOptions": "options",
        "Reading": "reading",
        "SheetInfo": "reading",
        "SheetTable": "reading",
        "leftovers": "scratch",
        "list_kinds": "listwords",
        "preset_names": "presets",
        "read": "opening",
    },
)
