"""Where the policy on numbers deliberately differs from the library (`docs/numbers.md`), a named rule each.

A rule looks at the writing and at what the library says of it, never at the product's answer; it tells the one answer
that it excuses, so that nothing else passes under its name. What no rule names must be the library's own answer.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from tests.differential.numbers.digits import ONE_PLAN, Answer, dialled, national, placed
from tests.differential.numbers.library import PLAIN, code_of, said
from tests.differential.numbers.writings import Writing

_GROUPED = re.compile(r"(\d{1,4})([/.-])(\d\d?)(?:\2(\d{2}|\d{4}))?")
_HOUR = re.compile(r"(\d\d?) ?: ?[0-5]\d(?:[.:][0-5]\d)?(?:[.,]\d+)?")
_NUMBERED = re.compile(r"\d : ")  # what is left of the label of a second phone
_SIGNS = {0x2010: "-", 0x2011: "-", 0x2013: "-", 0xB7: ".", 0x5F: "-"}
_AROUND = re.compile(r"^[^\d+(-]+|\W*[^\W\d].*$|[^\d)]+$")
# What no writing of a number has in it is refused, whatever the library makes of the rest.
_REFUSED = {
    "lost": "digits lost to a power of ten",
    "lettered": "letters in a number",
    "starred": "signs of no number",
    "negative": "negative number",
    "extended": "extension",
    "dated": "date or time",
    "worded": "no number",
}
# What was done around a number, and changes nothing of it.
_AROUND_IT = {
    "labelled": "label",
    "floated": "whole float",
    "power": "power of ten",
    "named": "country in the cell",
}
_LOOSE = (" / ", " - ", "\n")  # they also stand between the groups of one number
# Codes of parts of a cell: complete by themselves; lacking something.
_COMPLETE = frozenset(("NOT_MOBILE", "REGION_AMBIGUOUS", "HAS_EXTENSION"))
_LACKING = frozenset(("TOO_SHORT", "TOO_LONG", "NOT_A_NUMBER", "EMPTY", "DATE_OR_TIME", "MULTIPLE_NUMBERS"))

Line = tuple[int, str]


def library_says(writing: Writing, *, landlines: bool) -> int:
    """The number that the library reads in the text of the cell, 0 for none that counts."""
    found = said(writing.text, writing.region)
    return int(found.e164) if found.mobile or (landlines and found.valid) else 0


def expected(writing: Writing, *, landlines: bool) -> Answer:
    """The number that must come out of a cell that holds one at most, and the rule for it."""
    if writing.way in _REFUSED:
        return Answer(0, _REFUSED[writing.way])
    shown = _shown(writing.text)
    hour = _HOUR.fullmatch(shown)
    shown = _NUMBERED.sub("", shown, count=1) if writing.way == "labelled" else shown
    if _is_date(shown) or (hour and int(hour[1]) <= 24):
        return Answer(0, "date or time")
    if writing.way not in ("floated", "power") and (found := re.fullmatch(r"(\d+)[.,](\d+)", shown)):
        if parted := _parted(writing, shown, *found.groups(), landlines=landlines):
            return parted
        writing = replace(writing, digits="".join(found.groups()))
    answer = _named(writing, landlines) if writing.country else _placed(writing, writing.digits, landlines)
    return replace(answer, rule=answer.rule or _AROUND_IT.get(writing.way, "") or _written(writing.text))


def expected_of_parts(writing: Writing, parts: list[list[Line]], *, landlines: bool) -> tuple[tuple[int, ...], str]:
    """The numbers of a cell with several, by the lines of each part: all, or none where one part lacks something."""
    lines = [line for part in parts for line in part]
    between = writing.text[len(writing.parts[0]) : -len(writing.parts[1])]
    if between in _LOOSE and not any(number or code in _COMPLETE for number, code in lines):
        answer = _placed(writing, "".join(writing.parts).lstrip("+"), landlines)
        return ((answer.number,) if answer.number else ()), answer.rule or "several numbers"
    lacking = any(code in _LACKING for _number, code in lines)
    return () if lacking else tuple(number for number, _code in lines if number), "several numbers"


def _placed(writing: Writing, digits: str, landlines: bool) -> Answer:
    return placed(digits, writing.region, plus=writing.plus, landlines=landlines)


def _written(text: str) -> str:
    """The rule for signs, blanks and marks that the library does not know, or takes for more than they are."""
    if not PLAIN.issuperset(text):
        return "typography"
    return "bracketed trunk zero" if re.search(r"\d\s*\(0\)", text) else ""


def _shown(text: str) -> str:
    """The digits and signs of a text without typography, words and what stands around them."""
    plain = unicodedata.normalize("NFKC", text.translate(_SIGNS))
    seen = (char for char in plain if unicodedata.category(char) not in ("Cf", "Cc"))
    return _AROUND.sub("", "".join(str(unicodedata.decimal(char, char)) for char in seen)).strip()


def _is_date(shown: str) -> bool:
    """Whether it looks like a day of some month, with or without a year; not whether the month has such a day."""
    found = _GROUPED.fullmatch(shown)
    if not found:
        return False
    first, sign, second, third = found.groups()
    if len(first) == 4:
        return third is not None and len(third) == 2 and _is_year(first) and _is_day(third, second)
    if third is None:
        return sign == "/" and _is_day(first, second)
    return (len(third) == 2 or _is_year(third)) and (_is_day(first, second) or _is_day(second, first))


def _is_day(day: str, month: str) -> bool:
    return len(day) <= 2 and len(month) <= 2 and 1 <= int(day) <= 31 and 1 <= int(month) <= 12


def _is_year(text: str) -> bool:
    return 1800 <= int(text) <= 2099


def _parted(writing: Writing, shown: str, whole: str, rest: str, *, landlines: bool) -> Answer | None:
    """Digits parted once by a dot or comma, as a whole number of a spreadsheet or a fraction; None for groups."""
    if not rest.strip("0"):
        return replace(_placed(writing, whole, landlines), rule="whole float")
    thousands = len(whole) <= 3 and len(rest) == 3 and "," in shown
    return None if whole[0] == "0" or thousands else Answer(0, "fraction")


def _named(writing: Writing, landlines: bool) -> Answer:
    """The number in the country that the cell names; never one of the default region where that has none."""
    answer = placed(writing.digits, writing.country, plus=writing.plus, landlines=landlines)
    here, _rule = national(writing.digits, writing.country)
    own = here.valid or str(answer.number).startswith(str(code_of(writing.country)))
    at_home = writing.country in ONE_PLAN or writing.country == writing.region
    if writing.plus or dialled(writing.digits) or at_home or own:
        return replace(answer, rule="country in the cell")
    return Answer(0, "country in the cell")
