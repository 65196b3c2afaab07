"""Spreadsheet files in, rows out: sniffing, guarding, one reader a format.

`read()` is the way in. Names are imported when first used, so that the child process which parses
workbooks does not pay for pandas.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptx_bulk import lazy

if TYPE_CHECKING:
    from ptx_bulk.workbooks.choosing.questions import Ask, Candidate, Question
    from ptx_bulk.workbooks.choosing.sheet_reading import SheetReading
    from ptx_bulk.workbooks.choosing.vocabulary.presets import preset_names
    from ptx_bulk.workbooks.guard.scratch import leftovers
    from ptx_bulk.workbooks.opening import read
    from ptx_bulk.workbooks.options import ReadOptions
    from ptx_bulk.workbooks.reading import InputFile, Reading, SheetInfo, SheetTable
    from ptx_bulk.workbooks.settled import SettledSheet, as_toml, load_reading, settled_from
    from ptx_bulk.workbooks.sheets.limits import Limits
    from ptx_bulk.workbooks.sheets.sheet import letters

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
        "Limits": "sheets.limits",
        "Question": "choosing.questions",
        "ReadOptions": "options",
        "Reading": "reading",
        "SettledSheet": "settled",
        "SheetInfo": "reading",
        "SheetReading": "choosing.sheet_reading",
        "SheetTable": "reading",
        "as_toml": "settled",
        "leftovers": "guard.scratch",
        "letters": "sheets.sheet",
        "load_reading": "settled",
        "preset_names": "choosing.vocabulary.presets",
        "read": "opening",
        "settled_from": "settled",
    },
)
