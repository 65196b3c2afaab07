"""The parts of each input as files: their bytes, and the names that these get."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

import pyarrow as pa

from ptx_bulk import reports, workbooks
from ptx_bulk.errors import UnreadableFile
from ptx_bulk.i18n import _
from ptx_bulk.visible import storable
from ptx_bulk.workbooks import KEPT, PART_NAMES, REMOVED, UNSURE, Limits, SheetParts, SheetTable


@dataclass(frozen=True)
class Naming:
    """How the files are called.

    Attributes:
        run_id: the run.
        name: what stands instead of input and run (`-o`), with its folder; None for the default.
        folder: where files of default names go.
        several: whether there are several inputs, so that the name alone would not tell them apart.
        label: which of several accounts the run is for, fit for a name; '' where there is but one.
    """

    run_id: str
    name: Path | None = None
    folder: Path = Path()
    several: bool = False
    label: str = ""

    def path(self, one_input: str, part: int, ending: str) -> Path:
        """`<input>.<run>.kept.csv`, or `<name>.kept.csv`, or `<name>.<input>.kept.csv` where there are several."""
        what = f"{PART_NAMES[part]}{ending}"
        if self.name is None:
            account = f"{self.label}." if self.label else ""
            return reports.part_path(one_input, f"{account}{self.run_id}.{what}", self.folder)
        stem = self.name.name
        if self.name.suffix.lower() in _ENDINGS:  # campaign.csv gives campaign.kept.csv
            stem = self.name.stem
        between = f".{PurePath('stdin' if one_input == '-' else one_input).stem}" if self.several else ""
        return self.name.with_name(f"{stem}{between}.{what}")

    def check(self, inputs: Sequence[str]) -> None:
        """Refuse places that cannot be written, before anything is read.

        Raises:
            PlaceRefused: a name is taken or not valid, or a folder is missing or not to be written to.
        """
        if self.name is None:
            reports.try_folder(self.folder.absolute())
            return
        likely = {one: PurePath(one).suffix.lower() or ".csv" for one in inputs}
        wanted = [self.path(one, part, ending) for one, ending in likely.items() for part in (KEPT, REMOVED, UNSURE)]
        reports.check_places(wanted, inputs=inputs)


_ENDINGS = frozenset(
    {".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".parquet", ".vcf", ".html", ".htm", ".xml"}
)


@dataclass(frozen=True)
class Written:
    """The files of one input.

    Attributes:
        file: the input.
        paths: by the part's name, where it was written.
        notices: what the user should know.
    """

    file: str
    paths: Mapping[str, str]
    notices: tuple[str, ...]


def write_parts(
    file: workbooks.InputFile,
    tables: Sequence[SheetTable],
    parts: Sequence[SheetParts],
    naming: Naming,
    folder: Path,
    limits: Limits,
    listed: Callable[[pa.Array[Any]], bool],
) -> Written:
    """Write an input's parts: `kept` always, the others where they hold anybody.

    Args:
        file: the input.
        tables: its sheets.
        parts: parallel to `tables`.
        naming: of the files.
        folder: a private place for drafts.
        limits: what one file may cost.
        listed: whether a listed number surely stands in one of these texts.

    Raises:
        UnreadableFile: it changed, or cannot be cut within the limits.
        ReportError: a file cannot be written.
    """
    wanted = (KEPT, *(part for part in (REMOVED, UNSURE) if any(one.count(part) for one in parts)))
    sheets = {one.sheet: one for one in parts}
    folder.mkdir()
    try:
        split = workbooks.Splitter(file, tables, sheets, wanted, folder, limits, listed).split()
    except UnreadableFile as error:
        raise UnreadableFile(_("{file}: {problem}").format(file=file.path, problem=error)) from error
    paths: dict[int, Path] = {}
    with ExitStack() as stack:
        # the last to be named is `kept`: where it stands, the others do, too
        for part in wanted:
            paths[part] = _free(naming.path(file.path, part, split.ending), naming)
            stream = stack.enter_context(reports.new_file(paths[part]))
            with split.files[part].open("rb") as made:
                shutil.copyfileobj(made, stream, 1 << 20)
    notices = tuple(_("{file}: {problem}").format(file=file.path, problem=text) for text in split.notices)
    return Written(file.path, {PART_NAMES[part]: storable(path) for part, path in paths.items()}, notices)


def _free(path: Path, naming: Naming) -> Path:
    """A default name steps aside for what is there; one that was asked for does not."""
    return reports.free(path) if naming.name is None else path
