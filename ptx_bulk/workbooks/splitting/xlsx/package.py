"""The way of a package: for the guarded process, since what it cuts comes from strangers."""

from __future__ import annotations

import json
import re
import zipfile
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from ptx_bulk.workbooks.guard.archives import Archive
from ptx_bulk.workbooks.sheets.limits import Limits
from ptx_bulk.workbooks.sheets.stored import SheetWriter, private_file
from ptx_bulk.workbooks.splitting.handing import SAID, Job, read_job
from ptx_bulk.workbooks.splitting.parts import KEPT, PART_NAMES, SheetParts
from ptx_bulk.workbooks.splitting.spans import Unusual, check_usual
from ptx_bulk.workbooks.splitting.xlsx.moving import Route
from ptx_bulk.workbooks.splitting.xlsx.parts_of_package import TYPES, Package
from ptx_bulk.workbooks.splitting.xlsx.sheets import SheetCutter, unused

_LEVEL = 2  # of compression: the usual one takes three times as long and saves a tenth
_COUNTS = re.compile(rb'(<sst\b[^>]*?) (?:count|uniqueCount)="[0-9]*"')
_NOTHING = np.zeros(0, np.int32)


def split_xlsx(path: Path, limits: Limits, writer: SheetWriter) -> None:
    """Cut the workbook as the job in the writer's folder says, into files beside it.

    Raises:
        UnreadableFile: damaged or hostile.
    """
    job = read_job(writer.folder)
    try:
        told = _split(path, limits, job, writer.folder)
    except Unusual:
        said: dict[str, object] = {"unusual": True}
    else:
        said = {"left_out": sorted(told)}
    (writer.folder / SAID).write_text(json.dumps(said), encoding="utf-8")


def _split(path: Path, limits: Limits, job: Job, folder: Path) -> set[str]:
    with ExitStack() as stack:
        archive = stack.enter_context(Archive(path, limits))
        package = Package.of(archive)
        outputs = [stack.enter_context(_Output(folder / PART_NAMES[part], package)) for part in job.wanted]
        routes = {sheet.part: _routes(job, sheet.name) for sheet in package.sheets}
        tables = [
            {sheet.part: package.tables_of(sheet.part, routes[sheet.part][at]) for sheet in package.sheets}
            for at in range(len(outputs))
        ]
        for output, of_sheets in zip(outputs, tables, strict=True):
            output.begin({part: data for found in of_sheets.values() for part, data in found.values()})
        for sheet in package.sheets:
            kept = frozenset(tables[0][sheet.part]) if job.wanted[0] == KEPT else frozenset()
            cutter = SheetCutter(routes[sheet.part], kept)
            _cut(archive, sheet.part, cutter, outputs)
            package.told |= cutter.told
        if package.strings:
            data = _shared(archive, package.strings)
            for at, output in enumerate(outputs):
                free = unused([routes[sheet.part][at] for sheet in package.sheets], data.count)
                output.add(package.strings, data.without(free))
    return package.told


def _routes(job: Job, sheet: str) -> list[Route]:
    parts = job.sheets.get(sheet, SheetParts(sheet, 0, _NOTHING, np.zeros(0, np.uint8)))
    return [Route(parts, part, job.columns.get(sheet, 0)) for part in job.wanted]


class _Output:
    """One package that is written."""

    def __init__(self, path: Path, package: Package) -> None:
        self._path = path
        self._package = package

    def __enter__(self) -> _Output:
        self._file = private_file(self._path)
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
        return self

    def __exit__(self, *_error: object) -> None:
        self._zip.close()
        self._file.close()

    def begin(self, tables: dict[str, bytes]) -> None:
        """Write all parts but sheets and texts."""
        package, archive = self._package, self._package.archive
        written = {**package.written, **tables}
        named = [*package.copied, *written, *(sheet.part for sheet in package.sheets)]
        named += [package.strings] if package.strings else []
        self.add(TYPES, package.types({archive.spelled(name) for name in named}))
        for name, data in written.items():
            self.add(name, data)
        for name in package.copied:
            self.add(name, archive.read(name).getvalue())

    def add(self, name: str, data: bytes) -> None:
        """Write one part."""
        self._zip.writestr(zipfile.ZipInfo(self._package.archive.spelled(name)), data, zipfile.ZIP_DEFLATED, _LEVEL)

    def part(self, name: str) -> IO[bytes]:
        """A part to be written piece by piece."""
        info = zipfile.ZipInfo(self._package.archive.spelled(name))
        info.compress_type = zipfile.ZIP_DEFLATED
        if hasattr(info, "compress_level"):
            info.compress_level = _LEVEL
        else:
            info._compresslevel = _LEVEL  # type: ignore[attr-defined]
        return self._zip.open(info, "w", force_zip64=True)


def _cut(archive: Archive, part: str, cutter: SheetCutter, outputs: list[_Output]) -> None:
    """Write a sheet to all outputs; a thread compresses the last piece while the next one is cut."""
    with ExitStack() as stack:
        stream = stack.enter_context(archive.open(part))
        streams = [stack.enter_context(output.part(part)) for output in outputs]
        thread = stack.enter_context(ThreadPoolExecutor(1))
        going: Future[None] | None = None
        for pieces in cutter.pieces(stream):
            if going is not None:
                going.result()
            going = thread.submit(_write, streams, pieces)
        if going is not None:
            going.result()


def _write(streams: list[IO[bytes]], pieces: list[bytes]) -> None:
    for stream, piece in zip(streams, pieces, strict=True):
        stream.write(piece)


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
