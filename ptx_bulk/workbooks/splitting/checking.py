"""A last look at a package that was written: whether anything in it that is no cell says a number of the lists."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa

Holds: TypeAlias = "Callable[[pa.Array[Any]], bool]"  # whether a listed number surely stands in one of these texts

_VALUE = re.compile(rb"=(?:\"([^\"<]*[0-9][^\"<]*)\"|'([^'<]*[0-9][^'<]*)')")
_PARAGRAPH = re.compile(rb"<(?:[\w.-]+:)?p\b[^>]*>(.*?)</(?:[\w.-]+:)?p>", re.S)
_TEXT = re.compile(rb">([^<]*[0-9][^<]*)<")
_TAG = re.compile(rb"<[^>]*>")
_CELLS = "content.xml"
_SHORTEST = 7


def holds_listed(path: Path, listed: Holds, *, cells: bool) -> bool:
    """Whether a listed number stands in the package.

    Args:
        path: the package.
        listed: knows the lists.
        cells: whether the texts of cells count, too; otherwise they are known to be good.
    """
    with zipfile.ZipFile(path) as package:
        names = [name for name in package.namelist() if name.endswith((".xml", ".rdf"))]
        return any(_says(package.read(name), listed, cells=cells or name != _CELLS) for name in names)


def _says(data: bytes, listed: Holds, *, cells: bool) -> bool:
    texts = {text.decode("utf-8", "replace") for text in _texts(data, cells=cells) if len(text) >= _SHORTEST}
    return bool(texts) and listed(pa.array(sorted(texts), pa.string()))


def _texts(data: bytes, *, cells: bool) -> Iterator[bytes]:
    for found in _VALUE.finditer(data):
        yield found[1] or found[2] or b""
    if cells:
        yield from (found[1] for found in _TEXT.finditer(data))
        yield from (_TAG.sub(b"", found[1]) for found in _PARAGRAPH.finditer(data))
