"""How numbers are written in files for other programs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk import numbers
from ptx_bulk.i18n import Quantity, ngettext
from ptx_bulk.model import Accept


def written(number: npt.NDArray[np.int64], style: str) -> pd.Series:
    """The numbers in that style, and in E.164 those which that style would make somebody else's when read again.

    A Swiss `079 123 45 67` is another person's number in France; so is New Caledonia's `687751234` without its `+`.
    """
    text = numbers.format_numbers(number, style)
    if style == "e164":
        return text
    read = numbers.normalise(text.reset_index(drop=True), None, accept=Accept.ANY)
    again = np.zeros(len(number), dtype="int64")
    again[read["cell"].to_numpy()] = read["number"].to_numpy()
    return text.where(again == number, numbers.e164_text(number).set_axis(text.index))


def spelled_out_notice(count: int) -> str:
    """The sentence about numbers that are written in E.164 although another style was asked for."""
    sentence = ngettext(
        "{count:,} number is written with + and country code: written otherwise, it would be read as somebody else's.",
        "{count:,} numbers are written with + and country code: written otherwise, they would be read as somebody "
        "else's.",
        count,
    )
    return sentence.format(count=Quantity(count))
