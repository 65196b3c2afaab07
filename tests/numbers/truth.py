"""What the tests of the numbers room share: the slow path as the truth, and the lines of a column."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ptx_bulk.model import WARNING_CODES, Accept, Code
from ptx_bulk.numbers import normalise
from ptx_bulk.numbers.careful.cell import Judge
from ptx_bulk.numbers.placing import Placing
from ptx_bulk.numbers.regions.home import home_of
from ptx_bulk.numbers.regions.metadata import Library

Line = tuple[str, str, str]
_ORDER = [*WARNING_CODES, *(code for code in Code if code not in WARNING_CODES)]


def lines(
    texts: list[str], region: str | list[str] | None = "FR", accept: Accept = Accept.MOBILE, **said: Any
) -> list[list[Line]]:
    """For each text its lines: number, code and suggestion; `region` may be one for each text."""
    # The str type of pandas holds no lone surrogates.
    surrogates = any("\ud800" <= char <= "\udfff" for text in texts for char in text)
    raw = pd.Series(texts, dtype=object if surrogates else "str")
    regions = pd.Series(region, dtype="str") if isinstance(region, list) else region
    frame = normalise(raw, region=regions, accept=accept, **said)
    found: list[list[Line]] = [[] for _ in texts]
    for cell, number, code, suggestion in frame.itertuples(index=False):
        found[cell].append((f"+{number}" if number else "", str(code), suggestion))
    return found


def truth(
    text: str,
    region: str | None = "FR",
    accept: Accept = Accept.MOBILE,
    *,
    default: str | None = None,
    international: bool = False,
) -> list[Line]:
    """The slow path's lines for one text, read by phonenumbers alone; a `default` makes the region the row's."""
    home = home_of(region or "", region or "" if default is None else default, international=international)
    return [
        (
            f"+{verdict.number}" if verdict.number else "",
            "+".join(sorted(verdict.codes, key=_ORDER.index)),
            ";".join(f"+{number}" for number in verdict.suggestions),
        )
        for verdict in Judge(Placing(accept, Library())).judge(text, home)
    ]
