"""Random workbooks as plain values, before any program writes them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

Place = tuple[int, int]  # row and column from 1

_WORDS = (
    "06 12 34 56 78",
    "+33612345678",
    " 06 12",
    "06 12 ",
    "a  b",
    "l'été",
    "<&>\"'",
    "TRUE",
    "1E5",
    "006",
    "#N/A",
    "Tél.\xa006",
    "日本",
    "📱06",
    "x" * 300,
    "a\nb",
    "a\n\nb",
    "a\tb",
    "'06",
    "-",
    "0",
    "\u202a06\u202c",
    "é\u0301",
    "_x000D_",
    "a_x0041_b",
    "_x005F_",
    "_xZZZZ_",
    "06_x000D_\n07",
    "a&b;",
    "]]>",
    "\u2028",
    "  ",
    "=no formula",
)
NUMBER_FORMATS = (
    "General",
    "0",
    "0.00",
    "#,##0",
    "0%",
    "0.00E+00",
    "@",
    "00 00 00 00 00",
    '0#" "##" "##',
    "+0",
    '"+33 "0',
    '"+"0',
    "00000",
    "#,##0.00 €",
    '"Tél. "0',
    "[Red]0;[Blue]-0",
    ";;;",
    "# ?/?",
    '0" kg"',
    "[<100]0;0.0",
    "_-* #,##0_-",
    "[$-40C]0.0",
    '"d"0',
    "\\d0",
)
DATE_FORMATS = (
    "dd/mm/yyyy",
    "yyyy-mm-dd",
    "yyyy-mm-dd hh:mm:ss",
    "d-mmm-yy",
    "[$-40C]d mmmm yyyy",
    "m/d/yyyy h:mm",
    "mmm yyyy",
    "ddd",
    '"le "dd/mm/yy',
)
TIME_FORMATS = ("hh:mm", "hh:mm:ss", "h:mm AM/PM", "mm:ss")
ELAPSED_FORMATS = ("[h]:mm", "[hh]:mm:ss", "[mm]:ss")
ERRORS = ("#N/A", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!")
# What a program that calculates makes of formulas, and formulas of which it depends what they are.
CALCULATED = {
    "1+1": 2,
    "600000000+12345678.5": 612345678.5,
    '"06"&"12"': "0612",
    "IF(1>2,1,2)": 2,
    'CONCATENATE("0",612345678)': "0612345678",
    "1=1": True,
    "1/0": "#DIV/0!",
}
FORMULAS = ("1+1", '"06"&"12"', "B2", "SUM(A1:B3)", "IF(1>2,1,2)", 'CONCATENATE("0",612345678)')
# xlsxwriter writes a moment of 1 January 1900 as a time of no day
_FIRST, _FIRST_1904 = date(1900, 1, 2), date(1904, 1, 1)


@dataclass(frozen=True, slots=True)
class Value:
    """What is to stand in a cell.

    Attributes:
        kind: `text`, `rich`, `number`, `date`, `time`, `elapsed`, `boolean`, `error`, `formula`.
        value: the text, its pieces, the number ...; of a formula its text.
        format: the number format.
        result: what a formula's cell shows, None where it was never calculated.
    """

    kind: str
    value: object
    format: str = "General"
    result: object = None


@dataclass
class Sheet:
    """A sheet to be written."""

    name: str
    cells: dict[Place, Value] = field(default_factory=dict)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    visible: bool = True


@dataclass
class Book:
    """A workbook to be written.

    Attributes:
        big: whether it has a sheet of more bytes than are read at once.
        inline: whether texts stand in their cells instead of a table of their own.
    """

    sheets: list[Sheet]
    epoch_1904: bool = False
    inline: bool = False
    big: bool = False


def book(seed: int, writer: str) -> Book:
    """A random workbook for a writer, or for LibreOffice to write in a format; the same seed makes the same."""
    rng = random.Random(f"{writer} {seed}")
    made = Book([], epoch_1904=rng.random() < 0.2, inline=writer == "xlsxwriter" and rng.random() < 0.4)
    made.big = seed % 100 == 7 and writer in ("openpyxl", "xlsxwriter")
    for number in range(rng.choice((1, 1, 2, 3))):
        made.sheets.append(_sheet(rng, f"Feuil {number + 1}", made.epoch_1904, big=made.big and not number))
    if writer not in ("openpyxl", "xlsxwriter"):
        for sheet in made.sheets:
            sheet.cells = {place: _calculated(rng, value) for place, value in sheet.cells.items()}
    if len(made.sheets) > 1 and rng.random() < 0.5:
        made.sheets[-1].visible = False
    return made


def _sheet(rng: random.Random, name: str, epoch_1904: bool, *, big: bool) -> Sheet:
    rows, columns = (20_000, 6) if big else (rng.randint(1, 40), rng.randint(1, 12))
    sheet = Sheet(name)
    empty_rows = {row for row in range(1, rows + 1) if rng.random() < 0.1}
    empty_columns = {column for column in range(1, columns + 1) if rng.random() < 0.15}
    habits = [rng.choice(_KINDS) if big or rng.random() < 0.3 else None for _ in range(columns)]
    for row in range(1, rows + 1):
        for column in range(1, columns + 1):
            if row in empty_rows or column in empty_columns or rng.random() < 0.12:
                continue
            sheet.cells[row, column] = _value(rng, habits[column - 1] or rng.choice(_KINDS), epoch_1904)
    if rng.random() < 0.2:  # far away
        sheet.cells[rows + rng.randint(2, 3000), columns + rng.randint(1, 700)] = _text(rng, epoch_1904)
    sheet.hidden_rows = sorted({row for row, _column in sheet.cells if rng.random() < 0.03})
    sheet.hidden_columns = sorted({column for _row, column in sheet.cells if rng.random() < 0.03})
    if rng.random() < 0.3:
        sheet.merged = [(rows + 2, 1, rows + 3, rng.randint(2, 4))]
        sheet.cells = {place: value for place, value in sheet.cells.items() if place[0] < rows + 2}
        sheet.cells[rows + 2, 1] = _text(rng, epoch_1904)
    return sheet


def _calculated(rng: random.Random, value: Value) -> Value:
    """The value; a formula becomes one with its true result."""
    if value.kind != "formula":
        return value
    formula = rng.choice(tuple(CALCULATED))
    return Value("formula", formula, "General", CALCULATED[formula])


def _value(rng: random.Random, kind: str, epoch_1904: bool) -> Value:
    return _MAKERS[kind](rng, epoch_1904)


def _text(rng: random.Random, _epoch: bool) -> Value:
    roll = rng.random()
    if roll < 0.6:
        return Value("text", rng.choice(_WORDS), rng.choice(("General", "General", "@", "0")))
    if roll < 0.8:
        return Value("text", "0" + "".join(rng.choices("0123456789", k=9)), rng.choice(("General", "@")))
    return Value("text", "".join(rng.choices("aé0 6.\n<&'\"\xa0\u202f_x😀z", k=rng.randint(1, 30))))


def _rich(rng: random.Random, _epoch: bool) -> Value:
    return Value(
        "rich", (rng.choice(("06 ", " 06", "a", "é ")), rng.choice(("12", "b ", " c")), rng.choice(("34", "&")))
    )


def _number(rng: random.Random, _epoch: bool) -> Value:
    number: float = rng.choice(
        (
            rng.randint(600_000_000, 799_999_999),
            rng.randint(33_600_000_000, 33_799_999_999),
            rng.randint(-1000, 1000),
            rng.randint(-(10**15), 10**15),
            round(rng.uniform(-1e6, 1e6), rng.randint(1, 6)),
            rng.uniform(0, 1),
            rng.uniform(-1, 1) * 10.0 ** rng.randint(-300, 300),
            rng.choice((0, 0.1 + 0.2, 1e15, 1e16, 123456789012345680, 1e21, 612345678.0, 33612345678.5, 1e-7, -0.0)),
        )
    )
    form = rng.choice(NUMBER_FORMATS)
    # LibreOffice 7.4 dies of a large number that is to be shown as a fraction, and a tiny one takes it for ever
    return Value("number", number, form if form != "# ?/?" or 1e-3 < abs(number) < 1e9 else "0")


def _date(rng: random.Random, epoch_1904: bool) -> Value:
    first = _FIRST_1904 if epoch_1904 else _FIRST
    days = rng.choice((rng.randint(0, 80), rng.randint(0, 60_000), rng.randint(0, 2_900_000)))
    day = first + timedelta(days=days)
    if rng.random() < 0.5:
        return Value("date", day, rng.choice(DATE_FORMATS))
    moment = datetime(day.year, day.month, day.day) + timedelta(seconds=rng.randint(0, 86_399))  # noqa: DTZ001
    return Value("date", moment, rng.choice(DATE_FORMATS))


def _time(rng: random.Random, _epoch: bool) -> Value:
    return Value("time", time(rng.randint(0, 23), rng.randint(0, 59), rng.randint(0, 59)), rng.choice(TIME_FORMATS))


def _elapsed(rng: random.Random, _epoch: bool) -> Value:
    return Value(
        "elapsed", timedelta(seconds=rng.choice((3600, 5400, 86_399, 90_000, 360_000, 1))), rng.choice(ELAPSED_FORMATS)
    )


def _boolean(rng: random.Random, _epoch: bool) -> Value:
    return Value("boolean", rng.random() < 0.5)


def _error(rng: random.Random, _epoch: bool) -> Value:
    return Value("error", rng.choice(ERRORS))


def _formula(rng: random.Random, epoch_1904: bool) -> Value:
    shown = rng.choice((None, 2, 612345678.5, "06 12", "", " a ", True, False, "#N/A", "#REF!", "a\nb"))
    return Value("formula", rng.choice(FORMULAS), rng.choice(("General", "0", "dd/mm/yyyy")), shown)


_MAKERS: dict[str, Callable[[random.Random, bool], Value]] = {
    "text": _text,
    "rich": _rich,
    "number": _number,
    "date": _date,
    "time": _time,
    "elapsed": _elapsed,
    "boolean": _boolean,
    "error": _error,
    "formula": _formula,
}
_KINDS = (
    "text",
    "text",
    "text",
    "rich",
    "number",
    "number",
    "number",
    "date",
    "date",
    "time",
    "elapsed",
    "boolean",
    "error",
    "formula",
    "formula",
)
