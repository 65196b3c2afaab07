"""Markup of another hand written anew in the usual way: same elements, same values, places of cells spelled out."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape, quoteattr

from ptx_bulk.workbooks.formats.xlsx.events import column_index
from ptx_bulk.workbooks.guard.archives import Archive
from ptx_bulk.workbooks.guard.safexml import Attributes, local, parse
from ptx_bulk.workbooks.sheets.limits import Limits
from ptx_bulk.workbooks.sheets.sheet import letters
from ptx_bulk.workbooks.splitting.spans import Unusual

_HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_ROOTS = frozenset({"worksheet", "workbook", "sst", "table", "Types"})
_FIRST = {"row": ("r",), "c": ("r", "s", "t")}
_FORGOTTEN = {"row": {"spans"}, "si": {"space"}}
_TEXTED = frozenset({"v", "f", "t"})
_DRAFT = 1 << 16


class CanonicalArchive(Archive):
    """A package whose sheets, texts, tables and lists of parts are read as the usual programs would have written them.

    Args:
        path: of the package.
        limits: what it may cost.
        folder: private, for drafts.
    """

    def __init__(self, path: Path, limits: Limits, folder: Path) -> None:
        super().__init__(path, limits)
        self._folder = folder

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """The part as a stream.

        Raises:
            UnreadableFile: damaged or hostile.
            Unusual: its cells stand where they do not belong.
        """
        if not name.lower().endswith(".xml"):
            with super().open(name) as stream:
                yield stream
            return
        with tempfile.TemporaryFile(dir=self._folder) as draft:
            with super().open(name) as stream:
                written = _Writer(draft.write)
                parse(stream, written.start, written.end, written.text)
                written.close()
            if written.known:
                draft.seek(0)
                yield draft
                return
        with super().open(name) as stream:
            yield stream


class _Writer:
    """Writes one part."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._pieces: list[str] = []
        self._size = 0
        self._open: list[str] = []
        self._pending = False  # the start tag of the last element lacks its end
        self._prefix: str | None = None
        self._row = self._column = 0
        self._bare = False
        self.known = False
        write(_HEAD)

    def start(self, name: str, attributes: Attributes) -> None:
        if self._prefix is None:
            self._begin(name, attributes)
        tag = self._plain(name)
        if tag == "row":
            attributes = self._placed_row(attributes)
        elif tag == "c":
            attributes = self._placed_cell(attributes)
        self._bare |= tag in {"sheetData", "sst"}
        first = {one: attributes[one] for one in _FIRST.get(tag, ()) if one in attributes}
        gone = _FORGOTTEN.get(tag, set())
        rest = {key: value for key, value in attributes.items() if key not in first and local(key) not in gone}
        self._put(f"<{tag}" + "".join(f" {key}={quoteattr(value)}" for key, value in {**first, **rest}.items()))
        self._pending = True
        self._open.append(tag)

    def end(self, _name: str) -> None:
        tag = self._open.pop()
        if self._pending:
            self._pending = False
            self._put("/>", closing=True)
        else:
            self._put(f"</{tag}>")
        if tag in {"sheetData", "sst"}:
            self._bare = False

    def text(self, data: str) -> None:
        if not self._bare or self._open[-1] in _TEXTED:
            self._put(escape(data, {"\r": "&#13;"}))

    def close(self) -> None:
        self._write("".join(self._pieces).encode())
        self._pieces = []

    def _begin(self, name: str, attributes: Attributes) -> None:
        """At the root: what other elements of the same vocabulary are called."""
        prefix = name.rpartition(":")[0]
        self.known = local(name) in _ROOTS
        self._prefix = f"{prefix}:" if prefix else ""
        if prefix and "xmlns" in attributes and self.known:
            raise Unusual  # two vocabularies would become one
        if prefix and f"xmlns:{prefix}" in attributes:
            attributes["xmlns"] = attributes.pop(f"xmlns:{prefix}")

    def _plain(self, name: str) -> str:
        return name.removeprefix(self._prefix) if self._prefix else name

    def _placed_row(self, attributes: Attributes) -> Attributes:
        given = attributes.get("r", "")
        self._row = int(given) if given.isdecimal() else self._row + 1
        self._column = 0
        return {**attributes, "r": str(self._row)}

    def _placed_cell(self, attributes: Attributes) -> Attributes:
        given = attributes.get("r", "").upper()
        name = given.rstrip("0123456789")
        if given and given != f"{name}{self._row}":
            raise Unusual
        self._column = column_index(name) + 1 if name else self._column + 1
        return {**attributes, "r": f"{letters(self._column - 1)}{self._row}"}

    def _put(self, text: str, *, closing: bool = False) -> None:
        if self._pending and not closing:
            self._pending = False
            text = f">{text}"
        self._pieces.append(text)
        self._size += len(text)
        if self._size > _DRAFT:
            self.close()
            self._size = 0
