"""Which column says the country of each number: names, ISO codes or dial codes."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ptx_bulk.i18n import _
from ptx_bulk.model import Accept
from ptx_bulk.numbers import UNKNOWN_COUNTRY, country_codes, normalise
from ptx_bulk.workbooks.choosing.columns import Columns
from ptx_bulk.workbooks.choosing.evidence import Why
from ptx_bulk.workbooks.choosing.questions import About, Candidate, Undecided, column_candidates, undecided
from ptx_bulk.workbooks.choosing.vocabulary.meaning import HeadingMeaning
from ptx_bulk.workbooks.choosing.vocabulary.words import fold
from ptx_bulk.workbooks.sheets.arrow import index, to_texts
from ptx_bulk.workbooks.sheets.cells import EMPTY

NONE = "none"
_MEANINGS = (HeadingMeaning.DIAL_CODE, HeadingMeaning.COUNTRY, HeadingMeaning.COUNTRY_UNSURE)
_NEARLY_ALL = 0.9


@dataclass(frozen=True)
class CountryChoice:
    """The column with the countries, None for none, and why; other columns of countries in `unused`."""

    column: int | None
    why: Why
    unused: tuple[int, ...] = ()


def find_country(
    columns: Columns,
    phones: tuple[int, ...],
    *,
    named: str | None = None,
    region_given: bool = False,
) -> CountryChoice:
    """The country column.

    Args:
        columns: the sheet's columns.
        phones: those with the phone numbers.
        named: what `--country-column` says.
        region_given: whether `--region` was given, which wins over what is found.

    Raises:
        ColumnNotFound: the named column is missing.
        Doubt: several columns, which do not agree.
    """
    if named is not None and named.strip().lower() == NONE:
        return CountryChoice(None, Why.OPTION)
    if named is not None:
        return CountryChoice(columns.named(named), Why.OPTION)
    likely = [one for one in columns.of(*_MEANINGS) if one not in phones and _holds_countries(columns, one)]
    if region_given or not likely:
        return CountryChoice(None, Why.OPTION if region_given else Why.NOTHING, tuple(likely))
    best = [one for one in likely if columns.meanings[one] is HeadingMeaning.DIAL_CODE] or likely
    best = _beside(columns, phones, best) or best
    if any(columns.values(one) != columns.values(best[0]) for one in best[1:]):
        raise _doubt(columns, best)
    return CountryChoice(best[0], Why.HEADING, tuple(one for one in likely if one != best[0]))


def _doubt(columns: Columns, chosen: list[int]) -> Undecided:
    text = _("{count} columns hold countries that differ: {columns}")
    none = Candidate(label=_("none of them"), option="--country-column none", answer={"country_column": NONE})
    candidates = column_candidates(columns, chosen, "--country-column", lambda at: {"country_column": at})
    return undecided(
        columns,
        About.COUNTRY_COLUMN,
        text.format(count=len(chosen), columns=columns.listed(chosen)),
        [*candidates, none],
    )


def _holds_countries(columns: Columns, column: int) -> bool:
    """Whether anything stands in it, and under a heading that is not sure nearly all of it is a country."""
    distinct = columns.words(column)
    if not distinct:
        return False
    if columns.meanings[column] is not HeadingMeaning.COUNTRY_UNSURE:
        return True
    known = ~country_codes(pd.Series(distinct, dtype="str")).isin(["", UNKNOWN_COUNTRY])
    return float(known.mean()) >= _NEARLY_ALL


def _beside(columns: Columns, phones: tuple[int, ...], likely: list[int]) -> list[int]:
    """Those whose heading shares a word with a phone heading's own: `Billing Country` beside `Billing Phone`."""
    common = {"phone", "telephone", "tel", "mobile", "number", "numero", "country", "pays", "code"}
    of_phones = {word for one in phones for word in fold(columns.label(one)).split()} - common
    return [one for one in likely if of_phones & set(fold(columns.label(one)).split())]


_SEEN = 2_000
_DIGITS = re.compile(r"[\d\s.,\-()/]+")


def written_with_country_codes(columns: Columns, phones: tuple[int, ...], region: str | None) -> bool:
    """Whether nine of ten filled cells of the columns are digits that are a number with a country code, and no plus.

    In such a column `6591234567` is a Singapore number; in any other it may as well be a French one with a digit too
    many. At least half of the cells must be numbers with a country code in any column.
    """
    raws: list[str] = []
    for column in phones:
        cells, kinds = columns.sheet.sample(column, columns.header_row)
        raws += to_texts(cells.take(index(np.flatnonzero(kinds != EMPTY)[:_SEEN])))
    if not raws:
        return False
    plain = [text for text in map(str.strip, raws) if _DIGITS.fullmatch(text) and not text.startswith("0")]
    if len(plain) < _NEARLY_ALL * len(raws):
        return False
    there, here = _numbers([f"+{text}" for text in plain], region), _numbers(plain, region)
    return len(there) >= _NEARLY_ALL * len(raws) and 2 * len(there.items() & here.items()) >= len(raws)


def _numbers(texts: list[str], region: str | None) -> dict[int, int]:
    """The numbers of the texts that are any, by their places."""
    lines = normalise(texts, region=region, accept=Accept.ANY)
    return {cell: number for cell, number in zip(lines["cell"], lines["number"], strict=True) if number}
