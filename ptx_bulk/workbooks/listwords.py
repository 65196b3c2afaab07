"""Words by which files say on which list a number belongs."""

from __future__ import annotations

import pandas as pd

from ptx_bulk.model import ListKind
from ptx_bulk.workbooks.choosing.folding import plain
from ptx_bulk.workbooks.choosing.words import words
from ptx_bulk.workbooks.presets import load_preset

LIST_WORDS: dict[str, ListKind] = {
    word: kind for kind in ListKind for word in sorted(words("lists", "cells").of(kind.value))
}


def list_kinds(cells: pd.Series[str], preset: str | None = None) -> pd.Series[str]:
    """`stop` or `npai` for each cell, `''` for a word that says neither.

    Args:
        cells: as the file has them; case, accents and punctuation do not matter.
        preset: whose reasons the words are, where that adds some.

    Raises:
        ConfigurationError: there is no such preset.
    """
    known = dict(LIST_WORDS)
    if preset:
        known |= load_preset(preset).reasons
    distinct = cells.astype("str").unique().tolist()
    meant = {word: str(known.get(plain(word), "")) for word in distinct}
    return cells.astype("str").map(meant).astype("str")
