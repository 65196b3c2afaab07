"""What the tests of the numbers room share: the slow path as the truth, and the lines of a column."""

from __future__ import annotations

import pandas as pd

from ptx_bulk.model import WARNING_CODES, Accept, Code
from ptx_bulk.numbers import normalise
from ptx_bulk.numbers.metadata import Library
from ptx_bulk.numbers.reading import Place, Rules
from ptx_bulk.numbers.slow import Judge

Line = tuple[str, str, str]
_ORDER = [*WARNING_CODES, *(code for code in Code if code not in WARNING_CODES)]


def lines(texts: list[str], region: str | None = "FR", accept: Accept = Accept.MOBILE) -> list[list[Line]]:
    """For each text its lines: number, code and suggestion."""
    # The str type of pandas holds no lone surrogates.
    surrogates = any("\ud800" <= char <= "\udfff" for text in texts for char in text)
    frame = normalise(pd.Series(texts, dtype=object if surrogates else "str"), region=region, accept=accept)
    found: list[list[Line]] = [[] for _ in texts]
    for cell, number, code, suggestion in frame.itertuples(index=False):
        found[cell].append((f"+{number}" if number else "", str(code), suggestion))
    return found


def truth(
    text: str, region: str | None = "FR", accept: Accept = Accept.MOBILE, place: Place | None = None
) -> list[Line]:
    """The slow path's lines for one text, read by phonenumbers alone."""
    return [
        (
            f"+{verdict.number}" if verdict.number else "",
            "+".join(sorted(verdict.codes, key=_ORDER.index)),
            ";".join(f"+{number}" for number in verdict.suggestions),
        )
        for verdict in Judge(Rules(accept, Library())).judge(text, place or Place(region or ""))
    ]
