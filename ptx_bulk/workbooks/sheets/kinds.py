"""The kinds of cells as categorical columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk.model import CellKind
from ptx_bulk.workbooks.sheets.arrow import Column, lengths
from ptx_bulk.workbooks.sheets.cells import KINDS

_KIND_WORDS = [kind.value for kind in CellKind]
_KIND_CODES = np.array([_KIND_WORDS.index(kind.value) for kind in KINDS], dtype=np.int8)


def categorical(codes: npt.NDArray[Any], words: list[str]) -> pd.Categorical[str]:
    """Positions in `words` as a categorical of these words, all of them kept."""
    made: pd.Categorical[str] = pd.Categorical.from_codes(codes, categories=pd.Index(words, dtype="str"))
    return made


def kind_categorical(kinds: npt.NDArray[np.uint8]) -> pd.Categorical[str]:
    """Positions in `cells.KINDS` as the words of `CellKind`."""
    return categorical(_KIND_CODES[kinds], _KIND_WORDS)


def text_kinds(raws: Column) -> npt.NDArray[np.uint8]:
    """The kinds of cells in a format without types: text, or empty."""
    return (lengths(raws) > 0).astype(np.uint8)
