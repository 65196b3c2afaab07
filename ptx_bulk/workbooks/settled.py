"""The settled reading of a sheet as plain values: what `--save-reading` writes, and `--reading` and `apply` read."""

from __future__ import annotations

import stat
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path, PurePath
from typing import Any

import msgspec

from ptx_bulk.errors import InputError, ReadingMismatch
from ptx_bulk.i18n import _
from ptx_bulk.model import ListKind

_TOP = "sheet"
_LARGEST = 16 << 20  # bytes of a reading file; one of 16,384 headings takes half a megabyte


class Polarity(StrEnum):
    """How the cells of a list column are read."""

    WORDS = "words"  # STOP, NPAI, or a word for people who may be written to
    OPT_OUT = "opt_out"  # yes is STOP
    OPT_IN = "opt_in"  # no is STOP
    REPLY = "reply"  # the text of an answer: exactly a STOP, or nothing is known


@dataclass(frozen=True, kw_only=True)
class SettledSheet:
    """What one sheet means, in values that name columns by their letters.

    Attributes:
        file, sheet: where it was settled; `sheet` is '' for text files.
        header_row: the row with the headings, 0 for none.
        headings: text of each column's heading by its letters.
        phones: the columns with the numbers.
        list_column: the column that says the list, None where all rows are for `list`.
        polarity: how its cells are read (`Polarity`).
        list: `stop`, `npai`, or None where rows whose cell says nothing are on no known list.
        country_column: the column that says the country, None for none.
        region: the default region, None for none.
        where: row filters.
        encoding, delimiter: of text files, '' elsewhere.
    """

    file: str
    sheet: str
    header_row: int
    headings: Mapping[str, str]
    phones: tuple[str, ...]
    list_column: str | None = None
    polarity: str = "words"
    list: str | None = None
    country_column: str | None = None
    region: str | None = None
    where: tuple[str, ...] = ()
    encoding: str = ""
    delimiter: str = ""

    def as_json(self) -> dict[str, Any]:
        """The values by name; those that are None are left out, as TOML knows no null."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
        return {name: value for name, value in plain.items() if value is not None}

    def same_headings(self, headings: Mapping[str, str]) -> bool:
        """Whether these are the headings that it was settled with."""
        return {at: text.strip() for at, text in headings.items()} == {
            at: text.strip() for at, text in self.headings.items()
        }


def settled_from(values: object) -> SettledSheet:
    """The sheet that `as_json` wrote.

    Raises:
        ValueError: the values are no settled reading; the text says which.
    """
    if not isinstance(values, dict):
        raise ValueError(_TOP)  # noqa: TRY004 - it is what a file holds
    unknown = sorted(set(values) - {one.name for one in fields(SettledSheet)})
    if unknown:
        raise ValueError(unknown[0])
    try:
        found = msgspec.convert(values, SettledSheet, strict=True)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
    if found.list not in {None, *ListKind}:
        raise ValueError(f"list = {found.list!r}")
    if found.polarity not in set(Polarity):
        raise ValueError(f"polarity = {found.polarity!r}")
    return found


def as_toml(sheets: Iterable[SettledSheet]) -> str:
    """The text of a reading file."""
    lines = ["# How these files were read: ptx-bulk import FILE --reading THIS reads them so again."]
    for sheet in sheets:
        lines += ["", f"[[{_TOP}]]"]
        lines += [f"{name} = {_value(value)}" for name, value in sheet.as_json().items()]
    return "\n".join([*lines, ""])


def load_reading(path: str) -> tuple[SettledSheet, ...]:
    """The sheets of a reading file.

    Raises:
        InputError: the file cannot be read, or holds no reading.
    """
    problem = _("it is no reading that --save-reading wrote")
    try:
        about = Path(path).stat()
        content = Path(path).read_bytes() if stat.S_ISREG(about.st_mode) and about.st_size <= _LARGEST else b""
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        problem = _("it cannot be read ({reason})").format(reason=reason)
    else:
        try:
            tables = tomllib.loads(content.decode()).get(_TOP)
            if isinstance(tables, list) and tables:
                return tuple(settled_from(table) for table in tables)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            problem = _("it is not valid TOML: {problem}").format(problem=error)
        except (ValueError, RecursionError) as error:
            problem = _("it says something that no reading says: {problem}").format(problem=error)
    raise InputError(_("--reading {file}: {problem}").format(file=path, problem=problem))


def settled_for(file: str, sheet: str, sheets: tuple[SettledSheet, ...]) -> SettledSheet | None:
    """The settled reading of that file's sheet: the file's own, else the only one of a sheet with that name.

    Raises:
        ReadingMismatch: several differ, and none is of a file of that name.
    """
    alike = [one for one in sheets if one.sheet.strip().casefold() == sheet.strip().casefold()]
    own = [one for one in alike if PurePath(one.file).name == PurePath(file).name]
    found = own or alike
    if len({str({**one.as_json(), "file": ""}) for one in found}) > 1:
        raise ReadingMismatch(
            _("the reading knows several sheets of this name, but none of a file of this name; correct its `file`")
        )
    return found[0] if found else None


def _value(value: object) -> str:
    """A value in TOML; JSON writes its strings and numbers the same way."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_value(key)} = {_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")
