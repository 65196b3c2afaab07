"""Files → validated lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk import numbers, plan, workbooks
from ptx_bulk.i18n import _
from ptx_bulk.model import Accept, Code, ListKind, Status
from ptx_bulk.numbers.sets import distinct
from ptx_bulk.pipeline.requests import Interface, Source


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
    def rows(self) -> int:
        """Rows with any value, over all files."""
        return sum(file.rows for file in self.reading.inputs)

    @property
    def blank(self) -> int:
        """Rows without any value, over all files."""
        return sum(file.blank for file in self.reading.inputs)


@contextmanager
def taken_in(source: Source, interface: Interface) -> Iterator[Intake]:
    """Read, normalise and validate; the original tables live as long as the context.

    Raises:
        InputError: a file cannot be read or has no phone column.
    """
    with ExitStack() as stack:
        with interface.stage(_("Reading the files")):
            reading = stack.enter_context(workbooks.read(source.files, source.reading))
            intake = _normalised(reading, source)
        for notice in intake.notices:
            interface.notice(notice)
        yield intake


def _normalised(reading: workbooks.Reading, source: Source) -> Intake:
    cells = reading.cells
    lists, by_row = _lists(reading, source)
    normalised = numbers.normalise(
        cells["raw"],
        cells["kind"],
        region=_regions(cells, source.reading.region),
        accept=source.accept,
        default=source.reading.region,
    )
    lines = plan.validate(plan.assemble(cells, normalised, lists))
    # The cells have done their duty; a million of them are worth freeing before the plan is made.
    reading.cells = cells.iloc[:0]
    del cells, normalised, lists
    return Intake(lines=lines, reading=reading, lists=_aimed_at(lines, source.kind, by_row), notices=reading.notices)


def spared(lines: pd.DataFrame, region: str | None) -> npt.NDArray[np.int64]:
    """Sorted numbers that rejected rows may mean: what they suggest, and valid ones that are no mobiles.

    `sync` leaves these on the list: a row that could not be read is no reason to take anybody off it.
    """
    rejected = lines[(lines["status"] == Status.REJECTED.value).to_numpy()]
    suggested = rejected["suggestion"]
    suggested = suggested[(suggested != "").to_numpy()].str.split(";").explode()
    landlines = rejected.loc[(rejected["code"] == Code.NOT_MOBILE.value).to_numpy(), "raw"].reset_index(drop=True)
    readings = numbers.normalise(landlines, None, region=region, accept=Accept.ANY)["number"].to_numpy()
    return distinct(np.concatenate([numbers.parse_e164(suggested.reset_index(drop=True)), readings]))


def _regions(cells: pd.DataFrame, default: str | None) -> str | pd.Series | None:
    if (cells["country"] == "").all():
        return default
    known = numbers.country_codes(cells["country"])
    return known.where(known != "", default or "")


def _lists(reading: workbooks.Reading, source: Source) -> tuple[pd.Series, bool]:
    """For each cell `stop`, `npai` or '', and whether any sheet says it row by row."""
    cells = reading.cells
    by_row = {
        (file.path, sheet.name) for file in reading.inputs for sheet in file.sheets if sheet.list_column is not None
    }
    if not by_row:
        return pd.Series(plan.constant(len(cells), source.kind.value)), False
    words = workbooks.list_kinds(cells["list_word"], preset=source.reading.preset).astype("str")
    named = np.zeros(len(cells), dtype=bool)
    for file, sheet in by_row:
        named |= (cells["file"] == file).to_numpy() & (cells["sheet"] == sheet).to_numpy()
    return words.where(named, source.kind.value), True


def _aimed_at(lines: pd.DataFrame, default: ListKind, by_row: bool) -> tuple[ListKind, ...]:
    if not by_row:
        return (default,)
    found = set(lines.loc[(lines["number"] > 0).to_numpy(), "list"].astype("str").unique())
    return tuple(kind for kind in ListKind if kind.value in found) or (default,)


def list_label(lists: tuple[ListKind, ...]) -> str:
    """The lists in one word: `stop`, `npai` or `both`."""
    return lists[0].value if len(lists) == 1 else "both"


def spared_notice(kept: int, kind: ListKind) -> str:
    """The sentence about numbers that sync leaves alone."""
    return _(
        "{count} numbers stay on the {list} list although no valid row holds them: a rejected row may mean them."
    ).format(count=kept, list=kind.name)
