"""Files → validated lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk import numbers, plan, workbooks
from ptx_bulk.i18n import _, ngettext
from ptx_bulk.model import Accept, Code, ListKind, Status
from ptx_bulk.numbers.sets import distinct
from ptx_bulk.pipeline.interface import Interface
from ptx_bulk.pipeline.requests import Source
from ptx_bulk.pipeline.steps.from_files import rejects_readings
from ptx_bulk.pipeline.steps.from_files.refused_rows import refused_codes, with_refused_rows
from ptx_bulk.reports import USUAL, Dialect, dialect_of, is_workbook, new_file, of_a_workbook
from ptx_bulk.system.memory import give_back

_BLANKS_MISREAD = "[ÿÊ]"  # the no-break blanks of cp850 and of Mac Roman, read as cp1252


@dataclass(frozen=True, kw_only=True)
class Intake:
    """What the files hold.

    Attributes:
        lines: validated lines.
        reading: what was read, with the original tables; closed with the context.
        lists: the lists that the lines aim at.
        notices: what the user should know of the reading.
    """

    lines: pd.DataFrame
    reading: workbooks.Reading
    lists: tuple[ListKind, ...]
    notices: tuple[str, ...]

    @property
    def files(self) -> tuple[str, ...]:
        """The files that were read, as the user named them."""
        return tuple(file.path for file in self.reading.inputs)

    @property
    def rows(self) -> int:
        """Rows with any value that count, over all files."""
        return sum(file.rows for file in self.reading.inputs)

    @property
    def excluded(self) -> int:
        """Rows that the row filters leave out, over all files."""
        return sum(file.excluded for file in self.reading.inputs)

    @property
    def blank(self) -> int:
        """Rows without any value, over all files."""
        return sum(file.blank for file in self.reading.inputs)

    @property
    def dialect(self) -> Dialect:
        """How a CSV is written that shall open as the first input does."""
        table = next(iter(self.reading.tables), None)
        if table is not None and table.encoding:
            return dialect_of(table)
        return of_a_workbook() if table is not None and is_workbook(table.file) else USUAL


@contextmanager
def read_input(source: Source, interface: Interface) -> Iterator[Intake]:
    """Read, normalise and validate; the original tables live as long as the context.

    Raises:
        InputError: a file cannot be read, has no phone column, or what it means is in doubt and nobody answers.
    """
    with ExitStack() as stack:
        with interface.stage(_("Reading the files")):
            options = replace(source.reading, carried=rejects_readings.carried_to(source.files))
            reading = stack.enter_context(
                workbooks.read(source.files, options, interface.choose, interface.password, frames=source.frames)
            )
            intake = _normalised(reading, source)
        save_reading(source, reading)
        for sheet in reading.sheets:
            interface.notice(sheet.sentence())
        for notice in intake.notices:
            interface.notice(notice)
        yield intake


def save_reading(source: Source, reading: workbooks.Reading) -> None:
    """Keep what the files mean where the source asks for it.

    Raises:
        ReportError: it cannot be written.
    """
    if source.save_reading is not None:
        with new_file(Path(source.save_reading)) as stream:
            stream.write(workbooks.as_toml(sheet.settled() for sheet in reading.sheets).encode())


def _normalised(reading: workbooks.Reading, source: Source) -> Intake:
    cells, region = reading.cells, regions_of(reading.cells)
    refused = refused_codes(cells, source.accept)
    normalised = numbers.normalise(
        cells["raw"],
        cells["kind"],
        region=region,
        default=source.reading.region,
        international=cells["international"] if cells["international"].any() else False,
        accept=source.accept,
    )
    if (refused != "").any():
        normalised = with_refused_rows(normalised, cells, refused, region)
    lines = _with_encoding_hint(plan.validate(plan.assemble_lines(cells, normalised)))
    # The cells have done their duty; a million of them are worth freeing before the plan is made. (A slice without
    # rows would keep them all.)
    reading.cells = cells.take([])
    del cells, normalised
    give_back()
    return Intake(lines=lines, reading=reading, lists=_aimed_at(lines, reading), notices=reading.notices)


def _with_encoding_hint(lines: pd.DataFrame) -> pd.DataFrame:
    """The lines; those whose letters are what a blank becomes under another encoding say so in their detail."""
    letters = np.flatnonzero((lines["code"] == Code.CONTAINS_LETTERS.value).to_numpy())
    raw = lines["raw"].take(letters).astype("str")
    meant = letters[raw.str.contains(_BLANKS_MISREAD, regex=True).to_numpy()]
    if not len(meant):
        return lines
    details = lines["detail"].astype("str").to_numpy(dtype=object)
    details[meant] = _("ÿ or Ê stands where a blank may be meant; try --encoding cp850 or mac_roman.")
    return lines.assign(detail=pd.Series(details, dtype="str", index=lines.index))


def maybe_meant(lines: pd.DataFrame, region: str | None) -> npt.NDArray[np.int64]:
    """Sorted numbers that rejected rows may mean: what they suggest, and valid ones that are no mobiles.

    `sync` leaves these on the list: a row that could not be read is no reason to take anybody off it.
    """
    rejected = lines[(lines["status"] == Status.REJECTED.value).to_numpy()]
    suggested = rejected["suggestion"]
    suggested = suggested[(suggested != "").to_numpy()].str.split(";").explode()
    landlines = rejected.loc[(rejected["code"] == Code.NOT_MOBILE.value).to_numpy(), "raw"].reset_index(drop=True)
    readings = numbers.normalise(landlines, None, region=region, accept=Accept.ANY)["number"].to_numpy()
    return distinct(np.concatenate([numbers.parse_e164(suggested.reset_index(drop=True)), readings]))


def regions_of(cells: pd.DataFrame) -> str | pd.Series | None:
    """The region of all cells, or that of each: its row's country, else its sheet's default."""
    if (cells["country"] == "").all():
        present = cells["region"].unique().tolist()
        if len(present) < 2:
            return present[0] or None if present else None
    country = cells["country"].astype("str")
    return country.where(country != "", cells["region"].astype("str"))


def _aimed_at(lines: pd.DataFrame, reading: workbooks.Reading) -> tuple[ListKind, ...]:
    """The lists that the rows name, and those that whole sheets are for."""
    whole = {one.list.default for one in reading.sheets if one.list_column is None}
    mine = lines["list"].cat.codes.to_numpy()[(lines["number"] > 0).to_numpy()]
    met = np.flatnonzero(np.bincount(mine, minlength=len(lines["list"].cat.categories)))
    named = set(lines["list"].cat.categories[met])
    found = tuple(kind for kind in ListKind if kind in whole or kind.value in named)
    return found or (ListKind.STOP,)


def list_label(lists: tuple[ListKind, ...]) -> str:
    """The lists in one word: `stop`, `npai` or `both`."""
    return lists[0].value if len(lists) == 1 else "both"


def maybe_meant_notice(kept: int, kind: ListKind) -> str:
    """The sentence about numbers that sync leaves alone."""
    return ngettext(
        "{count} number stays on the {list} list although no valid row holds it: a rejected row may mean it.",
        "{count} numbers stay on the {list} list although no valid row holds them: a rejected row may mean them.",
        kept,
    ).format(count=kept, list=kind.name)
