"""Exports: the lists as files that other programs import."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import pandas as pd

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _
from ptx_bulk.reports import cell_text, new_files
from ptx_bulk.reports.dialects import dialect_named
from ptx_bulk.reports.tables import csv_file, json_file, parquet_file, xlsx_file

if TYPE_CHECKING:
    from ptx_bulk.reports.html.found import Sought

EXPORT_FORMATS = ("csv", "xlsx", "json", "parquet")
FOUND_FORMATS = (*EXPORT_FORMATS, "html")
_ROWS = 50_000


def export_format(name: str, formats: Sequence[str] = EXPORT_FORMATS) -> str:
    """The format that a file's ending says, one of these.

    Raises:
        ConfigurationError: it says none.
    """
    ending = Path(name).suffix.lower().lstrip(".")
    if ending not in formats:
        raise ConfigurationError(
            _("The ending of {name} is no export format; use one of {formats}.").format(
                name=name, formats=", ".join(f".{one}" for one in formats)
            )
        )
    return ending


def export(
    dest: Path | BinaryIO, frame: pd.DataFrame | Iterable[pd.DataFrame], *, format: str, dialect: str = "rfc4180"
) -> None:
    """Write a frame of text columns.

    CSV ends its lines with CRLF and neutralises formulas; XLSX cells are text; JSON is an array of objects.

    Args:
        dest: a file, whose older contents stay until the new ones are complete and then give way at once;
            or an open binary stream.
        frame: the columns `model.EXPORT_COLUMNS`, or those of a CRM; or one frame or more, which are written one
            behind the other, in CSV without being held at once.
        format: one of `EXPORT_FORMATS`.
        dialect: of CSV, one of `DIALECTS`.

    Raises:
        ConfigurationError: there is no such format or dialect.
        ReportError: the file cannot be written.
    """
    writer = _writer(format, dialect)
    with _opened(dest) as stream:
        writer(stream, iter([frame]) if isinstance(frame, pd.DataFrame) else iter(frame))


def export_found(
    dest: Path | BinaryIO,
    numbers: Sequence[Sought],
    frame: pd.DataFrame,
    *,
    format: str,
    notices: Sequence[str] = (),
    dialect: str = "rfc4180",
) -> None:
    """Write what is known of numbers.

    Args:
        dest: as for `export`.
        numbers: number by number, for HTML.
        frame: all their events, with the columns of `model.EVENT_COLUMNS`, for the other formats.
        format: one of `FOUND_FORMATS`.
        notices: what limits the answer, for HTML.
        dialect: of CSV.

    Raises:
        ReportError: the file cannot be written.
    """
    if format != "html":
        export(dest, frame, format=format, dialect=dialect)
        return
    from ptx_bulk.reports.html.found import write_timeline  # noqa: PLC0415 - most exports need no page

    with _opened(dest) as stream:
        write_timeline(stream, numbers, notices)


def write_dossiers(
    path: Path, numbers: Sequence[Sought], *, language: str, controller: str, contact: str, kept_for: str
) -> None:
    """Write what a person is told who asks what is known of them, where no file stands yet; see `html.found`.

    Raises:
        ReportError: the file exists, or cannot be written.
    """
    from ptx_bulk.reports.html.found import write_dossier  # noqa: PLC0415 - most exports need no page

    with new_files.new_file(path) as stream:
        write_dossier(stream, numbers, language=language, controller=controller, contact=contact, kept_for=kept_for)


def _writer(format: str, dialect: str) -> Callable[[BinaryIO, Iterator[pd.DataFrame]], None]:
    chosen = dialect_named(dialect)

    def csv(stream: BinaryIO, parts: Iterator[pd.DataFrame]) -> None:
        first = next(parts)
        tables = (table for part in itertools.chain([first], parts) for table in cell_text.chunks(part, _ROWS))
        csv_file.write_tables(stream, list(first.columns), tables, dialect=chosen)

    def whole(write: Callable[[BinaryIO, pd.DataFrame], None]) -> Callable[[BinaryIO, Iterator[pd.DataFrame]], None]:
        return lambda stream, parts: write(stream, _one(parts))

    def xlsx(stream: BinaryIO, frame: pd.DataFrame) -> None:
        xlsx_file.write_frame(stream, frame, _("Numbers"))

    writers = {
        "csv": csv,
        "xlsx": whole(xlsx),
        "json": whole(json_file.write_records),
        "parquet": whole(parquet_file.write_frame),
    }
    if format not in writers:
        raise ConfigurationError(
            _("There is no export format {name}; choose one of {known}.").format(
                name=format, known=", ".join(EXPORT_FORMATS)
            )
        )
    return writers[format]


def _one(parts: Iterator[pd.DataFrame]) -> pd.DataFrame:
    frames = list(parts)
    return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)


def _opened(dest: Path | BinaryIO) -> AbstractContextManager[BinaryIO]:
    return new_files.replaced_file(dest) if isinstance(dest, Path) else nullcontext(dest)
