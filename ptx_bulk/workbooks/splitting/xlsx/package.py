"""The way of a package: for the guarded process, since what it cuts comes from strangers."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Set as AbstractSet
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from ptx_bulk.workbooks.formats.xlsx.workbook import SheetPart
from ptx_bulk.workbooks.guard.archives import Archive
from ptx_bulk.workbooks.sheets.limits import Limits
from ptx_bulk.workbooks.sheets.stored import SheetWriter, private_file
from ptx_bulk.workbooks.splitting.digit_runs import runs_in, without_runs
from ptx_bulk.workbooks.splitting.handing import SAID, Job, read_job
from ptx_bulk.workbooks.splitting.parts import KEPT, PART_NAMES, SheetParts
from ptx_bulk.workbooks.splitting.spans import Unusual, check_usual
from ptx_bulk.workbooks.splitting.xlsx.canonical import CanonicalArchive
from ptx_bulk.workbooks.splitting.xlsx.formulas import SPOKEN
from ptx_bulk.workbooks.splitting.xlsx.moving import Route
from ptx_bulk.workbooks.splitting.xlsx.parts_of_package import TYPES, Package
from ptx_bulk.workbooks.splitting.xlsx.sheets import SheetCutter, unused

_LEVEL = 2  # of compression: the usual one takes three times as long and saves a tenth
_COUNTS = re.compile(rb'(<sst\b[^>]*?) (?:count|uniqueCount)="[0-9]*"')
_MEASURE = re.compile(rb'(?<!name)(?<!typeface)="-?[0-9]+"')  # angles and lengths of a theme have as many digits
_NOTHING = np.zeros(0, np.int32)


def split_xlsx(path: Path, limits: Limits, writer: SheetWriter) -> None:
    """Cut the workbook as the job in the writer's folder says, into files beside it.

    Raises:
        UnreadableFile: damaged or hostile.
    """
    job = read_job(writer.folder)
    said: dict[str, object] = {"unusual": True}
    try:
        with Archive(path, limits) as archive:
            said = _Splitting(archive, job, writer.folder).split()
    except Unusual:  # another hand's: read in a slower way
        with suppress(Unusual), CanonicalArchive(path, limits, writer.folder) as archive:
            said = _Splitting(archive, job, writer.folder).split()
    (writer.folder / SAID).write_text(json.dumps(said), encoding="utf-8")


class _Splitting:
    """One package on its way to its parts."""

    def __init__(self, archive: Archive, job: Job, folder: Path) -> None:
        self._archive = archive
        self._job = job
        self._folder = folder
        self._package = Package.of(archive, job.erased)
        self._routes = {sheet.part: _routes(job, sheet.name) for sheet in self._package.sheets}
        self._runs: dict[str, set[str]] = {}
        self._lost: dict[str, tuple[int, str]] = {}

    def split(self) -> dict[str, object]:
        """Write the parts; what is to be said of it."""
        with ExitStack() as stack:
            outputs = [stack.enter_context(_Output(self._folder / PART_NAMES[part])) for part in self._job.wanted]
            related = [self._begin(at, output) for at, output in enumerate(outputs)]
            for sheet in self._package.sheets:
                self._sheet(sheet, [one[sheet.part] for one in related], outputs)
            if self._package.strings:
                self._strings(outputs)
        runs = {part: sorted(found) for part, found in self._runs.items() if found}
        return {
            "left_out": sorted(self._package.told),
            "lost": self._lost,
            "runs": runs,
            "macros": self._package.macros,
        }

    def _begin(self, at: int, output: _Output) -> dict[str, set[str]]:
        """Write all but sheets and texts; by sheet the ids of the relations that stay."""
        package, part = self._package, self._job.wanted[at]
        tables = {sheet.part: package.tables_of(sheet.part, self._routes[sheet.part][at]) for sheet in package.sheets}
        written = dict(package.written)
        written[package.workbook] = package.workbook_of(part, self._of(at))
        written |= dict(one for found in tables.values() for one in found.values())
        named = [*package.copied, *written, *self._routes, *([package.strings] if package.strings else [])]
        self._add(output, part, TYPES, package.types({self._archive.spelled(name) for name in named}))
        for name, data in written.items():
            self._add(output, part, name, data)
        for name in package.copied:
            self._add(output, part, name, without_runs_in_markup(name, self._archive.read(name), self._job.erased))
        apart = {one for found in package.tables.values() for one in found}
        return {
            sheet: (package.related[sheet] - apart) | set(found) if sheet in package.related else set(found)
            for sheet, found in tables.items()
        }

    def _of(self, at: int) -> dict[str, Route]:
        return {sheet.name: self._routes[sheet.part][at] for sheet in self._package.sheets}

    def _add(self, output: _Output, part: int, name: str, data: bytes) -> None:
        if part == KEPT:
            named = data if "/theme/" not in name else _MEASURE.sub(b"", data)
            self._note(name, runs_in(named) | runs_in(name.encode()))
        output.add(self._archive.spelled(name), data)

    def _note(self, name: str, runs: AbstractSet[str]) -> None:
        """What stands in the kept package beside the rows, to be compared with the people who left."""
        self._runs[name] = self._runs.get(name, set()) | runs

    def _sheet(self, sheet: SheetPart, related: list[set[str]], outputs: list[_Output]) -> None:
        routes = self._routes[sheet.part]
        cutter = SheetCutter(routes, related, self._of(0), self._job.erased)
        first, last = _cut(self._archive, sheet.part, cutter, outputs)
        if routes[0].part == KEPT:
            self._note(sheet.part, runs_in(first[0]) | runs_in(last[0]) | cutter.formulas.runs)
        self._package.told |= cutter.told
        if cutter.formulas.lost:
            self._lost[sheet.name] = (cutter.formulas.lost, cutter.formulas.first)

    def _strings(self, outputs: list[_Output]) -> None:
        part, sheets = self._package.strings, self._package.sheets
        data = _shared(self._archive, part)
        for at, output in enumerate(outputs):
            free = unused([self._routes[sheet.part][at] for sheet in sheets], data.count)
            written = data.without(free)
            if b"<rPh" in written:  # how texts are spoken
                written = SPOKEN.sub(b"", written) if self._job.erased else written
                self._note(part, {run for found in SPOKEN.finditer(written) for run in runs_in(found[0])})
            output.add(self._archive.spelled(part), written)


def _routes(job: Job, sheet: str) -> list[Route]:
    parts = job.sheets.get(sheet, SheetParts(sheet, 0, _NOTHING, np.zeros(0, np.uint8)))
    return [Route(parts, part, job.columns.get(sheet, 0)) for part in job.wanted]


class _Output:
    """One package that is written."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> _Output:
        self._file = private_file(self._path)
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
        return self

    def __exit__(self, *_error: object) -> None:
        self._zip.close()
        self._file.close()

    def add(self, name: str, data: bytes) -> None:
        """Write one part."""
        self._zip.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED, _LEVEL)

    def part(self, name: str) -> IO[bytes]:
        """A part to be written piece by piece."""
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED
        if hasattr(info, "compress_level"):
            info.compress_level = _LEVEL
        else:
            info._compresslevel = _LEVEL  # type: ignore[attr-defined]
        return self._zip.open(info, "w", force_zip64=True)


