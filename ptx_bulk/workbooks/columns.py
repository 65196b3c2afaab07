"""Which columns hold the phone numbers, the list and the country."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ptx_bulk.errors import ColumnNotFound
from ptx_bulk.i18n import _
from ptx_bulk.model import Accept
from ptx_bulk.numbers import normalise
from ptx_bulk.workbooks.arrow import index, one_piece, texts
from ptx_bulk.workbooks.cells import EMPTY
from ptx_bulk.workbooks.choosing.folding import plain
from ptx_bulk.workbooks.choosing.meaning import NEVER_PHONES, Meaning, meaning, names_phone
from ptx_bulk.workbooks.listwords import LIST_WORDS
from ptx_bulk.workbooks.options import ReadOptions
from ptx_bulk.workbooks.presets import Preset
from ptx_bulk.workbooks.reading import kind_categorical
from ptx_bulk.workbooks.sheets import Sheet, letters

_SHARE_UNNAMED = 0.5
_SHARE_WEAK = 0.3
_FEW_WORDS = 50
_LONGEST_NAME = 60
_MAYBE = (Meaning.WEAK, Meaning.PHONE_UNSURE)
_ABOUT_MAIL = re.compile(r"\b(e ?mail|mail|courriel)")


class NoSuchColumn(ColumnNotFound):
    """No column of the sheet is meant; in a workbook another sheet may have it."""


@dataclass(frozen=True)
class Choice:
    """The columns of a sheet to read, as 0-based places."""

    phones: tuple[int, ...]
    list_column: int | None
    country_column: int | None
    passed_over: tuple[int, ...] = ()  # columns that may hold phone numbers, too


class Chooser:
    """Chooses the columns of one sheet.

    Args:
        sheet: the sheet.
        header_row: the row with the headings, 0 when there is none.
        headings: heading of each column that has one.
        options: what the user said.
        preset: whose export it is, None when nobody said.
    """

    def __init__(
        self, sheet: Sheet, header_row: int, headings: dict[int, str], options: ReadOptions, preset: Preset | None
    ) -> None:
        self._sheet = sheet
        self._header_row = header_row
        self._headings = headings
        self._options = options
        self._preset = preset
        self._meanings = {column: meaning(headings.get(column, "")) for column in sheet.columns}

    def label(self, column: int) -> str:
        """The column's heading, or its letters when it has none."""
        return self._headings.get(column, "").strip() or letters(column)

    def choose(self) -> Choice:
        """The columns.

        Raises:
            ColumnNotFound: no phone column, several equal ones, or a named column that is missing or ambiguous.
        """
        if self._options.columns:
            phones = tuple(dict.fromkeys(self.named(name) for name in self._options.columns))
            passed_over: tuple[int, ...] = ()
        else:
            found = self._preset_column(self._preset.phone) if self._preset else None
            phones, passed_over = ((found,), ()) if found is not None else self._detect()
        return Choice(phones, self._list_column(phones), self._country_column(), passed_over)

    def named(self, name: str) -> int:
        """The column the user means: a heading, else letters, else a 1-based number.

        Raises:
            ColumnNotFound: there is none, or several have that heading.
        """
        exact = [column for column, heading in self._headings.items() if heading.strip() == name.strip()]
        alike = [column for column, heading in self._headings.items() if plain(heading) == plain(name) != ""]
        for found in (exact, alike):
            if len(found) > 1:
                raise ColumnNotFound(
                    _("{count} columns are headed '{name}'; choose one by its letter: {columns}").format(
                        count=len(found), name=name, columns=self._list_of(found)
                    ),
                    tuple(map(letters, found)),
                )
            if found:
                return found[0]
        place = _place(name)
        if place is not None and place in self._sheet.columns:
            return place
        raise NoSuchColumn(
            _("there is no column '{name}'; the columns are: {columns}").format(
                name=name, columns=self._list_of(self._sheet.columns)
            ),
            tuple(self.label(column) for column in self._sheet.columns),
        )

    def _list_of(self, columns: list[int] | tuple[int, ...]) -> str:
        names = [
            f"{letters(column)} ({shown})" if (shown := _one_line(self._headings.get(column, ""))) else letters(column)
            for column in columns[:30]
        ]
        return ", ".join(names) + (" ..." if len(columns) > 30 else "")

    def _detect(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        shares, counts = self._content()
        groups = self._groups(shares)
        likely = [column for group in groups for column in group]
        for named in groups:
            # A column full of other things ("SMS: opt-out") is not meant when one beside it holds numbers.
            group = named
            if any(shares.get(column, 0) > 0 for column in named):
                group = [column for column in named if shares.get(column, 0) > 0 or not counts.get(column, 0)]
            filled = [column for column in group if counts.get(column, 0)]
            if not group or (not filled and any(shares.get(column, 0) > 0 for column in likely)):
                continue
            best = self._best(group, filled)
            return (best,), tuple(column for column in likely if column != best and counts.get(column, 0))
        doubtful = self._doubtful(shares)
        if doubtful:
            raise ColumnNotFound(
                _("no column is surely the one with the phone numbers; name it with --column: {columns}").format(
                    columns=self._list_of(doubtful)
                ),
                tuple(self.label(column) for column in doubtful),
            )
        raise NoSuchColumn(
            _("no column with phone numbers was found; name it with --column: {columns}").format(
                columns=self._list_of(self._sheet.columns)
            ),
            tuple(self.label(column) for column in self._sheet.columns),
        )

    def _doubtful(self, shares: dict[int, float]) -> list[int]:
        """Columns to ask about: some mobile numbers in them, many landline numbers, or a heading that names phones."""
        landlines, _counts = self._content(Accept.ANY)
        return [
            column
            for column, known in self._meanings.items()
            if shares.get(column, 0) >= _SHARE_WEAK
            or landlines.get(column, 0) >= _SHARE_UNNAMED
            or (known in _MAYBE and names_phone(self._headings.get(column, "")))
        ]

    def _groups(self, shares: dict[int, float]) -> list[list[int]]:
        """The columns that may be meant, the likeliest group first."""
        by_meaning: dict[Meaning, list[int]] = {known: [] for known in Meaning}
        for column, known in self._meanings.items():
            by_meaning[known].append(column)
        weak = [*by_meaning[Meaning.WEAK], *by_meaning[Meaning.SENDER]]
        content = [column for column in weak if shares.get(column, 0) >= _SHARE_WEAK]
        content += [column for column in by_meaning[Meaning.OTHER] if shares.get(column, 0) >= _SHARE_UNNAMED]
        return [by_meaning[Meaning.MOBILE], by_meaning[Meaning.PHONE], sorted(content), by_meaning[Meaning.LANDLINE]]

    def _best(self, group: list[int], filled: list[int]) -> int:
        names = {plain(self._headings.get(column, letters(column))) for column in group}
        if len(group) == 1:
            return group[0]
        if len(filled) == 1 and len(names) == len(group):
            return filled[0]
        raise ColumnNotFound(
            _("{count} columns look like the one with the phone numbers; choose with --column: {columns}").format(
                count=len(group), columns=self._list_of(group)
            ),
            tuple(self.label(column) for column in group),
        )

    def _content(self, accept: Accept = Accept.MOBILE) -> tuple[dict[int, float], dict[int, int]]:
        """Share of numbers among the filled cells of each column that may hold some, and how many cells were seen."""
        raws: list[pa.Array[Any]] = []
        kinds: list[np.ndarray] = []
        owners: list[np.ndarray] = []
        for column in self._sheet.columns:
            if self._meanings[column] in NEVER_PHONES:
                continue
            cells, kind = self._sheet.sample(column, self._header_row)
            keep = np.flatnonzero(kind != EMPTY)[:400]
            raws.append(one_piece(cells.take(index(keep))))
            kinds.append(kind[keep])
            owners.append(np.full(len(keep), column))
        owner = np.concatenate(owners) if owners else np.zeros(0, np.int64)
        if not len(owner):
            return {}, {}
        raw = pd.Series(pa.concat_arrays(raws).to_pylist(), dtype="str")
        kind_words = pd.Series(kind_categorical(np.concatenate(kinds).astype(np.uint8)))
        answer = normalise(raw, kind_words, region=self._options.region, accept=accept)
        good = np.zeros(len(owner), bool)
        good[answer.loc[answer["number"] != 0, "cell"].to_numpy()] = True
        counts = {int(column): int((owner == column).sum()) for column in np.unique(owner)}
        shares = {column: float(good[owner == column].sum()) / count for column, count in counts.items()}
        return shares, counts

    def _list_column(self, phones: tuple[int, ...]) -> int | None:
        if self._options.list_column is not None:
            return self.named(self._options.list_column)
        if self._preset and (found := self._preset_column(self._preset.list_column)) is not None:
            return found
        words = set(LIST_WORDS) | set(self._preset.reasons if self._preset else ())
        for column in self._sheet.columns:
            heading = plain(self._headings.get(column, ""))
            if column not in phones and not _ABOUT_MAIL.search(heading) and self._only_words(column, words):
                return column
        return None

    def _only_words(self, column: int, words: set[str]) -> bool:
        """Whether every filled cell below the headings is one of the words, and at least one is."""
        sample, _kinds = self._sheet.sample(column, self._header_row)
        if not _all_in(sample, words):
            return False
        start = int(np.searchsorted(self._sheet.rows, self._header_row, side="right"))
        return _all_in(self._sheet.values(column).slice(start), words)

    def _country_column(self) -> int | None:
        if self._options.country_column is not None:
            return self.named(self._options.country_column)
        return self._preset_column(self._preset.country) if self._preset else None

    def _preset_column(self, headings: tuple[str, ...]) -> int | None:
        for heading in headings:
            for column, present in self._headings.items():
                if plain(present) == plain(heading):
                    return column
        return None


def _one_line(heading: str) -> str:
    """The heading as an error shows it: one line, not too long."""
    text = " ".join(heading.split())
    return text if len(text) <= _LONGEST_NAME else text[:_LONGEST_NAME] + "..."


def _all_in(values: pa.ChunkedArray[Any], words: set[str]) -> bool:
    distinct = [text for text in texts(pc.unique(values).slice(0, _FEW_WORDS + 1)) if text.strip()]
    return 0 < len(distinct) <= _FEW_WORDS and all(plain(text) in words for text in distinct)


def _place(name: str) -> int | None:
    """0-based place of a column named by letters or by a 1-based number."""
    text = name.strip()
    if text.isascii() and text.isdecimal():
        return int(text) - 1
    if re.fullmatch(r"[A-Za-z]{1,3}", text):
        place = 0
        for letter in text.upper():
            place = place * 26 + ord(letter) - 64
        return place - 1
    return None
