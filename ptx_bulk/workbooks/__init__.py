"""Spreadsheet files in, rows out: sniffing, guarding, one reader a format.

`read()` is the way in. Names are imported when first used, so that the child process which parses
workbooks does not pay for pandas.
"""

from __future__ import annotations

from ptx_bulk import lazy

# Their types stand in __init__.pyi.
_HOMES = {
    "choosing.questions": (
        "Ask",
        "Candidate",
        "Question",
    ),
    "choosing.sheet_reading": ("SheetReading",),
    "choosing.vocabulary.presets": ("preset_names",),
    "opening": ("read",),
    "previewing": ("SheetPreview",),
    "read_options": ("ReadOptions",),
    "reading": (
        "InputFile",
        "Reading",
        "SheetInfo",
        "SheetTable",
    ),
    "settled": (
        "SettledSheet",
        "as_toml",
        "load_reading",
        "settled_from",
    ),
    "splitting.cards": ("card_texts",),
    "splitting.parts": (
        "EVERYWHERE",
        "KEPT",
        "NOWHERE",
        "PART_NAMES",
        "REMOVED",
        "UNSURE",
        "Repeated",
        "SheetParts",
    ),
    "splitting.splitting": (
        "Split",
        "Splitter",
    ),
    "sheets.limits": ("Limits",),
    "sheets.sheet": ("letters",),
}

__getattr__, __all__ = lazy.attach(__name__, _HOMES)
