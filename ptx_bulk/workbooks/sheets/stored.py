"""Sheets on disk: written by readers, memory-mapped by the caller."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from ptx_bulk.workbooks.sheets.cells import SheetBuilder


@dataclass(frozen=True)
class StoredSheet:
    """A sheet as a reader left it.

    Attributes:
        name: of the sheet, '' for text files.
        visible: False for hidden sheets.
        path: the Arrow file (layout: `cells`).
        rows: lines in it.
        last_row: the sheet's last row that counts, as the spreadsheet program numbers it.
    """

    name: str
    visible: bool
    path: str
    rows: int
    last_row: int


def private_file(path: Path) -> BinaryIO:
    """A new file for a copy of the customer's data, or the file emptied: readable by its user alone."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    return os.fdopen(handle, "wb")


class SheetWriter:
    """Stores the sheets of one file in `folder`, in the order in which they come."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sheets: list[StoredSheet] = []

    def add(self, name: str, builder: SheetBuilder, *, visible: bool = True) -> None:
        """Store one sheet."""
        path = self.folder / f"{len(self.sheets)}.arrow"
        size = builder.write(path)
        self.sheets.append(
            StoredSheet(name=name, visible=visible, path=str(path), rows=size["rows"], last_row=size["last_row"])
        )

    def as_json(self) -> list[dict[str, object]]:
        """The sheets as plain data."""
        return [asdict(sheet) for sheet in self.sheets]
