"""Cells that are no phone number at all, told by their look before anything is parsed.

phonenumbers turns letters into keypad digits, `*` into punctuation and `;` into an extension; what reaches it
must be known to be a number.
"""

from __future__ import annotations

import re

from ptx_bulk.model import Code
from ptx_bulk.numbers.verdict import EMPTY_WORDS

_EXCEL_ERROR = re.compile(
    r"""
    \#+                                     # a column too narrow for its number
    | \#N/A(?:\sN/A)? | \#NV | \#N/D        # not available, in several languages
    | \#[¡¿]?[^\W\d_]+(?:[/_ ][^\W_]+)*[!?]     # #REF! #DIV/0! #VALEUR! #NOM? #¡VALOR!
    | (?:Err|Erreur)\s?:\s?\d{3}            # LibreOffice
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MONTH = r"(?:jan|fe[bv]|f[ée]v|mar|a[pv]r|ma[iy]|ju[inl]|jui[nl]|ao[uû]|aug|sep|oct|nov|d[ée]c)[a-zéû]*\.?"
_TIME = r"(?:[01]?\d|2[0-4])(?:\s?[:hH]\s?[0-5]\d)(?:[:mM.][0-5]\d)?(?:[.,]\d+)?s?\s*(?:[aApP]\.?[mM]\.?)?"
_HOUR = r"(?:[01]?\d|2[0-4])(?:\s?(?:[hH]|heures?|hours?|uhr|uur))?"
_UNTIL = r"(?:[T ,]+|\s*(?:à|a|at|@|um|om|alle|vers|-)\s*)"  # between a date and an hour
_ZONE = r"\s*(?:Z|UTC|GMT|[+-]\d\d:?\d\d)?"
_DAY, _MON, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:1[89]|20)\d\d"
_LONG_DATE = "|".join(
    (
        rf"{_DAY}([/.-]){_MON}\1{_YEAR}",
        rf"{_MON}([/.-]){_DAY}\2{_YEAR}",
        rf"{_YEAR}([/.-]){_MON}\3{_DAY}",
    )
)
_SHORT_DATE = rf"{_DAY}([/.-]){_MON}\4\d\d|{_MON}([/.-]){_DAY}\5\d\d|{_DAY}/{_MON}"
_WORDED_DATE = (
    rf"(?:[^\W\d_]+\.? )?(?:{_DAY}(?:er)?[ /.-])?{_MONTH}(?:[ /.-](?:\d{{4}}|\d\d))?|{_MONTH} {_DAY},? \d{{4}}"
)
_DATE_OR_TIME = re.compile(
    rf"(?:{_LONG_DATE})(?:{_UNTIL}(?:{_TIME}|{_HOUR}){_ZONE})?"
    rf"|(?:{_SHORT_DATE}|{_WORDED_DATE})(?:{_UNTIL}{_TIME}{_ZONE})?"
    rf"|{_TIME}{_ZONE}",
    re.IGNORECASE,
)
_AMONG_WORDS = re.compile(rf"[^\d+]+?(?:{_DATE_OR_TIME.pattern})[^\d]*", re.IGNORECASE)
_WORDS_OF_TIME = r"le|du|au|rdv|rendez-vous|date|jour|né|née|ne|nee|depuis|on|am|il|el|op"
# Behind such a word three groups are a date when a blank sets them off from what follows by another sign:
# `le 06-12-19 78 10`. Five groups of two with one sign throughout stay a phone: `le 06.12.19.78.10`.
_SET_OFF = re.compile(
    rf"(?:.*\W)?(?:{_WORDS_OF_TIME})\W+(?:{_DAY}([/.-]){_MON}\1(?:{_YEAR}|\d\d))(?=\s)[^+]*", re.IGNORECASE
)
# Longer cells are prose or data; a list of numbers of that length belongs in rows.
_LONGEST = 1000
_HAS_DIGIT = re.compile(r"[0-9]")


def screened(text: str) -> Code | None:
    """Why the cleaned text of a cell is no number, None when it may be one."""
    if text.casefold() in EMPTY_WORDS or not text.strip("- \n."):
        return Code.EMPTY
    if len(text) > _LONGEST:
        return Code.CONTAINS_LETTERS if any(map(str.isalpha, text)) else Code.TOO_LONG
    if text[0] in "#eE" and _EXCEL_ERROR.fullmatch(text):
        return Code.EXCEL_ERROR
    if text[0] == "=":
        return Code.FORMULA_NOT_CALCULATED
    if text[0] == "-" or not _HAS_DIGIT.search(text):
        return Code.NOT_A_NUMBER
    return Code.DATE_OR_TIME if _DATE_OR_TIME.fullmatch(text) or _dated(text) else None


def _dated(text: str) -> bool:
    """Whether a date or a time is all that stands among words."""
    if text[0] in "0123456789+":
        return False
    return bool(_AMONG_WORDS.fullmatch(text) or _SET_OFF.fullmatch(text))
