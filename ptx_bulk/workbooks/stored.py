"""Sheets on disk: written by readers, memory-mapped by the caller."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from ptx_bulk.workbooks.cells import SheetBuilder


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
