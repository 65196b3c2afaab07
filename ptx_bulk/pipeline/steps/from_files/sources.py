"""A Source and what its files mean as JSON values and back: what the journal and saved plans keep of the reading."""

from __future__ import annotations

from dataclasses import dataclass, fields
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from ptx_bulk import workbooks
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.model import ListKind
from ptx_bulk.pipeline.requests import Source
from ptx_bulk.workbooks import ReadOptions, SettledSheet

# Limits are the machine's, and a password's file is for one run; what was settled is kept by itself.
_NOT_KEPT = frozenset({"limits", "password_file", "settled", "carried"})


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What the input was found to mean, as reports show it.

    Attributes:
        sheets: `SheetReading.as_json()` of each sheet that was read.
        sentences: the same for people, a sentence a sheet.
        excluded: rows that the row filters left out.
    """

    sheets: tuple[dict[str, Any], ...] = ()
    sentences: tuple[str, ...] = ()
    excluded: int = 0


def meaning_of(reading: workbooks.Reading) -> Meaning:
    """What these files mean."""
    return Meaning(
        sheets=tuple(sheet.as_json() for sheet in reading.sheets),
        sentences=tuple(sheet.sentence() for sheet in reading.sheets),
        excluded=sum(file.excluded for file in reading.inputs),
    )


def meaning_from(values: dict[str, Any]) -> Meaning:
    """What `source_as_json` kept of the meaning; nothing where an older version kept none, or it is damaged."""
    kept = values.get("meaning")
    if not isinstance(kept, dict):
        return Meaning()
    sheets, sentences, excluded = kept.get("sheets"), kept.get("sentences"), kept.get("excluded")
    return Meaning(
        sheets=tuple(one for one in sheets if isinstance(one, dict)) if isinstance(sheets, list) else (),
        sentences=tuple(one for one in sentences if isinstance(one, str)) if isinstance(sentences, list) else (),
        excluded=excluded if type(excluded) is int else 0,
    )


def source_as_json(source: Source, reading: workbooks.Reading | None = None) -> dict[str, Any]:
    """The source as JSON values, and how its files were settled, so that reading them again asks nothing."""
    said = {one.name: getattr(source.reading, one.name) for one in fields(ReadOptions) if one.name not in _NOT_KEPT}
    settled = source.reading.settled if reading is None else tuple(sheet.settled() for sheet in reading.sheets)
    values: dict[str, Any] = {
        "files": list(source.files),
        "accept": source.accept.value,
        "reading": {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()},
        "settled": [sheet.as_json() for sheet in settled],
    }
    if reading is not None:
        meaning = meaning_of(reading)
        values["meaning"] = {
            "sheets": list(meaning.sheets),
            "sentences": list(meaning.sentences),
            "excluded": meaning.excluded,
        }
    return values


def source_from(values: dict[str, Any]) -> Source | None:
    """The source that `source_as_json` wrote, now or in an older version; None where the values hold none.

    Raises:
        ValueError: the values are damaged.
    """
    if not values.get("files"):
        return None
    if not _fits(values["files"], tuple[str, ...]):
        raise ValueError(values["files"])
    said = dict(values["reading"])
    if "list" in values:  # where the list stood, and what `header_row` was called, before files had a meaning
        said["list"] = values["list"]
    if "header" in said and not said.pop("header"):
        said["header_row"] = 0
    kinds = get_type_hints(ReadOptions)
    for name, value in said.items():
        if not _fits(value, kinds[name]):
            raise ValueError(name)
    reading: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
    settled: tuple[SettledSheet, ...] = tuple(map(workbooks.settled_from, values.get("settled", [])))
    try:
        return Source(
            files=tuple(values["files"]), reading=ReadOptions(**reading, settled=settled), accept=values["accept"]
        )
    except ConfigurationError as error:
        raise ValueError(str(error)) from error


def _fits(value: object, kind: object) -> bool:
    """Whether a JSON value is of the kind that a field of `ReadOptions` is declared with."""
    if get_origin(kind) is UnionType:
        return any(_fits(value, one) for one in get_args(kind))
    if get_origin(kind) is Literal:
        return isinstance(value, str) and value in get_args(kind)
    if get_origin(kind) is tuple:
        return isinstance(value, list) and all(_fits(one, str) for one in value)
    if kind is ListKind:
        return isinstance(value, str) and value in set(ListKind)
    if isinstance(value, str) and "\0" in value:  # no name of anything
        return False
    return value is None if kind is NoneType else type(value) is kind
