"""The columns of one sheet under their headings: meanings, names that a user gives them, what their cells look like."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ptx_bulk.errors import ColumnNotFound
from ptx_bulk.i18n import _
from ptx_bulk.model import Accept
from ptx_bulk.numbers import normalise
from ptx_bulk.workbooks.choosing.vocabulary.meaning import NEVER_PHONES, HeadingMeaning, meaning
from ptx_bulk.workbooks.choosing.vocabulary.words import fold, words
from ptx_bulk.workbooks.sheets.arrow import index, lengths, one_piece, to_texts
from ptx_bulk.workbooks.sheets.cells import EMPTY, kind_categorical
from ptx_bulk.workbooks.sheets.sheet import Sheet, letters

_SEEN = 400  # filled cells of a column that are looked at
_SEEN_IN_ALL = 400_000  # cells of all columns together: thousands of columns are looked at less closely
_VALUES_SHOWN = 3
_LONGEST_SHOWN = 60
_FEW_WORDS = 50


class NoSuchColumn(ColumnNotFound):
    """No column of the sheet is meant; in a workbook another sheet may have it."""


@dataclass(frozen=True)
class Content:
    """What the filled cells of a column look like, by a sample: how many, and the shares of mobiles and of phones."""

    filled: int = 0
    mobiles: float = 0.0
    phones: float = 0.0


class Columns:
    """The columns of one sheet.

    Args:
        file: the file's name as the user gave it.
        sheet: the sheet.
        header_row: the row with the headings, 0 when there is none.
        headings: heading of each column that has one.
        meant: the heading's whole text where it stands in two rows; `headings` where None.
        region: in which national writings are read, to know phones by their content.

    Attributes:
        kept: for each row of the sheet whether it is one of the data; filters narrow it.
    """

    def __init__(
        self,
        file: str,
        sheet: Sheet,
        header_row: int,
        headings: dict[int, str],
        meant: dict[int, str] | None = None,
        region: str | None = "FR",
    ) -> None:
        self.kept = sheet.filled & (sheet.rows > header_row)
        self.file = file
        self.sheet = sheet
        self.header_row = header_row
        self.headings = headings
        self._region = region
        whole = meant if meant is not None else headings
        self.meanings = {column: meaning(whole.get(column, "")) for column in sheet.columns}

    def of(self, *wanted: HeadingMeaning) -> list[int]:
        """The columns whose heading has one of these meanings, from left to right."""
        return [column for column, known in self.meanings.items() if known in wanted]

    def label(self, column: int) -> str:
        """The column's heading, or its letters when it has none."""
        return self.headings.get(column, "").strip() or letters(column)

    @cached_property
    def reply_column(self) -> int | None:
        """The column with the text that people answered, in a table of received messages; None in any other."""
        sender = words("phone", "sender")
        folded = {column: fold(heading) for column, heading in self.headings.items()}
        if any(text in sender.of("sent_table_has") for text in folded.values()):
            return None
        return next((column for column, text in folded.items() if text in sender.of("reply_text")), None)

    def option(self, column: int) -> str:
        """What names the column on the command line: its heading where that is plain and unique, else its letters."""
        heading = self.headings.get(column, "").strip()
        alike = sum(fold(other) == fold(heading) for other in self.headings.values())
        usable = heading.isprintable() and 0 < len(heading) <= _LONGEST_SHOWN and alike == 1
        return heading if usable else letters(column)

    def listed(self, columns: Iterable[int]) -> str:
        """The columns in one line: letters, and headings in brackets."""
        chosen = list(columns)
        names = [
            f"{letters(column)} ({shown})" if (shown := one_line(self.headings.get(column, ""))) else letters(column)
            for column in chosen[:30]
        ]
        return ", ".join(names) + (" ..." if len(chosen) > 30 else "")

    def named(self, name: str) -> int:
        """The column the user means: a heading, else letters, else a 1-based number.

        Raises:
            ColumnNotFound: there is none, or several have that heading.
        """
        exact = [column for column, heading in self.headings.items() if heading.strip() == name.strip()]
        alike = [column for column, heading in self.headings.items() if fold(heading) == fold(name) != ""]
        for found in (exact, alike):
            if len(found) > 1:
                raise ColumnNotFound(
                    _("{count} columns are headed '{name}'; choose one by its letter: {columns}").format(
                        count=len(found), name=name, columns=self.listed(found)
                    ),
                    tuple(map(letters, found)),
                )
            if found:
                return found[0]
        place = _place(name)
        if place is not None and place in self.sheet.columns:
            return place
        raise NoSuchColumn(
            _("there is no column '{name}'; the columns are: {columns}").format(
                name=name, columns=self.listed(self.sheet.columns)
            ),
            tuple(self.label(column) for column in self.sheet.columns),
        )

    def headed(self, headings: Iterable[str]) -> int | None:
        """The first column that has one of these headings, the earlier headings first."""
        for heading in headings:
            for column, present in self.headings.items():
                if fold(present) == fold(heading):
                    return column
        return None

    def values(self, column: int) -> pa.ChunkedArray[Any]:
        """The column's texts below the headings."""
        start = int(np.searchsorted(self.sheet.rows, self.header_row, side="right"))
        return self.sheet.values(column).slice(start)

    def narrow(self, rows: npt.NDArray[np.bool_]) -> None:
        """Leave only these rows of the data."""
        self.kept &= rows

    def words(self, column: int) -> list[str] | None:
        """The different filled texts of a column's data, None when they are too many to be words of a list."""
        sample, _kinds = self.sheet.sample(column, self.header_row)
        if len(_distinct(sample)) > 20 * _FEW_WORDS:
            return None
        distinct = _distinct(self.sheet.values(column).filter(index(self.kept)))
        return distinct if len(distinct) <= _FEW_WORDS else None

    def share_filled(self, column: int) -> float:
        """Share of the data rows whose cell in the column is filled."""
        return float((lengths(self.sheet.values(column)) > 0)[self.kept].mean()) if self.kept.any() else 0.0

    def has_blanks(self, column: int) -> bool:
        """Whether a row that holds anything leaves this column empty."""
        return self.share_filled(column) < 1

    def first_values(self, column: int) -> tuple[str, ...]:
        """The first different filled cells, as a question shows them."""
        sample, kinds = self.sheet.sample(column, self.header_row)
        filled = sample.take(index(np.flatnonzero(kinds != EMPTY)[:50]))
        return tuple(one_line(text) for text in list(dict.fromkeys(to_texts(filled)))[:_VALUES_SHOWN])

    @cached_property
    def content(self) -> dict[int, Content]:
        """What the columns look like that a heading does not rule out as phones."""
        return self.looked_at(column for column in self.sheet.columns if self.meanings[column] not in NEVER_PHONES)

    def looked_at(self, columns: Iterable[int]) -> dict[int, Content]:
        """What these columns look like."""
        chosen = list(columns)
        seen = max(10, min(_SEEN, _SEEN_IN_ALL // max(len(chosen), 1)))
        raws: list[pa.Array[Any]] = []
        kinds: list[np.ndarray] = []
        for column in chosen:
            cells, kind = self.sheet.sample(column, self.header_row)
            keep = np.flatnonzero(kind != EMPTY)[:seen]
            raws.append(one_piece(cells.take(index(keep))))
            kinds.append(kind[keep])
        counts = np.array([len(raw) for raw in raws], dtype=np.int64)
        if not counts.sum():
            return {column: Content() for column in chosen}
        owner = np.repeat(np.arange(len(chosen)), counts)
        raw = pd.Series(pa.concat_arrays(raws), dtype="str")
        kind_words = pd.Series(kind_categorical(np.concatenate(kinds).astype(np.uint8)))
        shares = [self._share(raw, kind_words, owner, counts, accept) for accept in (Accept.MOBILE, Accept.ANY)]
        return {
            column: Content(int(counts[at]), float(shares[0][at]), float(shares[1][at]))
            for at, column in enumerate(chosen)
        }

    def _share(
        self, raw: pd.Series, kinds: pd.Series, owner: np.ndarray, counts: np.ndarray, accept: Accept
    ) -> np.ndarray:
        answer = normalise(raw, kinds, region=self._region, accept=accept)
        good = np.zeros(len(owner), bool)
        good[answer.loc[answer["number"] != 0, "cell"].to_numpy()] = True
        return np.asarray(np.bincount(owner[good], minlength=len(counts)) / np.maximum(counts, 1))


def one_line(text: str) -> str:
    """A heading or a value as it is shown: one line, not too long."""
    shown = " ".join(text.split())
    return shown if len(shown) <= _LONGEST_SHOWN else shown[:_LONGEST_SHOWN] + "..."


def _distinct(values: pa.ChunkedArray[Any]) -> list[str]:
    found = pc.unique(values).slice(0, 20 * _FEW_WORDS + 2)
    return [text for text in to_texts(found) if text.strip()]


def _place(name: str) -> int | None:
    """0-based place of a column named by letters or by a 1-based number."""
    text = name.strip()
    if text.isascii() and text.isdecimal() and len(text) <= 6:
        return int(text) - 1
    if re.fullmatch(r"[A-Za-z]{1,3}", text):
        place = 0
        for letter in text.upper():
            place = place * 26 + ord(letter) - 64
        return place - 1
    return None
