"""Spreadsheet files in, rows out: sniffing, guarding, one reader a format.

`read()` is the way in. Names are imported when first used, so that the child process which parses
workbooks does not pay for pandas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptx_bulk import lazy

if TYPE_CHECKING:
    from ptx_bulk.workbooks.choosing.presets import preset_names
    from ptx_bulk.workbooks.choosing.questions import Ask, Candidate, Question
    from ptx_bulk.workbooks.choosing.settled import SettledSheet, as_toml, load_reading, settled_from
    from ptx_bulk.workbooks.choosing.sheet_reading import SheetReading
    from ptx_bulk.workbooks.opening import read
    from ptx_bulk.workbooks.options import Limits, ReadOptions
    from ptx_bulk.workbooks.reading import InputFile, Reading, SheetInfo, SheetTable
    from ptx_bulk.workbooks.scratch import leftovers
    from ptx_bulk.workbooks.sheets import letters

__all__ = [
    "Ask",
    "Candidate",
    "InputFile",
    "Limits",
    "Question",
    "ReadOptions",
    "Reading",
    "SettledSheet",
    "SheetInfo",
    "SheetReading",
    "SheetTable",
    "as_toml",
    "leftovers",
    "letters",
    "load_reading",
    "preset_names",
    "read",
    "settled_from",
]

__getattr__ = lazy.attach(
    __name__,
    {
        "Ask": "choosing.questions",
        "Candidate": "choosing.questions",
        "InputFile": "reading",
        "Limits": "options",
        "Question": "choosing.questions",
        "ReadOptions": "options",
        "Reading": "reading",
        "SettledSheet": "choosing.settled",
        "SheetInfo": "reading",
        "SheetReading": "choosing.sheet_reading",
        "SheetTable": "reading",
        "as_toml": "choosing.settled",
        "leftovers": "scratch",
        "letters": "sheets",
        "load_reading": "choosing.settled",
        "preset_names": "choosing.presets",
        "read": "opening",
        "settled_from": "choosing.settled",
    },
)
