"""The rejects of a run on their way to the next one: what each wrong cell may mean, and what was typed for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ptx_bulk import pipeline
from ptx_bulk.model import Accept
from ptx_bulk.pipeline import Result, Source, WrongCell
from ptx_bulk.plan import refused

PAGE = 50


class Mending:
    """The wrong cells of a run and their new values.

    Attributes:
        cells: the wrong cells, in the order of the input.
        values: what was typed, by the cell's number.
        rows: the row of each cell in the input, 0 where it is not known for sure.
    """

    def __init__(self, result: Result, accept: Accept) -> None:
        self._files, self._accept = result.rejects, accept
        self.cells, self.rows = _known(result, pipeline.wrong_cells(result.rejects, accept))
        self.values: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self.cells)

    @property
    def pages(self) -> int:
        """How many pages of `PAGE` cells there are."""
        return max(1, -(-len(self.cells) // PAGE))

    def page(self, number: int) -> list[tuple[int, WrongCell, int, str]]:
        """The number, the cell, its row in the input and its new value for each cell of a page, from 1."""
        start = (number - 1) * PAGE
        return [
            (at, self.cells[at], self.rows[at], self.values.get(at, ""))
            for at in range(start, min(start + PAGE, len(self.cells)))
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
        values = {self.cells[number].place: value for number, value in self.values.items()}
        return pipeline.mend(self._files, values, folder, self._accept)


def _known(result: Result, cells: tuple[WrongCell, ...]) -> tuple[tuple[WrongCell, ...], list[int]]:
    """The cells with the suggestions that the run made, and their rows in its input.

    Cells and rejected lines are in the same order; where they are not the same, nothing is said of either.
    """
    frame = result.frame[refused(result.frame).to_numpy()]
    codes = [code.split("+")[0] for code in frame["code"].astype(object)]
    if codes != [cell.code.split("+")[0] for cell in cells]:
        return cells, [0] * len(cells)
    suggestions = [tuple(filter(None, text.split(";"))) for text in frame["suggestion"].astype(object)]
    told = tuple(replace(cell, suggestions=one) for cell, one in zip(cells, suggestions, strict=True))
    return told, [int(row) for row in frame["row"]]
