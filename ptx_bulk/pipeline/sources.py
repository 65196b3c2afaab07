"""A Source as JSON values and back: what the journal and saved plans keep of the reading."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

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
    try:
        reading: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values["reading"].items()
        }
        return Source(
            files=values["files"],
            reading=ReadOptions(**reading),
            kind=values["list"],
            accept=values["accept"],
        )
    except (ConfigurationError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(str(error)) from error
