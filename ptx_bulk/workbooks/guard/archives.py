"""Zip containers from strangers: declared sizes checked before anything is unpacked."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.i18n import _, grouped
from ptx_bulk.workbooks.sheets.limits import MIB, Limits

_RATIO_MATTERS_FROM = 50 * MIB
_SMALL_PART = 64 * MIB
_MOST_ENTRIES = 20_000
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)


def damaged() -> UnreadableFile:
    """The refusal of a container that is cut off or does not match its checksums."""
    return UnreadableFile(
        _("the file is damaged or its download was cut off; fetch it again, or open it in a spreadsheet program")
    )


def locked() -> UnreadableFile:
    """The refusal of a file that needs a password."""
    return UnreadableFile(
        _("the file is protected by a password; open it, save a copy without the password and use the copy")
    )


class LockedWorkbook(UnreadableFile):
    """A workbook that its password would open."""


def locked_workbook() -> LockedWorkbook:
    """The refusal of a workbook without the password that it needs."""
    return LockedWorkbook(
        _(
            "the file is protected by a password; name a file with it: --password-file FILE, or open it, save a copy"
            " without the password and use the copy"
        )
    )


def too_big(unpacked: int) -> UnreadableFile:
    """The refusal of a file that would unpack to too much."""
    return UnreadableFile(
        _("the file would unpack to {size} MB or more, as attacks do; unpack it yourself if you trust it").format(
            size=grouped(unpacked // MIB)
        )
    )


class Archive:
    """A zip container whose parts are found whatever the case and the slashes of their names."""

    def __init__(self, path: Path, limits: Limits) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except _DAMAGE as error:
            raise damaged() from error
        entries = self._zip.infolist()
        total = sum(entry.file_size for entry in entries)
        if total > limits.unpacked or len(entries) > _MOST_ENTRIES:
            raise too_big(total)
        for entry in entries:
            if entry.file_size > _RATIO_MATTERS_FROM and entry.file_size > limits.ratio * max(entry.compress_size, 1):
                raise too_big(entry.file_size)
        self._parts = {_plain(entry.filename): entry for entry in entries if not entry.is_dir()}

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_error: object) -> None:
        self._zip.close()

    def names(self) -> list[str]:
        """The parts' names, lower case, with forward slashes."""
        return list(self._parts)

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self._parts

    def spelled(self, name: str) -> str:
        """The part's name as the container has it."""
        return self._parts[_plain(name)].filename.replace("\\", "/").lstrip("/")

    def size(self, name: str) -> int:
        """Declared unpacked size of a part, in bytes."""
        return self._parts[_plain(name)].file_size

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """The part as a stream; every kind of damage met while reading becomes `UnreadableFile`."""
        entry = self._parts.get(_plain(name))
        if entry is None:
            raise damaged()
        if entry.flag_bits & 1:
            raise locked()
        try:
            with self._zip.open(entry) as stream:
                yield stream
        except _DAMAGE as error:
            raise damaged() from error

    def read(self, name: str) -> io.BytesIO:
        """A small part as a whole."""
        if name in self and self.size(name) > _SMALL_PART:
            raise too_big(self.size(name))
        with self.open(name) as stream:
            return io.BytesIO(stream.read())


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()
