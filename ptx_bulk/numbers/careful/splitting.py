"""Where one number of a cell may end and the next begin."""

from __future__ import annotations

import re

_WORDS = "ou|et|or|and|und|oder|puis|sinon"
# Never within a number.
_BETWEEN_NUMBERS = re.compile(
    rf"""
    \s* (?: [;|]+ | :{{2,}} | & | ,+ ) \s*
    | (?<=\S) \s (?:{_WORDS}) \s (?=\S)
    | (?<=\d) \s* (?= \(?\s?\+ )
    | (?<=[\d)]) \s+ (?= [^\W\d_]+\.?\s?\d?\s?: )     # `... Port : ...`
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Between numbers, or between the digit groups of one.
_BETWEEN_GROUPS = re.compile(r"\s*(?:\n|[/\\]+|(?<=\s)-+(?=\s))\s*")
_RUN = re.compile(r"\+?\(?[0-9][0-9 \n().,/-]*")
_BETWEEN_WORDS = re.compile(r"[\s-]+")


def listed(text: str) -> list[str]:
    """The parts between signs that only stand between numbers; one part when any is without a digit."""
    return _parts(_BETWEEN_NUMBERS, text)


def grouped(text: str) -> list[str]:
    """The parts between signs that may also stand within a number."""
    return _parts(_BETWEEN_GROUPS, text)


def spaced(text: str) -> list[str]:
    """The parts between blanks or dashes."""
    return _parts(_BETWEEN_WORDS, text)


def digit_runs(text: str) -> list[str]:
    """The stretches of digits and number punctuation."""
    return [run for found in _RUN.finditer(text) if (run := found[0].strip(" \n.,-/"))]


def _parts(separator: re.Pattern[str], text: str) -> list[str]:
    parts = [part for part in separator.split(text) if part]
    return parts if all(any("0" <= char <= "9" for char in part) for part in parts) else [text]
