"""One input file from its path to stored sheets: standard input, compression, format, encoding."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.i18n import _
from ptx_bulk.workbooks.formats import READERS
from ptx_bulk.workbooks.guard.archives import Archive, LockedWorkbook, damaged, too_big
from ptx_bulk.workbooks.guard.arrival import Arrival, arrived, is_lock_file
from ptx_bulk.workbooks.guard.parent import decrypt_guarded, parse_guarded
from ptx_bulk.workbooks.guard.passwords import AskPassword, find_password
from ptx_bulk.workbooks.guard.sniffing import Format, sniff
from ptx_bulk.workbooks.read_options import ReadOptions
from ptx_bulk.workbooks.sheets.limits import Limits
from ptx_bulk.workbooks.sheets.stored import SheetWriter, StoredSheet
from ptx_bulk.workbooks.text.careful import read_delimited
from ptx_bulk.workbooks.text.dialects import Dialect
from ptx_bulk.workbooks.text.encodings import TextFile, to_utf8

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Content:
    """The bytes that a file was read from, to be read once more while the reading is open.

    Attributes:
        path: where they are: the file itself, or a private copy.
        sha256: theirs where they are the file itself; '' for a copy, which nobody changes.
        text, dialect: of text files, how it was read.
        records: how many records a text file holds, blank ones included.
        password: what a protected workbook was opened with, None where it is none; `path` is then the opened copy.
    """

    path: Path
    sha256: str = ""
    text: TextFile | None = None
    dialect: Dialect | None = None
    records: int = 0
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class StoredFile:
    """A file that was taken in.

    Attributes:
        sha256, size: of its bytes.
        format: by content.
        sheets: stored in the folder that was given.
        encoding, bom, delimiter, newline: of text files.
        notices: what the user should know, without the file's name.
        content: its bytes, None for a table in memory.
    """

    sha256: str
    size: int
    format: Format
    sheets: list[StoredSheet]
    encoding: str = ""
    bom: bool = False
    delimiter: str = ""
    newline: str = ""
    notices: tuple[str, ...] = ()
    content: Content | None = None


def store_file(path: str, folder: Path, options: ReadOptions, ask_password: AskPassword | None = None) -> StoredFile:
    """Read one file into `folder`; `-` is standard input.

    Args:
        path: the file.
        folder: for the sheets and for temporary copies.
        options: how to read it.
        ask_password: asked for the password of a protected workbook by its path where no password file is named;
            None for none.

    Raises:
        UnreadableFile: missing, empty, damaged, protected, hostile, changed meanwhile or no spreadsheet; the text
            does not name the file.
        ConfigurationError: no such encoding or delimiter, or the password file cannot be read.
    """
    if is_lock_file(path):
        raise UnreadableFile(
            _("this only shows that a workbook is open in another program, it is no list; name the workbook itself")
        )
    with arrived(path, folder, options.limits) as arrival:
        try:
            return _read(arrival, folder, options)
        except LockedWorkbook:
            password = find_password(path, options.password_file, ask_password)
            if password is None:
                raise
        return _read_protected(arrival, folder, options, password)


def _read_protected(arrival: Arrival, folder: Path, options: ReadOptions, password: str) -> StoredFile:
    copy = decrypt_guarded(arrival.path, folder, options.limits, password)
    try:
        stored = _read(replace(arrival, path=copy), folder, options)
    finally:
        if not options.whole_rows:  # it goes with the folder, after it was split
            copy.unlink(missing_ok=True)
    return replace(stored, content=Content(copy, password=password))


def _read(arrival: Arrival, folder: Path, options: ReadOptions) -> StoredFile:
    real, sha256, size = arrival.path, arrival.sha256, arrival.size
    form = sniff(real)
    if form in {Format.GZIP, Format.ZIP}:
        real = _unpack(real, form, folder, options.limits)
        form = sniff(real)
        if form in {Format.GZIP, Format.ZIP}:
            raise UnreadableFile(_("this is an archive in an archive; unpack it and use the file inside"))
    content = Content(real, sha256 if real == arrival.path and real.parent != folder else "")
    if form is not Format.CSV:
        sheets = parse_guarded(real, READERS[form], folder, options.limits)
        return StoredFile(sha256, size, form, sheets, content=content)
    text = to_utf8(real, folder, options.encoding)
    builder, dialect = read_delimited(text, options.delimiter, options.limits)
    writer = SheetWriter(folder)
    writer.add("", builder)
    return StoredFile(
        sha256,
        size,
        form,
        writer.sheets,
        encoding=text.encoding,
        bom=text.bom,
        delimiter=dialect.shown,
        newline=text.newline,
        notices=text.notices,
        content=replace(content, text=text, dialect=dialect, records=writer.sheets[0].last_row),
    )


def _unpack(path: Path, form: Format, folder: Path, limits: Limits) -> Path:
    copy = folder / "unpacked"
    if form is Format.GZIP:
        try:
            with gzip.open(path) as stream:
                _copy(stream, copy, limits, path.stat().st_size)
        except (OSError, EOFError, zlib.error) as error:
            raise damaged() from error
        return copy
    with Archive(path, limits) as archive:
        names = [name for name in archive.names() if not name.startswith("__macosx/")]
        if len(names) != 1:
            raise UnreadableFile(
                _("this zip file holds {count} files; unpack it and name the ones with numbers").format(
                    count=len(names)
                )
            )
        with archive.open(names[0]) as stream:
            _copy(stream, copy, limits, path.stat().st_size)
    return copy


def _copy(stream: IO[bytes] | gzip.GzipFile, copy: Path, limits: Limits, packed: int) -> None:
    """Unpack to `copy`, but not for ever: a bomb is known by its ratio long before the disk is full."""
    written = 0
    with copy.open("wb") as out:
        while data := stream.read(_CHUNK):
            written += len(data)
            if written > limits.unpacked or (written > 50 * _CHUNK and written > limits.ratio * packed):
                raise too_big(written)
            out.write(data)
