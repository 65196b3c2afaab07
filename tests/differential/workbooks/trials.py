"""Makes workbooks by three programs and compares what the product, openpyxl and LibreOffice read in every cell.

python -m tests.differential.workbooks.trials COUNT FOLDER [--first N]
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.differential.workbooks.readers import Cells, by_libreoffice, by_openpyxl, by_product, hidden_rows
from tests.differential.workbooks.rules import Case, agree, excused
from tests.differential.workbooks.values import Book, Value, book
from tests.differential.workbooks.writers import by_libreoffice as written_by_libreoffice
from tests.differential.workbooks.writers import by_openpyxl as write_by_openpyxl
from tests.differential.workbooks.writers import by_xlsxwriter as write_by_xlsxwriter

# Who writes, in turn: two libraries, and LibreOffice in three formats.
WRITERS = ("openpyxl", "xlsxwriter", "ods", "openpyxl", "xlsxwriter", "xlsx", "openpyxl", "xlsxwriter", "xls")
_LIBRARIES = {"openpyxl": write_by_openpyxl, "xlsxwriter": write_by_xlsxwriter}
_GUARDED = 10  # every so many files are read in the guarded process
_SHOWN = 60


@dataclass(frozen=True)
class Made:
    """A workbook on disk, and what was put into it."""

    path: Path
    book: Book
    writer: str


@dataclass
class Tally:
    """What came of it: workbooks and compared cells by writer and reader, rules that excused, and finds."""

    books: Counter[str] = field(default_factory=Counter)
    cells: Counter[str] = field(default_factory=Counter)
    excused: Counter[str] = field(default_factory=Counter)
    finds: list[str] = field(default_factory=list)


def made(count: int, folder: Path, first: int = 0, writers: tuple[str, ...] = WRITERS) -> list[Made]:
    """So many workbooks in the folder."""
    found, sources = [], dict[str, list[Made]]()
    for seed in range(first, first + count):
        writer = writers[seed % len(writers)]
        plain = book(seed, writer)
        path = folder / f"{seed}-{writer}.xlsx"
        _LIBRARIES.get(writer, write_by_xlsxwriter)(plain, path)
        (found if writer in _LIBRARIES else sources.setdefault(writer, [])).append(Made(path, plain, writer))
    for form, few in sources.items():
        target = folder / form
        target.mkdir(exist_ok=True)
        paths = written_by_libreoffice([one.path for one in few], form, target, folder / "profile")
        found += [Made(path, one.book, form) for path, one in zip(paths, few, strict=True)]
    return found


def try_books(books: list[Made], folder: Path, *, libreoffice: bool = True) -> Tally:
    """Read all of them by all programs, and compare."""
    tally = Tally()
    # it takes many minutes for a big one
    few = [one for one in books if libreoffice and not one.book.big]
    written = written_by_libreoffice([one.path for one in few], "fods", folder, folder / "profile") if few else []
    flats = dict(zip((one.path for one in few), written, strict=True))
    for place, one in enumerate(books):
        ours = by_product(one.path, guarded=place % _GUARDED == 0)
        tally.books[one.writer] += 1
        if one.path.suffix == ".xlsx":
            compare(one, ours, by_openpyxl(one.path), "openpyxl", tally)
        if one.path in flats:
            compare(one, ours, by_libreoffice(flats[one.path]), "libreoffice", tally)
        tally.finds += _hidden(one, ours)
    return tally


def compare(one: Made, ours: Cells, theirs: Cells, reader: str, tally: Tally) -> None:
    """Compare all cells of a workbook by one other reader."""
    put: dict[tuple[str, int, int], Value] = {
        (sheet.name, row, column): value for sheet in one.book.sheets for (row, column), value in sheet.cells.items()
    }
    for where in sorted(set(ours) | set(theirs)):
        tally.cells[f"{one.writer} by {reader}"] += 1
        here, there, value = ours.get(where), theirs.get(where), put.get(where)
        if here is not None and there is not None and agree(here, there):
            continue
        rule = ""
        if here is not None and there is not None and value is not None:
            rule = excused(Case(here, there, reader, value, one.writer, one.book.epoch_1904))
        if rule:
            tally.excused[f"{rule} ({reader})"] += 1
        else:
            tally.finds.append(f"{one.path.name} {where}: {here}, {reader} {there}; put {value}")


def _hidden(one: Made, ours: Cells) -> list[str]:
    """The sheets in which other rows are hidden than were made so."""
    found = hidden_rows(one.path)
    wrong = []
    for sheet in one.book.sheets:
        rows = {row for name, row, _column in ours if name == sheet.name}
        hidden = sorted(rows & set(sheet.hidden_rows)) if not one.book.inline else []
        if found.get(sheet.name, []) != hidden:
            wrong.append(f"{one.path.name} {sheet.name}: hidden {found.get(sheet.name)}, not {hidden}")
    return wrong


def main() -> int:
    """The command line; 1 when something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.differential.workbooks.trials", description=__doc__)
    parser.add_argument("count", type=int, help="workbooks")
    parser.add_argument("folder", type=Path, help="where they are made; it must be there")
    parser.add_argument("--first", type=int, default=0, help="the number of the first")
    asked = parser.parse_args()
    tally = try_books(made(asked.count, asked.folder, asked.first), asked.folder)
    for title, counts in (("workbooks", tally.books), ("cells", tally.cells), ("excused", tally.excused)):
        print(f"{title}: {counts.total()}", *(f"{count:10} {name}" for name, count in counts.most_common()), sep="\n")
    print(f"{len(tally.finds)} finds", *tally.finds[:_SHOWN], sep="\n  ! ")
    return 1 if tally.finds else 0


if __name__ == "__main__":
    sys.exit(main())
