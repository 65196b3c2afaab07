"""Default names of reports and rejects: after the input and the run, valid everywhere, never too long."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Container
from pathlib import Path, PurePath

from ptx_bulk.reports.places import valid_on_windows
from ptx_bulk.visible import is_hidden

WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
# Past this many lines a workbook takes minutes to open; CSV is the default even for an Excel input.
_MOST_XLSX_LINES = 200_000
# Rejects are owed in seconds when a run is stopped, and are written cell by cell.
MOST_XLSX_REJECTS = 50_000
_MOST_BYTES = 255  # of a name, on every file system in common use
_MOST_LABEL_BYTES = 60
_SPARE = 8  # for the -2 of a name that is taken and the .2 of a second table
_WINDOWS_PATH = 259  # characters of a whole path, where long paths are not switched on
# What mending adds to a name: the run and the kind of a file that we wrote ourselves, perhaps numbered.
_OUR_TAIL = re.compile(r"(\.\d{8}-\d{6}-[a-z0-9]{4}\.(results|rejects|kept|removed|unsure)(-\d+)?(\.\d+)?)+$")
# Not in a file's name on Windows, or not to be seen: the name may be mailed to anybody.
_UNFIT = re.compile(r'[<>:"/\\|?*]')


def is_workbook(name: str) -> bool:
    """Whether a file of that name is a workbook (.xlsx .xlsm .xlsb .xls .ods)."""
    return PurePath(name).suffix.lower() in WORKBOOKS


def results_path(first_input: str, run_id: str, n_lines: int, folder: Path, label: str = "") -> Path:
    """Where the results of a run go when nothing else was asked: `stops.xlsx` gives `stops.<run_id>.results.xlsx`.

    Workbooks give .xlsx, all else (text, Parquet, standard input) .csv; more than 200,000 lines are .csv always. A
    rejects file of ours lends its input's name, so that mending does not lengthen it; a name that would be too long for
    the file system loses its end, not the run and the kind.

    Args:
        first_input: the first input as the user named it, `-` for standard input.
        run_id: the run's name.
        n_lines: number of lines of the results.
        folder: the folder to put them in.
        label: which of several accounts the run is for, fit for a name (`label_of`); '' where there is but one.
    """
    return folder / _name(first_input, f"{run_id}.results", n_lines <= _MOST_XLSX_LINES, folder, label)


def rejects_path(one_input: str, run_id: str, n_rows: int, folder: Path, label: str = "") -> Path:
    """The same for the rejects of an input; more than 50,000 rows are .csv always."""
    return folder / _name(one_input, f"{run_id}.rejects", n_rows <= MOST_XLSX_REJECTS, folder, label)


def part_path(one_input: str, tail: str, folder: Path) -> Path:
    """The default name of a part of an input: its own, then `tail`, which ends in the part's and the file's ending."""
    return folder / f"{_stem(one_input, len(tail), folder)}.{tail}"


def label_of(name: str, taken: Container[str] = ()) -> str:
    """An account's name as it may stand in a file's name; one that is taken gets a number.

    Args:
        name: the account's name, as its owner chose it.
        taken: labels of other accounts, folded: names that differ in capitals alone are one to many file systems. So
            are those that differ in how an accent is stored, which is therefore the same in every label.
    """
    stem = _shortened(fit(unicodedata.normalize("NFC", name)).strip(". "), _MOST_LABEL_BYTES) or "account"
    label, number = stem, 1
    while label.casefold() in taken:
        number += 1
        label = f"{stem}-{number}"
    return label


def labelled(path: Path, label: str) -> Path:
    """The path with the label before its ending: `lists.csv` gives `lists.shop.csv`."""
    return path.with_name(f"{path.stem}.{label}{path.suffix}")


def _name(one_input: str, what: str, in_a_workbook: bool, folder: Path, label: str) -> str:
    name = PurePath("stdin" if one_input == "-" else one_input)
    what = f"{label}.{what}" if label else what
    tail = f".{what}{'.xlsx' if in_a_workbook and is_workbook(name.name) else '.csv'}"
    return _stem(one_input, len(f"{what}.xlsx".encode()), folder, label) + tail


def _stem(one_input: str, tail: int, folder: Path, label: str = "") -> str:
    """The input's name without its ending, with room behind it for a dot and a tail of so many bytes."""
    name = PurePath("stdin" if one_input == "-" else one_input)
    stem = _OUR_TAIL.sub("", fit(name.stem))
    stem = stem.removesuffix(f".{label}") if label else stem  # a rejects file of the same account
    stem = _shortened(stem, _room(folder) - 1 - tail - _SPARE) or "input"
    return stem if valid_on_windows(f"{stem}.csv") else f"_{stem}"


def fit(text: str) -> str:
    """The text as it may stand in a file's name on every system: `_` for what may not, or cannot be seen."""
    seen = "".join("_" if is_hidden(character) else character for character in text)
    return _UNFIT.sub("_", seen).lstrip(" ") if seen.strip(". ") else ""


def free(path: Path, taken: Container[Path] = ()) -> Path:
    """The path, or the first of `-2`, `-3` ... that is free: nothing is overwritten, a resumed run reports again.

    Args:
        path: the name wished for.
        taken: names that are not there yet but promised.
    """
    number = 1
    found = path
    while found in taken or os.path.lexists(found):
        number += 1
        found = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return found


def _room(folder: Path) -> int:
    """How many bytes a name in the folder may have."""
    if os.name == "nt":
        return max(80, min(_MOST_BYTES, _WINDOWS_PATH - len(str(folder.absolute())) - 1))
    try:
        return min(_MOST_BYTES, os.pathconf(folder, "PC_NAME_MAX"))
    except (OSError, ValueError):  # the folder is not there, or its file system does not tell
        return _MOST_BYTES


def _shortened(stem: str, most: int) -> str:
    """The stem in at most so many bytes of UTF-8, no character cut in two."""
    content = stem.encode()
    return stem if len(content) <= most else content[:most].decode(errors="ignore").rstrip(". ")
