"""What needs attention: the lines that were not done, grouped by their code."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ptx_bulk.i18n import grouped
from ptx_bulk.model import Code, Status
from ptx_bulk.reports import cell_text, wording

_BAD = [Status.REJECTED, Status.FAILED, Status.UNKNOWN, Status.NOT_ATTEMPTED]
_EXAMPLES = 10
_COLUMNS = ("file", "sheet", "row", "column", "raw", "suggestion", "message")


@dataclass(frozen=True, slots=True)
class Group:
    """All lines with one code, by its first examples.

    Attributes:
        code: the code.
        meaning: its sentence.
        count: number of lines, as text.
        more: number of lines beyond the examples, as text, empty when there are none.
        examples: lines as texts by column name.
    """

    code: str
    meaning: str
    count: str
    more: str
    examples: list[dict[str, str]]


def groups(lines: pd.DataFrame) -> list[Group]:
    """The groups, the largest first; empty cells are normal and no problem."""
    bad = lines[lines["status"].isin(_BAD) & (lines["code"] != Code.EMPTY)]
    counts = {str(code): n for code, n in bad["code"].astype("str").value_counts().items()}
    return [_group(code, n, bad[bad["code"] == code].head(_EXAMPLES)) for code, n in wording.ranked(counts)]


def _group(code: str, count: int, lines: pd.DataFrame) -> Group:
    columns = [cell_text.text(cell_text.column(lines[name], name)).to_pylist() for name in _COLUMNS]
    return Group(
        code=code,
        meaning=wording.sentence(code),
        count=grouped(count),
        more=grouped(count - len(lines)) if count > len(lines) else "",
        examples=[dict(zip(_COLUMNS, values, strict=True)) for values in zip(*columns, strict=True)],
    )
