"""Wrong cells on their way to the next run: what each may mean, and what was typed for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ptx_bulk.model import Code, ListKind
from ptx_bulk.pipeline import Place, Source, WrongCell

PAGE = 50


class Mending:
    """The wrong cells of a run and their new values.

    Attributes:
        cells: the wrong cells, in the order of the input.
        listless: the numbers of the cells that are right, but whose list is not known.
        values: by the cell's number what was typed, or the list that was chosen.

    Args:
        cells: the wrong cells.
        mended: makes files of the rows with new values.
    """

    def __init__(self, cells: Sequence[WrongCell], mended: Callable[[Mending, Path], Source]) -> None:
        self.cells, self._mended = cells, mended
        self.values: dict[int, str] = {}
        self.listless = {number: None for number, cell in enumerate(cells) if cell.code == Code.LIST_UNKNOWN.value}

    def __len__(self) -> int:
        return len(self.cells)

    @property
    def pages(self) -> int:
        """How many pages of `PAGE` cells there are."""
        return max(1, -(-len(self.cells) // PAGE))

    def page(self, number: int) -> list[tuple[int, WrongCell, str]]:
        """The number, the cell and its new value for each cell of a page, from 1."""
        start = (number - 1) * PAGE
        return [
            (at, self.cells[at], self.values.get(at, "")) for at in range(start, min(start + PAGE, len(self.cells)))
        ]

    def type(self, number: int, value: str) -> None:
        """Keep what was typed or chosen for a cell; blank leaves it out."""
        if not 0 <= number < len(self.cells):
            return
        if number in self.listless and value not in set(ListKind):
            value = ""
        if value.strip():
            self.values[number] = value.strip()
        else:
            self.values.pop(number, None)

    @property
    def suggested(self) -> int:
        """How many cells have exactly one suggestion: of several a person has to choose."""
        return sum(len(cell.suggestions) == 1 for cell in self.cells)

    def accept_all(self) -> None:
        """Take the suggestion wherever there is exactly one and nothing was typed."""
        for number, cell in enumerate(self.cells):
            if len(cell.suggestions) == 1:
                self.values.setdefault(number, cell.suggestions[0])

    def choose_list(self, kind: ListKind) -> None:
        """This list for all rows whose list is not known, and for which none was chosen."""
        for number in self.listless:
            self.values.setdefault(number, kind.value)

    @property
    def texts(self) -> dict[Place, str]:
        """New texts by place; a cell that is left out is emptied, or its row would be given back for it."""
        return {
            cell.place: self.values.get(number, "")
            for number, cell in enumerate(self.cells)
            if number not in self.listless
        }

    @property
    def lists(self) -> dict[Place, ListKind]:
        """The list of each row for which one was chosen."""
        chosen = [number for number in self.listless if number in self.values]
        return {self.cells[number].place: ListKind(self.values[number]) for number in chosen}

    def source(self, folder: Path) -> Source:
        """The mended rows as files of their own."""
        return self._mended(self, folder)