def _cut(archive: Archive, part: str, cutter: SheetCutter, outputs: list[_Output]) -> tuple[list[bytes], list[bytes]]:
    """Write a sheet to all outputs, and answer with its first and last pieces.

    A thread compresses the last piece while the next one is cut.
    """
    first: list[bytes] = []
    last: list[bytes] = []
    with ExitStack() as stack:
        stream = stack.enter_context(archive.open(part))
        streams = [stack.enter_context(output.part(archive.spelled(part))) for output in outputs]
        thread = stack.enter_context(ThreadPoolExecutor(1))
        going: Future[None] | None = None
        for last in cutter.pieces(stream):
            first = first or last
            if going is not None:
                going.result()
            going = thread.submit(_write, streams, last)
        if going is not None:
            going.result()
    return first, last


def _write(streams: list[IO[bytes]], pieces: list[bytes]) -> None:
    for stream, piece in zip(streams, pieces, strict=True):
        stream.write(piece)


def without_runs_in_markup(name: str, content: IO[bytes], runs: AbstractSet[str]) -> bytes:
    """A part that is copied; of markup, without these runs of digits."""
    data = content.read()
    return without_runs(data, runs) if name.lower().endswith(".xml") else data


class _Strings:
    """The shared strings of a workbook.

    Raises:
        Unusual: they are not written the usual way.
    """

    def __init__(self, data: bytes) -> None:
        check_usual(data)
        if b"<si " in data or b"<si\n" in data or b":si>" in data:
            raise Unusual
        head, *self._items = data.replace(b"<si/>", b"<si></si>").split(b"<si>")
        self._head = _COUNTS.sub(rb"\1", _COUNTS.sub(rb"\1", head))
        self.count = len(self._items)

    def without(self, free: npt.NDArray[np.bool_]) -> bytes:
        """The part with nothing where no cell needs a text; the others keep their places."""
        items = [b"<t/></si>" if gone else item for item, gone in zip(self._items, free.tolist(), strict=True)]
        if self._items and free[-1]:  # the end of the part stands behind the last one
            items[-1] += self._items[-1].partition(b"</si>")[2]
        return b"<si>".join([self._head, *items])


def _shared(archive: Archive, part: str) -> _Strings:
    with archive.open(part) as stream:
        return _Strings(stream.read())
