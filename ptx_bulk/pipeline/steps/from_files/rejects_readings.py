"""How rejects files are to be read when they come back mended: as their input was, kept in the state folder by run.

Nothing depends on it: a rejects file whose reading is gone (another machine, a purge) is read like any other file.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from pathlib import Path, PurePath

from ptx_bulk import reports, workbooks
from ptx_bulk.errors import PtxError
from ptx_bulk.numbers import Writings
from ptx_bulk.settings import state_home
from ptx_bulk.workbooks import SettledSheet, SheetReading, letters

_FOLDER = "rejects"
_NAME = re.compile(r"\.(\d{8}-\d{6}-[a-z0-9]{4})\.rejects\b")


def keep(run_id: str, made: Iterable[reports.Rejects], sheets: Iterable[SheetReading]) -> None:
    """Keep how the rejects files of a run are to be read, where the state folder can be written to.

    Args:
        run_id: the run's name, which stands in the names of its rejects files.
        made: the rejects files.
        sheets: what the sheets of the input mean.
    """
    by_sheet = {(one.file, one.sheet): one for one in sheets}
    settled = [
        _settled(path, rejected, by_sheet[rejected.file, rejected.name])
        for rejects in made
        for path, held in rejects.sheets.items()
        for rejected in held
        if (rejected.file, rejected.name) in by_sheet
    ]
    if not settled:
        return
    with contextlib.suppress(OSError, PtxError):
        folder = state_home() / _FOLDER
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / f"{run_id}.toml"
        path.unlink(missing_ok=True)  # a run that is resumed writes its rejects anew
        with reports.new_file(path) as stream:
            stream.write(workbooks.as_toml(settled).encode())


def carried_to(files: Iterable[str]) -> tuple[SettledSheet, ...]:
    """How those of the files that are rejects of ours are to be read, as far as that was kept here."""
    found: list[SettledSheet] = []
    for run_id in dict.fromkeys(match[1] for file in files if (match := _NAME.search(PurePath(file).name))):
        with contextlib.suppress(OSError, PtxError):
            path = state_home() / _FOLDER / f"{run_id}.toml"
            if path.exists():
                found += workbooks.load_reading(str(path))
    return tuple(found)


def forget(before: float) -> None:
    """Delete what was kept before that Unix time."""
    with contextlib.suppress(OSError, PtxError):
        for path in (state_home() / _FOLDER).glob("*.toml"):
            if path.stat().st_mtime < before:
                path.unlink(missing_ok=True)


def forget_runs(run_ids: Iterable[str]) -> None:
    """Delete what was kept of these runs."""
    with contextlib.suppress(OSError, PtxError):
        for run_id in run_ids:
            (state_home() / _FOLDER / f"{run_id}.toml").unlink(missing_ok=True)


def erase(wanted: Writings, *, dry_run: bool = False) -> int:
    """Delete what was kept whose headings hold one of the numbers; returns how many there were."""
    found = 0
    with contextlib.suppress(PtxError):
        for path in (state_home() / _FOLDER).glob("*.toml"):
            if wanted.held_by(path.read_text(encoding="utf-8", errors="replace")):
                found += 1
                if not dry_run:
                    path.unlink(missing_ok=True)
    return found


def _settled(path: Path, rejected: reports.RejectsSheet, reading: SheetReading) -> SettledSheet:
    place_of = rejected.places
    country = place_of.get(reading.country_column.label) if reading.country_column else None
    listed = place_of.get(reading.list_column.label) if reading.list_column else None
    return SettledSheet(
        file=path.name,
        sheet=rejected.name if path.suffix.lower() == ".xlsx" else "",
        header_row=1,
        headings={letters(place): text for place, text in enumerate(rejected.headings) if text.strip()},
        phones=tuple(letters(place_of[one.label]) for one in reading.phones if one.label in place_of),
        # Our own column says the list; where it is empty, the input's does, as it did the first time.
        list_column=None if listed is None else letters(listed),
        polarity=reading.list.polarity.value,
        country_column=None if country is None else letters(country),
        region=reading.region,
    )
