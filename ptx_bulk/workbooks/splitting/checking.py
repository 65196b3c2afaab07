"""A last look at a package that is kept: whether anything in it that is no cell says a number of the lists.

What it says is gathered in the guarded process, since much of it comes from strangers; whoever knows the lists looks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa

from ptx_bulk.workbooks.guard.archives import Archive
from ptx_bulk.workbooks.sheets.limits import Limits
from ptx_bulk.workbooks.sheets.stored import SheetWriter, private_file

Holds: TypeAlias = "Callable[[pa.Array[Any]], bool]"  # whether a listed number surely stands in one of these texts

_VALUE = re.compile(rb"=(?:\"([^\"<]*[0-9][^\"<]*)\"|'([^'<]*[0-9][^'<]*)')")
_PARAGRAPH = re.compile(rb"<(?:[\w.-]+:)?p\b[^>]*>(.*?)</(?:[\w.-]+:)?p>", re.S)
_TEXT = re.compile(rb">([^<]*[0-9][^<]*)<")
_TAG = re.compile(rb"<[^>]*>")
_CELLS = "content.xml"
_SHORTEST = 7
_TEXTS = "texts.json"


def gather_whole(path: Path, limits: Limits, writer: SheetWriter) -> None:
    """Write down what a package says that stays as it is, cells included, into the writer's folder.

    Raises:
        UnreadableFile: damaged or hostile.
    """
    gather(path, limits, writer.folder, cells=True)


def gather(path: Path, limits: Limits, folder: Path, *, cells: bool) -> None:
    """Write down what a package says.

    Args:
        path: the package.
        limits: what it may cost.
        folder: where it is written down, for `says_listed`.
        cells: whether the texts of cells count, too; otherwise they are known to be good.

    Raises:
        UnreadableFile: damaged or hostile.
    """
    texts: set[str] = set()
    with Archive(path, limits) as package:
        for name in package.names():
            if name.endswith((".xml", ".rdf")):
                with package.open(name) as stream:
                    texts.update(_texts(stream.read(), cells=cells or name != _CELLS))
    with private_file(folder / _TEXTS) as out:
        out.write(json.dumps(sorted(texts)).encode())


def says_listed(folder: Path, listed: Holds) -> bool:
    """Whether a listed number stands in what was gathered there."""
    texts = json.loads((folder / _TEXTS).read_bytes())
    return bool(texts) and listed(pa.array(texts, pa.string()))


def _texts(data: bytes, *, cells: bool) -> Iterator[str]:
    return (text.decode("utf-8", "replace") for text in _pieces(data, cells=cells) if len(text) >= _SHORTEST)


def _pieces(data: bytes, *, cells: bool) -> Iterator[bytes]:
    for found in _VALUE.finditer(data):
        yield found[1] or found[2] or b""
    if cells:
        yield from (found[1] for found in _TEXT.finditer(data))
        yield from (_TAG.sub(b"", found[1]) for found in _PARAGRAPH.finditer(data))
