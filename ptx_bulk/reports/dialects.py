"""How a CSV is written: what parts its cells, and how its characters become bytes."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import BinaryIO, NamedTuple

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _, language

EVERYTHING = "utf-8-sig"  # holds every character, and Excel knows it by its BOM


class Dialect(NamedTuple):
    """What tells one kind of CSV from another; lines end with CRLF in all of them.

    Attributes:
        delimiter: what stands between two cells.
        encoding: Python's name of it; a text that it cannot hold is written in UTF-8 with BOM.
    """

    delimiter: str
    encoding: str


# What programs read by RFC 4180, and what Excel opens by double click where the comma is decimal.
DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {"rfc4180": Dialect(",", "utf-8"), "excel-fr": Dialect(";", EVERYTHING)}
)
USUAL = DIALECTS["rfc4180"]


def dialect_named(name: str) -> Dialect:
    """The dialect that `--dialect` names.

    Raises:
        ConfigurationError: there is none of that name.
    """
    if name not in DIALECTS:
        raise ConfigurationError(
            _("There is no CSV dialect {name}; choose one of {known}.").format(name=name, known=", ".join(DIALECTS))
        )
    return DIALECTS[name]


def dialect_stored(value: object) -> Dialect:
    """The dialect that was kept as a list of its two texts; the usual one where there is none, or no sense in it."""
    if isinstance(value, list) and len(value) == 2 and all(isinstance(text, str) for text in value):
        delimiter, encoding = value
        if len(delimiter) == 1 and delimiter not in '"\r\n' and _is_known(encoding):
            return Dialect(delimiter, encoding)
    return USUAL


def _is_known(encoding: str) -> bool:
    try:
        "".encode(encoding)  # refuses codecs that are none of text
    except (LookupError, ValueError):
        return False
    return True


def dialect_like(encoding: str, delimiter: str, *, bom: bool) -> Dialect:
    """The dialect of a text file that was read, so that what is written beside it opens as it does.

    A spreadsheet reads UTF-8 by its BOM alone. Where `;` says that one is at work, it gets one, although the input had
    none: our own columns may have accents where the input is plain.

    Args:
        encoding: as the reader names it, '' for a file that is no text.
        delimiter: '' where one column needs none: then the language in use says what Excel expects.
        bom: whether it begins with a byte order mark.
    """
    if not encoding:
        return of_a_workbook()
    delimiter = delimiter or of_a_workbook().delimiter
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        return Dialect(delimiter, EVERYTHING)
    if name.startswith("utf-16"):
        return Dialect(delimiter, "utf-16")
    marked = bom or name.startswith("utf-32") or (delimiter == ";" and name in ("utf-8", "ascii"))
    return Dialect(delimiter, EVERYTHING if marked else name)


def of_a_workbook() -> Dialect:
    """The dialect of a CSV that stands in for a workbook: one that Excel opens in the language in use."""
    return DIALECTS["excel-fr"] if language() == "fr" else Dialect(USUAL.delimiter, EVERYTHING)


def in_dialect(stream: BinaryIO, dialect: Dialect, write: Callable[[Dialect], None]) -> None:
    """Have a file written, once more where the encoding lacks one of its characters.

    Args:
        stream: where to; it can be emptied unless the encoding holds everything.
        dialect: what is wished for.
        write: writes the whole file to the stream in the dialect that it is given.
    """
    try:
        write(dialect)
    except UnicodeEncodeError:
        stream.seek(0)
        stream.truncate()
        write(dialect._replace(encoding=EVERYTHING))
