"""Lists that `export` wrote, or any list file with a phone and a list column: what cannot be read is refused.

A row of a contact file that cannot be read is set aside; a row of a list that cannot be read would be a person
forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from ptx_bulk import numbers, workbooks
from ptx_bulk.errors import InputError, UnreadableFile
from ptx_bulk.i18n import _, ngettext
from ptx_bulk.model import Accept, Code, ListKind
from ptx_bulk.pipeline.interface import Interface
from ptx_bulk.pipeline.steps.from_files.intake import regions_of
from ptx_bulk.pipeline.steps.scrubbing.known_lists import Int64s, KnownList, KnownLists, days_of
from ptx_bulk.workbooks import ReadOptions

_DATES = ("stopped_at", "added_approx")  # of an export, the better one first
_HEADS = ((b"phone,list,", ","), (b"\xef\xbb\xbfphone;list;", ";"))
_BLOCK = 4 << 20  # bytes of a CSV at once
_NAMES = [kind.value for kind in ListKind]
Ahead: TypeAlias = "Mapping[str, Future[pd.DataFrame | None]]"  # files that are being read, by their names


@contextmanager
def exports_ahead(paths: Sequence[str]) -> Iterator[Ahead]:
    """The CSV among these files, read by a thread as long as they are what `export` writes: nothing is asked then."""
    with ThreadPoolExecutor(1) as thread:
        csvs = [path for path in paths if Path(path).suffix.lower() == ".csv"]
        yield {path: thread.submit(_plain_csv, Path(path)) for path in csvs}


def read_exports(
    paths: Sequence[str], ahead: Ahead, wanted: tuple[ListKind, ...], asked: ReadOptions, interface: Interface
) -> KnownLists:
    """The wanted lists, from files.

    Args:
        paths: the files.
        ahead: those that are being read already (`exports_ahead`).
        wanted: the lists.
        asked: how the files to scrub are read; a list's numbers are of the same region, and cost as much at most.
        interface: asked what the files mean.

    Raises:
        InputError: a file cannot be read, a row of it is no number or names no list, or it holds no number at all.
    """
    frames = [_checked(path, _read(path, ahead, wanted, asked, interface)) for path in paths]
    whole = pd.concat(frames, ignore_index=True)
    present = {kind for kind in ListKind if (whole["list"] == kind.value).any()}
    if not present & set(wanted):
        raise InputError(
            _(
                "{files}: no number of the {list} list is in it; export that list, or name another one with --list"
            ).format(files=", ".join(paths), list="/".join(kind.name for kind in wanted))
        )
    for kind in wanted:
        if kind not in present:
            interface.notice(
                _("No number of the {list} list is in {files}; nobody is removed for being on it.").format(
                    list=kind.name, files=", ".join(paths)
                )
            )
    return KnownLists(_known(kind, whole[(whole["list"] == kind.value).to_numpy()]) for kind in wanted)


def _known(kind: ListKind, rows: pd.DataFrame) -> KnownList:
    every = rows["number"].to_numpy()
    order = np.argsort(every, kind="stable")
    ordered, days = every[order], rows["day"].to_numpy()[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    return KnownList(kind, ordered[starts], 0, np.minimum.reduceat(days, starts) if len(starts) else days)


def _checked(path: str, frame: pd.DataFrame) -> pd.DataFrame:
    if not len(frame):
        raise InputError(
            _("{file}: no number was found in it; a list that is empty or cut off would let everybody through").format(
                file=path
            )
        )
    return frame


def _read(
    path: str, ahead: Ahead, wanted: tuple[ListKind, ...], asked: ReadOptions, interface: Interface
) -> pd.DataFrame:
    """Columns `number`, `list` and `day`, a row for each number of the file."""
    try:
        if path in ahead:
            found = ahead[path].result()
        else:
            found = _json(Path(path)) if Path(path).suffix.lower() == ".json" else None
    except OSError as error:
        raise UnreadableFile(_("{file}: {problem}").format(file=path, problem=error.strerror or error)) from error
    return _by_reading(path, wanted, asked, interface) if found is None else found


def _plain_csv(path: Path) -> pd.DataFrame | None:
    """A CSV as `export` writes it, all at once; None where it has to be read like any other file."""
    with path.open("rb") as file:
        head = file.readline(4096)
    delimiter = next((sign for begin, sign in _HEADS if head.startswith(begin)), None)
    if delimiter is None:
        return None
    try:
        with arrow_csv.open_csv(
            str(path),
            read_options=arrow_csv.ReadOptions(block_size=_BLOCK),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter),
            convert_options=arrow_csv.ConvertOptions(
                include_columns=["phone", "list", *_DATES],
                include_missing_columns=True,
                column_types=dict.fromkeys(("phone", "list", *_DATES), pa.string()),
                strings_can_be_null=False,
            ),
        ) as reader:
            parts = [_exported(part) for part in map(_table, reader)] or [_exported(reader.schema.empty_table())]
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        return None
    found = [part for part in parts if part is not None]
    return pd.concat(found, ignore_index=True) if found and len(found) == len(parts) else None


def _table(batch: pa.RecordBatch) -> pa.Table:
    return pa.Table.from_batches([batch])


def _json(path: Path) -> pd.DataFrame:
    try:
        rows = json.loads(path.read_bytes())
        table = pa.table(
            {
                name: pa.array([str(row.get(name) or "") for row in rows], pa.string())
                for name in ("phone", "list", *_DATES)
            }
        )
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise UnreadableFile(
            _("{file}: this is not a list that ptx-bulk export wrote as JSON; export it again").format(file=path)
        ) from error
    found = _exported(table)
    if found is None:
        raise UnreadableFile(
            _("{file}: a row of it holds no number in E.164, or names no list; export it again").format(file=path)
        )
    return found


def _exported(table: pa.Table) -> pd.DataFrame | None:
    """The rows of an export; None where one is not in E.164, or names no list."""
    number = numbers.e164_numbers(table.column("phone"))
    if (number == 0).any() or not all(name in _NAMES for name in pc.unique(table.column("list")).to_pylist()):
        return None
    stopped, added = (table.column(name).to_pandas().fillna("").astype("str") for name in _DATES)
    named = pd.Categorical(table.column("list").to_pandas(), categories=_NAMES)
    return pd.DataFrame({"number": number, "list": named, "day": days_of(stopped.where(stopped != "", added))})


def _by_reading(path: str, wanted: tuple[ListKind, ...], asked: ReadOptions, interface: Interface) -> pd.DataFrame:
    """Any list file, read as `check` reads it."""
    options = ReadOptions(
        limits=asked.limits,
        region=asked.region,
        region_given=asked.region_given,
        password_file=asked.password_file,
        every_phone=True,
    )
    with workbooks.read([path], options, interface.choose, interface.password) as reading:
        cells = reading.cells
        answer = numbers.normalise(
            cells["raw"],
            cells["kind"],
            region=regions_of(cells),
            default=options.region,
            international=cells["international"] if cells["international"].any() else False,
            accept=Accept.ANY,
        )
        at = answer["cell"].to_numpy()
        named = cells["list"].astype("str").to_numpy()[at]
        if len(wanted) == 1 and all(sheet.list_column is None for sheet in reading.sheets):
            named = np.full(len(at), wanted[0].value, dtype=object)
        listed = named != "none"
        damaged = (cells["detail"] != "").to_numpy()[at]
        filled = (answer["code"] != Code.EMPTY.value).to_numpy()
        # a list holds what it holds, be it in no numbering plan
        number = answer["number"].to_numpy()
        number = np.where(number == 0, numbers.parse_e164(cells["raw"])[at], number)
        wrong = listed & filled & ((number == 0) | damaged | (named == ""))
        wrong |= listed & ~_beside(cells, at, filled)
        if wrong.any():
            raise _forgotten(path, cells.iloc[at[wrong]])
        good = listed & filled
        for sheet in reading.sheets:
            interface.notice(sheet.sentence())
        return pd.DataFrame(
            {
                "number": number[good],
                "list": pd.Categorical(named[good]),
                "day": days_of(pd.Series(_dates_in(reading, cells.iloc[at[good]]), dtype="str")),
            }
        )


def _beside(cells: pd.DataFrame, at: Int64s, filled: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """For each line whether any phone cell of its row is filled: an entry without a number is nobody."""
    sheet, row = cells["sheet"].cat.codes.to_numpy()[at], cells["row"].to_numpy()[at]
    starts = np.flatnonzero(np.diff(sheet, prepend=-1) | np.diff(row, prepend=-1))
    any_filled = np.logical_or.reduceat(filled, starts) if len(starts) else filled
    return np.repeat(any_filled, np.diff(np.append(starts, len(at))))


def _forgotten(path: str, cells: pd.DataFrame) -> InputError:
    text = ngettext(
        "{file}: {count} row of this list cannot be read (row {row}); mend it, or export the list again: a row that is "
        "left out would be somebody forgotten",
        "{file}: {count} rows of this list cannot be read (the first is row {row}); mend them, or export the list "
        "again: a row that is left out would be somebody forgotten",
        len(cells),
    )
    return InputError(text.format(file=path, count=len(cells), row=int(cells["row"].iloc[0])))


def _dates_in(reading: workbooks.Reading, cells: pd.DataFrame) -> Any:  # noqa: ANN401 - a column of texts
    """The dates that the file has beside its numbers, in the columns of an export."""
    dates = np.full(len(cells), "", dtype=object)
    sheets, rows = cells["sheet"].astype("str").to_numpy(), cells["row"].to_numpy()
    for table in reading.tables:
        mine = np.flatnonzero(sheets == table.sheet)
        for name in reversed(_DATES):
            if name in table.headings and len(mine):
                place = table.layout().index(name)
                texts = np.array(table.original(rows[mine])[place].texts.to_pylist(), dtype=object)
                dates[mine] = np.where(texts != "", texts, dates[mine])
    return dates
