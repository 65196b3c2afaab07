"""Numbers that a person typed, one by one, rather than put into a file."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from ptx_bulk import numbers
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _
from ptx_bulk.model import Accept, Code
from ptx_bulk.sentences import CODE_SENTENCES
from ptx_bulk.visible import storable


def numbers_of(given: Iterable[str], region: str) -> list[int]:
    """The numbers that these texts mean, each once; a text may hold several.

    Raises:
        ConfigurationError: one means none; it is named by its place, since numbers stay out of messages.
    """
    cells = [given] if isinstance(given, str) else list(given)
    for place, cell in enumerate(cells, start=1):
        if not isinstance(cell, str):
            raise _no_number(place, len(cells), "")
    if not cells:
        raise ConfigurationError(_("There is no number; give at least one."))
    column = pd.Series(list(map(storable, cells)), dtype="str")
    read = numbers.normalise(column, None, region=numbers.region_or_none(region), accept=Accept.ANY)
    # What is written with + is what a list may hold, even where no operator has such a number.
    spelled = numbers.parse_e164(column.str.replace(r"[\s.()/-]", "", regex=True).str.replace(r"^00", "+", regex=True))
    found: list[int] = []
    for row in read.to_dict("records"):
        number = int(row["number"]) or int(spelled[row["cell"]])
        if not number:
            raise _no_number(row["cell"] + 1, len(cells), str(row["code"]))
        found.append(number)
    return list(dict.fromkeys(found))


def _no_number(place: int, count: int, code: str) -> ConfigurationError:
    why = " ".join(_(CODE_SENTENCES[Code(part)]) for part in code.split("+") if part in Code.__members__)
    if count == 1:
        return ConfigurationError(_("What was given is no phone number. {why}").format(why=why).rstrip())
    text = _("Number {place} of the {count} given is no phone number. {why}")
    return ConfigurationError(text.format(place=place, count=count, why=why).rstrip())
