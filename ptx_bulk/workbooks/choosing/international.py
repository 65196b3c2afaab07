"""Whether a column's numbers are written with country codes throughout, though without a plus."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from ptx_bulk.model import Accept
from ptx_bulk.numbers import normalise
from ptx_bulk.workbooks.choosing.columns import Columns
from ptx_bulk.workbooks.sheets.arrow import index, to_texts
from ptx_bulk.workbooks.sheets.cells import EMPTY

_NEARLY_ALL = 0.9
_SEEN = 2_000
_DIGITS = re.compile(r"[\d\s.\-()/]+")


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
    plain = [
        re.sub(r"\D", "", text) for text in raws if _DIGITS.fullmatch(text.strip()) and not text.strip().startswith("0")
    ]
    if len(plain) < _NEARLY_ALL * len(raws):
        return False
    read = normalise(pd.Series([f"+{digits}" for digits in plain], dtype="str"), None, accept=Accept.ANY)
    national = normalise(pd.Series(plain, dtype="str"), None, region=region, accept=Accept.ANY)
    there = {cell: number for cell, number in zip(read["cell"], read["number"], strict=True) if number}
    here = dict(zip(national["cell"], national["number"], strict=True))
    certain = sum(here.get(cell) == number for cell, number in there.items())
    return len(there) >= _NEARLY_ALL * len(raws) and 2 * certain >= len(raws)
