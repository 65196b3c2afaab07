"""A Source as JSON values and back: what the journal and saved plans keep of the reading."""

from __future__ import annotations

from dataclasses import asdict
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.pipeline.requests import Source
from ptx_bulk.workbooks import ReadOptions


def source_as_json(source: Source) -> dict[str, Any]:
    """The source as JSON values; the reading's limits are the machine's and are left out."""
    reading = asdict(source.reading)
    reading.pop("limits")
    return {
        "files": list(source.files),
        "list": source.kind.value,
        "accept": source.accept.value,
        "reading": {name: list(value) if isinstance(value, tuple) else value for name, value in reading.items()},
    }


def source_from(values: dict[str, Any]) -> Source | None:
    """The source that `source_as_json` wrote; None where the values hold none.

    Raises:
        ValueError: the values are damaged.
    """
    if not values.get("files"):
        return None
    if not _fits(values["files"], tuple[str, ...]):
        raise ValueError(values["files"])
    kinds = get_type_hints(ReadOptions)
    for name, value in values["reading"].items():
        if not _fits(value, kinds[name]):
            raise ValueError(name)
    reading: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in values["reading"].items()
    }
    try:
        return Source(
            files=tuple(values["files"]),
            reading=ReadOptions(**reading),
            kind=values["list"],
            accept=values["accept"],
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
    if isinstance(value, str) and "\0" in value:  # no name of anything
        return False
    return value is None if kind is NoneType else type(value) is kind
