"""Digits that may be a number, wherever they stand in a part of a package: found, and taken out."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Set as AbstractSet

ERASED = "…"  # stands where a number was
# as numbers are written: up to three characters between two digits, none of them a letter
_RUN = re.compile(r"\+?\d(?:[^\dA-Za-z+<>]{0,3}\d){5,}")

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


def runs_in(data: bytes) -> set[str]:
    """The runs of six digits and more in a part, as plain digits; in texts of two bytes a character, too."""
    texts = [_MOMENT.sub("x", html.unescape(data.decode("utf-8", "replace")))]
    if b"\0" in data:
        texts += [data[start:].decode("utf-16-le", "replace") for start in (0, 1)]
    return {_digits(found[0]) for text in texts for found in _RUN.finditer(text)}


def without_runs(data: bytes, runs: AbstractSet[str]) -> bytes:
    """The markup with `ERASED` in place of these runs."""
    if not runs:
        return data
    text = data.decode("utf-8", "surrogateescape")
    return _RUN.sub(lambda found: ERASED if _digits(found[0]) in runs else found[0], text).encode(
        "utf-8", "surrogateescape"
    )


def _digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(one)) for one in text if one.isdecimal())
