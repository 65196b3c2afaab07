"""Where the product deliberately reads a cell otherwise than openpyxl or LibreOffice, a named rule each.

A rule knows what was put into the cell. It tells the one reading of the product that it excuses, and for which readings
of the other program.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from tests.differential.workbooks.readers import Seen
from tests.differential.workbooks.values import ERRORS, Value

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SHORT = re.compile(r"_x([0-9A-Fa-f]{1,3})_")
_PREFIXES = {'"+33 "0': "+33 ", '"+"0': "+", "+0": "+"}
_FIRST = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001 - cells have no zone
_LEAP_DAY = datetime(1900, 3, 1)  # noqa: DTZ001
_LAST_DATE = 2_958_466
_LIBREOFFICE = "libreoffice"


@dataclass(frozen=True, slots=True)
class Case:
    """A cell that the product and another program read.

    Attributes:
        ours, theirs: the readings.
        reader: `openpyxl` or `libreoffice`.
        put: what was to be written.
        writer: `openpyxl`, `xlsxwriter`, or the format in which LibreOffice wrote.
        epoch_1904: whether days count from 1904.
    """

    ours: Seen
    theirs: Seen
    reader: str
    put: Value
    writer: str
    epoch_1904: bool


def agree(ours: Seen, theirs: Seen) -> bool:
    """Whether both readings are the same, of the same kind."""
    if ours.kind != theirs.kind:
        return False
    if ours.kind == "number":
        return float(ours.text) == theirs.value
    if ours.kind == "boolean":
        return ours.text == str(theirs.value).upper()
    if ours.kind == "date":
        return moment(ours.text) == moment(theirs.value)
    return bool(ours.text == theirs.value)


def excused(case: Case) -> str:
    """The name of the rule by which the readings differ, '' for none."""
    return next((name for name, rule in RULES.items() if rule(case)), "")


def moment(value: Any) -> datetime | timedelta | str:
    """A date, or the time since midnight."""
    if isinstance(value, str):
        if "-" not in value and ":" in value:
            hours, minutes, seconds = value.split(":")
            return timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds))
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return value
    if isinstance(value, time):
        return timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001
    return value  # type: ignore[no-any-return]


def _country_code(case: Case) -> bool:
    """A number format that shows a country code says more than the bare number."""
    prefix = _PREFIXES.get(case.put.format, "")
    if not prefix or case.put.kind != "number" or case.theirs.kind != "number":
        return False
    number = _written(case.put.value)
    shown = Seen("text", f"{prefix}{int(number)}")
    return case.ours == shown and _near(number, case.theirs.value)


def _elapsed(case: Case) -> bool:
    """Hours beyond a day are told as the moment that the cell holds."""
    span = case.put.value
    if case.put.kind != "elapsed" or not isinstance(span, timedelta) or span < timedelta(days=1):
        return False
    held = _FIRST[case.epoch_1904] + span + (timedelta() if case.epoch_1904 else timedelta(days=1))
    return case.ours.kind == "date" and moment(case.ours.text) == held and case.theirs.value == span


def _escaped(case: Case) -> bool:
    """`_xHHHH_` is one character, unless its underscore is itself escaped; other programs know it in part."""
    text = str(case.put.value)
    if case.put.kind != "text" or not _ESCAPE.search(text) or case.theirs.kind != "text":
        return False
    escaped = case.writer != "openpyxl"  # which writes texts as they are
    right = text if escaped else _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    return case.ours == Seen("text", right)


def _short(case: Case) -> bool:
    """LibreOffice takes an escape of fewer digits for a character, too, and writes it so."""
    put = str(case.put.value)
    if case.reader != _LIBREOFFICE or case.put.kind != "text" or not _SHORT.search(put) or case.theirs.kind != "text":
        return False
    kept = case.writer in ("openpyxl", "xlsxwriter")
    return case.ours == Seen("text", put if kept else _SHORT.sub(lambda found: chr(int(found[1], 16)), put))


def _first_day(case: Case) -> bool:
    """Where days count from 1904, what is less than a day is the time of day that a person would see there."""
    if not case.epoch_1904 or case.put.kind != "date":
        return False
    put = moment(case.put.value)
    if not isinstance(put, datetime):
        return False
    return put.date() == _FIRST[True].date() and case.ours == Seen("date", put.time().isoformat())


def _digits(case: Case) -> bool:
    """LibreOffice tells fifteen digits of a number, and twenty decimals."""
    if case.reader != _LIBREOFFICE or (case.ours.kind, case.theirs.kind) != ("number", "number"):
        return False
    put = case.put.value if case.put.kind == "number" else case.put.result
    if not isinstance(put, int | float):
        return False
    return float(case.ours.text) == _written(put) and _near(_written(put), case.theirs.value)


def _logical(case: Case) -> bool:
    """LibreOffice keeps logical values as 1 and 0 that are shown as words."""
    put = case.put.value if case.put.kind == "boolean" else case.put.result
    right = isinstance(put, bool) and case.ours == Seen("boolean", str(put).upper())
    return right and case.reader == _LIBREOFFICE and case.theirs.kind == "number" and case.theirs.value == put


def _as_saved(case: Case) -> bool:
    """A formula's cell holds what was saved; LibreOffice calculates anew, openpyxl has no date for a large number."""
    if case.put.kind != "formula":
        return False
    result, theirs = case.put.result, case.theirs
    beyond = isinstance(result, float) and theirs.kind == "error" and theirs.value == "#VALUE!"
    return case.ours == _result(case) and (case.reader == _LIBREOFFICE or beyond)


