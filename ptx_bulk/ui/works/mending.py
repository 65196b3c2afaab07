"""The rejects of a run on their way to the next one: what each wrong cell may mean, and what was typed for it."""

from __future__ import annotations

from pathlib import Path

from ptx_bulk import pipeline
from ptx_bulk.model import Accept
from ptx_bulk.pipeline import Result, Source, WrongCell

PAGE = 50


class Mending:
    """The wrong cells of a run and their new values.

    Attributes:
        cells: the wrong cells, in the order of the input.
        values: what was typed, by the cell's number.
    """

    def __init__(self, result: Result, accept: Accept) -> None:
        self._files, self._accept = result.rejects, accept
        self.cells = pipeline.wrong_cells(result, accept)
        self.values: dict[int, str] = {}

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
        """Keep what was typed for a cell; blank leaves it out."""
        if not 0 <= number < len(self.cells):
            return
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

    def source(self, folder: Path) -> Source:
        """The mended rows as files of their own."""
        # A wrong cell that is left out beside one that was mended is emptied, or its row would be given back for it.
        values = {cell.place: self.values.get(number, "") for number, cell in enumerate(self.cells)}
        return pipeline.mend(self._files, values, folder, self._accept)
