"""Words by which cells say on which list a number belongs, or that its owner may be written to."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache

from ptx_bulk.model import ListKind
from ptx_bulk.workbooks.choosing.vocabulary.words import fold, words


class Said(StrEnum):
    """What a cell says."""

    STOP = ListKind.STOP.value
    NPAI = ListKind.NPAI.value
    FREE = "none"  # this person may be written to
    YES = "yes"
    NO = "no"
    DOUBTFUL = "doubtful"  # a failure that may pass, a refusal of something else
    EMPTY = ""
    UNKNOWN = "unknown"


_LISTS = {"stop": Said.STOP, "npai": Said.NPAI, "ok": Said.FREE, "yes": Said.YES, "no": Said.NO}
_DOUBTFUL = ("stop_doubtful", "npai_doubtful", "postal")
_SYMBOLS = {"yes_symbols": Said.YES, "no_symbols": Said.NO}


def word_says(word: str, reasons: dict[str, ListKind] | None = None) -> Said:
    """What a cell's word says; `reasons` are a provider's own words, folded."""
    bare = word.strip()
    if not bare:
        return Said.EMPTY
    folded = fold(bare)
    if reasons and folded in reasons:
        return Said(reasons[folded].value)
    return _symbols().get(bare) or _table().get(folded, Said.UNKNOWN)


def is_stop_reply(message: str) -> bool:
    """Whether an answer to an SMS is exactly a STOP, with or without the short code it was sent to."""
    folded = fold(message)
    replies = words("lists", "replies")
    if folded in replies.of("stop"):
        return True
    return any(re.fullmatch(pattern.strip("^$"), folded) for pattern in replies.of("stop_with_short_code"))


@cache
def cell_words() -> frozenset[str]:
    """Every folded word that stands in cells of list columns, doubtful ones included."""
    return frozenset(_table())


@cache
def _table() -> dict[str, Said]:
    cells = words("lists", "cells")
    known = dict.fromkeys(cells.of(*_DOUBTFUL), Said.DOUBTFUL)
    known |= dict.fromkeys(cells.of("empty"), Said.EMPTY)
    for key, meant in _LISTS.items():
        known |= dict.fromkeys(cells.of(key), meant)
    return known


@cache
def _symbols() -> dict[str, Said]:
    cells = words("lists", "cells")
    return {symbol: meant for key, meant in _SYMBOLS.items() for symbol in cells.of(key)}
