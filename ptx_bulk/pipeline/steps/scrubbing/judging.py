"""Where each row of the input goes; pure. In doubt a row is not kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from ptx_bulk import numbers, workbooks
from ptx_bulk.model import Accept, Code, Status
from ptx_bulk.pipeline.steps.from_files.intake import regions_of
from ptx_bulk.pipeline.steps.from_files.refused_rows import refused_codes, with_refused_rows
from ptx_bulk.pipeline.steps.scrubbing.known_lists import UNKNOWN_DAY, Int64s, KnownLists, day_texts
from ptx_bulk.pipeline.steps.scrubbing.other_cells import OtherCells, Region, may_mean_listed, of_rows
from ptx_bulk.pipeline.steps.scrubbing.sheet_rows import SheetRows
from ptx_bulk.plan import code_counts, describe_codes
from ptx_bulk.rejected_rows import added_columns
from ptx_bulk.system.memory import give_back
from ptx_bulk.workbooks import EVERYWHERE, KEPT, NOWHERE, REMOVED, UNSURE, Repeated, SheetParts, SheetTable

_WITHOUT_OURS = frozenset(
    {"csv", "ods", "parquet"}
)  # formats that columns are taken out of; in others they stay, and count
_CARDS = "vcf"  # the format whose columns are not all that a row says


@dataclass(frozen=True)
class Judged:
    """Every row of a reading, judged.

    Attributes:
        sheets: what is found in each sheet, and where its rows go; sheets that were not read come last.
        statuses: phone values by status, as `check` would have them.
        codes: the same by code.
        others: what the cells that are no phone cells were looked through with.
    """

    sheets: list[tuple[SheetRows, SheetParts]]
    statuses: dict[str, int]
    codes: dict[str, int]
    others: OtherCells

    def say_listed(self, texts: pa.Array[Any]) -> bool:
        """Whether a listed number surely stands in one of these texts."""
        return bool(self.others.spotter.spot(texts, self.others.region).sure.any())


@dataclass(frozen=True)
class Judge:
    """Judges the rows of a reading.

    Attributes:
        known: the lists.
        region: the default region.
        accept: `mobile`: a valid number that no SMS reaches makes a row unsure.
        drop_numberless: rows without any number go nowhere.
    """

    known: KnownLists
    region: str | None
    accept: Accept
    drop_numberless: bool = False

    def judge(self, reading: workbooks.Reading) -> Judged:
        """Where the rows of each sheet go; what the cells held leaves the reading once it is read."""
        region = regions_of(reading.cells)
        others = OtherCells.of(self.known, self.region, reading.cells)
        read = self._readings(reading.cells, region, others)
        reading.cells = cells = reading.cells.drop(columns=["raw", "kind", "international"])
        give_back()
        found = [SheetRows.of(table) for table in reading.tables]
        files = {file.path: file for file in reading.inputs}
        for rows, sheet, part in zip(found, reading.sheets, _slices(cells, reading.tables), strict=True):
            of_cells = np.searchsorted(rows.table.rows, cells["row"].to_numpy()[part])
            self._phone_cells(rows, cells, part, of_cells, read)
            phones = {one.place for one in sheet.phones}
            rows.ours = tuple(sorted(set(_ours(rows.table)) - phones))
            beside = [one.place for one in sheet.others if one.place not in rows.ours]
            here = of_rows(region, part, of_cells, rows)
            others.phones(rows, beside, here)
            others.rest(rows, phones | set(beside), here)
            if rows.table.sheet == "" and files[rows.table.file].format == _CARDS:
                others.cards(rows, files[rows.table.file], here)
        sheets = [(rows, self._parts(rows, read=True)) for rows in found]
        for table in reading.unread:
            rows = SheetRows.of(table)
            others.unread(rows)
            sheets.append((rows, self._parts(rows, read=False)))
        good = int((read.first["number"] > 0).sum())
        statuses = {Status.VALID.value: good, Status.REJECTED.value: len(read.first) - good}
        return Judged(sheets, {name: n for name, n in statuses.items() if n}, code_counts(read.first["code"]), others)

    def _readings(self, cells: pd.DataFrame, region: Region, others: OtherCells) -> _Readings:
        international = cells["international"] if cells["international"].any() else False
        first = numbers.normalise(
            cells["raw"],
            cells["kind"],
            region=region,
            default=self.region,
            international=international,
            accept=Accept.MOBILE,
        )
        # What is no mobile may be on a list all the same, and so may what is in no numbering plan.
        refused = (first["number"] == 0).to_numpy() & (first["code"] != Code.EMPTY.value).to_numpy()
        again = np.unique(first["cell"].to_numpy()[refused])
        raw = cells["raw"].iloc[again].reset_index(drop=True)
        here = region.iloc[again].reset_index(drop=True) if isinstance(region, pd.Series) else region
        second = numbers.normalise(
            raw,
            cells["kind"].iloc[again].reset_index(drop=True),
            region=here,
            default=self.region,
            international=cells["international"].iloc[again].reset_index(drop=True) if again.size else False,
            accept=Accept.ANY,
        )
        written = numbers.parse_e164(raw.astype("str")) if len(raw) else np.zeros(0, np.int64)
        within = others.spotter.spot(pa.array(raw, pa.string()), here)
        more = [(again[second["cell"].to_numpy()], second["number"].to_numpy()), (again, written)]
        more.append((again[within.places[within.sure]], within.numbers[within.sure]))
        codes = refused_codes(cells, Accept.ANY)
        if (codes != "").any():
            more.append((first["cell"].to_numpy(), np.where(codes[first["cell"].to_numpy()] != "", first["number"], 0)))
            first = with_refused_rows(first, cells, codes, region)
        return _Readings(
            first,
            np.concatenate([at for at, _number in more]),
            np.concatenate([number for _at, number in more]),
            set(Code) - {Code.EMPTY} - ({Code.NOT_MOBILE} if self.accept is Accept.ANY else set()),
        )

    def _phone_cells(
        self, rows: SheetRows, cells: pd.DataFrame, part: slice, of_cells: Int64s, read: _Readings
    ) -> None:
        """What the phone columns hold."""
        rows.judged[of_cells] = True
        first = read.first
        begin, end = np.searchsorted(first["cell"].to_numpy(), (part.start, part.stop))
        lines = first.iloc[begin:end]
        at = of_cells[lines["cell"].to_numpy() - part.start]
        number = lines["number"].to_numpy()
        rows.listed(at[number > 0], number[number > 0], self.known)
        rows.numbered[at[number > 0]] = True
        rows.misplaced(at, cells["column"].iloc[lines["cell"].to_numpy()], number, self.known)
        chosen = (read.cells >= part.start) & (read.cells < part.stop) & (read.numbers > 0)
        also = of_cells[read.cells[chosen] - part.start]
        rows.listed(also, read.numbers[chosen], self.known)
        rows.numbered[also] = True
        codes = lines["code"].astype("category")
        bad = np.array([str(code) in read.wrong for code in codes.cat.categories] or [False])[codes.cat.codes]
        unread = (number == 0) & bad
        doubtful = unread | may_mean_listed(lines["suggestion"], self.known)
        told = lines[doubtful]
        where = told["cell"].to_numpy()
        column, detail = (cells[name].iloc[where].astype("str").to_numpy(object) for name in ("column", "detail"))
        code, suggestion = (told[name].astype("str").to_numpy(object) for name in ("code", "suggestion"))
        rows.doubted(at[doubtful], column, code, detail, suggestion)

    def _parts(self, rows: SheetRows, *, read: bool) -> SheetParts:
        """Where the rows go.

        Args:
            rows: what was found in them.
            read: whether the sheet was read; of any other only listed and doubtful rows leave.
        """
        table, listed = rows.table, rows.bits > 0
        part = np.full(len(table.rows), KEPT, np.uint8)
        below = table.rows > table.header_row
        if read:
            part[table.filled & below & ~rows.judged] = NOWHERE  # filtered, or hidden and skipped
            if self.drop_numberless:
                part[rows.judged & ~rows.numbered] = NOWHERE
            part[~below] = EVERYWHERE
        # a row that is left out on purpose stays so, and headings are everybody's
        may_leave = ((part != NOWHERE) | rows.judged) & ((table.rows != table.header_row) | (not read))
        part[rows.doubtful & may_leave] = UNSURE
        part[listed & may_leave] = REMOVED
        return SheetParts(
            sheet=table.sheet,
            header_row=table.header_row if read else 0,
            rows=table.rows,
            part=part,
            added={REMOVED: self._why_removed(rows, part), UNSURE: _why_unsure(rows, part)},
            dropped=rows.ours,
        )

    def _why_removed(self, rows: SheetRows, part: npt.NDArray[np.uint8]) -> Repeated:
        """Lists and date for each row that is removed."""
        places = np.flatnonzero(part == REMOVED)
        at = np.concatenate([hit for hit, _found in rows.hits] or [np.zeros(0, np.int64)])
        found = np.concatenate([found for _hit, found in rows.hits] or [np.zeros(0, np.int64)])
        first = np.full(len(part), UNKNOWN_DAY)
        np.minimum.at(first, at, self.known.since(found))
        names = [self.known.names(bits) for bits in range(1 << len(self.known.lists))]
        days, which = np.unique(first[places], return_inverse=True)
        words: list[tuple[str, ...]] = [(name, day) for day in day_texts(days) for name in names]
        return Repeated((which * len(names) + rows.bits[places]).astype(np.int32), words)


@dataclass(frozen=True)
class _Readings:
    """How the phone cells read: as check reads them, and every other number that a refused cell may be.

    Attributes:
        first: what `numbers.normalise` answered, refused rows included.
        cells, numbers: further numbers, and the cells they stand in.
        wrong: codes of values that cannot be read.
    """

    first: pd.DataFrame
    cells: npt.NDArray[np.int64]
    numbers: Int64s
    wrong: set[Code]


def _slices(cells: pd.DataFrame, tables: Sequence[SheetTable]) -> Iterator[slice]:
    """The cells of each table; they follow each other in the order of the tables."""
    file, sheet = cells["file"].cat, cells["sheet"].cat
    files, sheets = file.categories.tolist(), sheet.categories.tolist()
    file_codes, sheet_codes = file.codes.to_numpy(), sheet.codes.to_numpy()
    start = 0
    for table in tables:
        mine = 0
        if table.file in files and table.sheet in sheets:
            same = (file_codes[start:] == files.index(table.file)) & (sheet_codes[start:] == sheets.index(table.sheet))
            mine = len(same) if same.all() else int(same.argmin())
        yield slice(start, start + mine)
        start += mine


def _ours(table: SheetTable) -> list[int]:
    """The places of columns that an earlier part of ours brought along."""
    known = table.header_row and table.format in _WITHOUT_OURS
    return [table.positions[at] for at in added_columns(table.headings)] if known else []


def _why_unsure(rows: SheetRows, part: npt.NDArray[np.uint8]) -> list[tuple[str, ...]]:
    """Codes, sentences and suggestions for each row that is unsure."""
    if not rows.reasons:
        return []
    unsure = part == UNSURE
    told = pd.concat([told[unsure[told["at"].to_numpy()]] for told in rows.reasons], ignore_index=True)
    at = told["at"].to_numpy(np.int64)
    message = describe_codes(told["code"]).astype("str").str.cat(told["detail"].astype("str"), sep=" ").str.strip()
    of_line = [told["column"].tolist(), told["code"].tolist(), message.tolist(), told["suggestion"].tolist()]
    lines = list(zip(*of_line, strict=True))
    order = np.argsort(at, kind="stable")
    begin = np.searchsorted(at[order], np.flatnonzero(unsure)).tolist()
    in_order = [lines[place] for place in order.tolist()]
    return [
        in_order[start][1:] if stop - start == 1 else _joined(in_order[start:stop])
        for start, stop in pairwise([*begin, len(in_order)])
    ]


def _joined(said: list[tuple[str, str, str, str]]) -> tuple[str, ...]:
    """What is said of a row with several values in doubt; a message names its column if they differ."""
    columns, codes, messages, suggestions = zip(*said, strict=True) if said else ((), (), (), ())
    if len(set(columns)) > 1:
        messages = tuple(f"{column}: {message}" for column, message in zip(columns, messages, strict=True))
    return tuple(
        sign.join(dict.fromkeys(filter(None, texts)))
        for sign, texts in (("+", codes), (" ", messages), ("; ", suggestions))
    )
