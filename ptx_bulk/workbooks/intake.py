"""One input file from its path to stored sheets: standard input, compression, format, encoding."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.i18n import _
from ptx_bulk.workbooks.archives import Archive, damaged, too_big
from ptx_bulk.workbooks.delimited import read_delimited
from ptx_bulk.workbooks.encodings import to_utf8
from ptx_bulk.workbooks.guard import parse_guarded
from ptx_bulk.workbooks.options import Limits, ReadOptions
from ptx_bulk.workbooks.sniffing import Format, sniff
from ptx_bulk.workbooks.stored import SheetWriter, StoredSheet

_STDIN = "-"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Intake:
    """A file that was taken in.

    Attributes:
        sha256, size: of its bytes.
        format: by content.
        sheets: stored in the folder that was given.
        encoding, bom, delimiter, newline: of text files.
        notices: what the user should know, without the file's name.
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


def take_in(path: str, folder: Path, options: ReadOptions) -> Intake:
    """Read one file into `folder`; `-` is standard input, read as text.

    Raises:
        UnreadableFile: missing, empty, damaged, protected, hostile or no spreadsheet; the text does not name the file.
        ConfigurationError: no such encoding or delimiter.
    """
    real = _spool(folder) if path == _STDIN else Path(path)
    sha256, size = _fingerprint(real)
    form = sniff(real)
    if form in {Format.GZIP, Format.ZIP}:
        real = _unpack(real, form, folder, options.limits)
        form = sniff(real)
        if form in {Format.GZIP, Format.ZIP}:
            raise UnreadableFile(_("this is an archive in an archive; unpack it and use the file inside"))
    if form is not Format.CSV:
        return Intake(sha256, size, form, parse_guarded(real, form, folder, options.limits))
    text = to_utf8(real, folder, options.encoding)
    builder, dialect = read_delimited(text, options.delimiter, options.limits)
    writer = SheetWriter(folder)
    writer.add("", builder)
    return Intake(
        sha256,
        size,
        form,
        writer.sheets,
        encoding=text.encoding,
        bom=text.bom,
        delimiter=dialect.shown,
        newline=text.newline,
        notices=text.notices,
    )


def _spool(folder: Path) -> Path:
    copy = folder / "stdin"
    with copy.open("wb") as out:
        shutil.copyfileobj(sys.stdin.buffer, out, _CHUNK)
    return copy


def _fingerprint(path: Path) -> tuple[str, int]:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return digest, file.tell()
    except FileNotFoundError as error:
        raise UnreadableFile(_("there is no such file; check its name and folder")) from error
    except IsADirectoryError as error:
        raise UnreadableFile(_("this is a folder; name the files in it")) from error
    except PermissionError as error:
        if path.is_dir():
            raise UnreadableFile(_("this is a folder; name the files in it")) from error
        raise UnreadableFile(_("the file may not be read; close it in other programs or check its rights")) from error
    except OSError as error:
        raise UnreadableFile(_("the file cannot be read ({detail})").format(detail=error.strerror)) from error


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