def _result(case: Case) -> Seen:
    """What the formula's cell holds."""
    result, put = case.put.result, case.put
    if case.writer == "openpyxl" or result is None or result == "":
        return Seen("formula", f"={put.value}")
    if isinstance(result, bool):
        return Seen("boolean", str(result).upper())
    if isinstance(result, str):
        return Seen("error" if result in ERRORS else "text", result)
    assert isinstance(result, int | float)
    if put.format == "dd/mm/yyyy" and result < _LAST_DATE:
        day = _FIRST[case.epoch_1904] + timedelta(days=result + (0 if case.epoch_1904 else 1))
        return Seen("date", day.date().isoformat())
    return Seen("number", str(result))


def _leap_day(case: Case) -> bool:
    """Excel's calendar has a 29 February 1900: days before it are one later than LibreOffice counts."""
    put = moment(case.put.value)
    if case.put.kind != "date" or case.epoch_1904 or not isinstance(put, datetime) or put >= _LEAP_DAY:
        return False
    ours, theirs = moment(case.ours.text), moment(case.theirs.value)
    return case.reader == _LIBREOFFICE and ours == put and theirs == put - timedelta(days=1)


def _not_calculated(case: Case) -> bool:
    """LibreOffice writes 0 into an xls where a formula gives a text, which it calculates when it reads it."""
    text = case.put.result
    return (
        (case.writer, case.reader, case.put.kind) == ("xls", _LIBREOFFICE, "formula")
        and isinstance(text, str)
        and text not in ERRORS
        and case.ours == Seen("number", "0")
        and (case.theirs.kind, case.theirs.value) == ("text", text)
    )


def _tabs(case: Case) -> bool:
    """LibreOffice loses the tabs of an ods."""
    text = str(case.put.value)
    read = (case.theirs.kind, case.theirs.value) == ("text", text.replace("\t", ""))
    return case.writer == "ods" and case.reader == _LIBREOFFICE and case.ours == Seen("text", text) and read


def _error_name(case: Case) -> bool:
    """LibreOffice reads every error of the xls that it wrote as #N/A."""
    return (
        case.writer == "xls"
        and case.reader == _LIBREOFFICE
        and case.ours == Seen("error", str(case.put.value))
        and (case.theirs.kind, case.theirs.value) == ("error", "#N/A")
    )


def _written(value: Any) -> float:
    """The number in the file: both libraries write sixteen digits."""
    return float(f"{value:.16g}")


def _near(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-14, abs_tol=1e-20)


RULES: dict[str, Callable[[Case], bool]] = {
    "country code of a number format": _country_code,
    "elapsed time": _elapsed,
    "escaped characters": _escaped,
    "escapes of fewer digits": _short,
    "the first day of 1904": _first_day,
    "fifteen digits": _digits,
    "logical values": _logical,
    "formulas as they were saved": _as_saved,
    "29 February 1900": _leap_day,
    "names of errors in xls": _error_name,
    "texts of formulas in xls": _not_calculated,
    "tabs in ods": _tabs,
}
