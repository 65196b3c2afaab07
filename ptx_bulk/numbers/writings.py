"""Numbers in whatever writing they stand in a text: found, and taken out."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Iterable
from functools import cache, cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from ptx_bulk.numbers.e164 import as_arrow
from ptx_bulk.numbers.regions.metadata import split_number

ERASED = "…"  # stands where a number was
_BETWEEN = "[^0-9A-Za-z+]{0,3}"  # what may stand between two digits of one number
_FEW = 8  # shorter numbers are looked for between other characters than digits: they occur in longer ones by chance


class Writings:
    """Numbers as they may be written: international, national, with any punctuation, in digits of any script."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self.numbers = tuple(dict.fromkeys(numbers))

    @cached_property
    def integers(self) -> npt.NDArray[np.int64]:
        """The numbers."""
        return np.array(self.numbers, dtype="int64")

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(_pattern(number, bounded=True) for number in self.numbers))

    @cached_property
    def _any(self) -> str:
        """For RE2, which looks at no neighbours: matches at least where `_pattern` does."""
        return "|".join(_pattern(number, bounded=False) for number in self.numbers)

    def stand_in(self, texts: pd.Series[Any]) -> npt.NDArray[np.bool_]:
        """For each text whether one of the numbers stands in it."""
        found = np.array(pc.match_substring_regex(as_arrow(texts), self._any), dtype=bool)
        at = np.flatnonzero(found)
        found[at] = [self._pattern.search(str(text)) is not None for text in texts.iloc[at]]
        return found

    def held_by(self, text: str) -> bool:
        """Whether one of the numbers stands in the text, or in the JSON that it is."""
        return self.without(text) != text

    def without(self, text: str) -> str:
        """The text, or the JSON that it is, with `ERASED` in place of the numbers."""
        if text[:1] in {"{", "["}:
            try:
                found = json.loads(text)
            except (ValueError, RecursionError):
                pass
            else:
                cleaned = self._cleaned(found)
                return text if cleaned == found else json.dumps(cleaned)
        return self._pattern.sub(ERASED, text)

    def _cleaned(self, value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
        if isinstance(value, dict):
            return {self._pattern.sub(ERASED, name): self._cleaned(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self._cleaned(one) for one in value]
        if isinstance(value, str):
            return self._pattern.sub(ERASED, value)
        return ERASED if value in self.numbers and not isinstance(value, bool) else value


def _pattern(number: int, *, bounded: bool) -> str:
    code, national = split_number(number)
    digit = _digits()
    own = _BETWEEN.join(digit[int(character)] for character in national)
    zero = f"(?:{digit[0]}{_BETWEEN}){{0,3}}"
    country = f"(?:{_BETWEEN.join(digit[int(character)] for character in code)}{_BETWEEN})?" if code else ""
    whole = rf"\+?{zero}{country}{zero}{own}"
    if bounded and len(national) < _FEW:
        return rf"(?<!\d){whole}(?!\d)"
    return whole


@cache
def _digits() -> tuple[str, ...]:
    """For each digit the class of its characters in every script."""
    classes: list[list[str]] = [[] for _n in range(10)]
    for point in range(sys.maxunicode + 1):
        if (value := unicodedata.decimal(chr(point), None)) is not None:
            classes[value].append(chr(point))
    return tuple(f"[{''.join(characters)}]" for characters in classes)
