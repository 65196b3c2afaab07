"""Workbooks with named sheets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    """An XLSX with these sheets, each given by rows of texts under its name."""

    def make(sheets: dict[str, list[tuple[str, ...]]], name: str = "liste.xlsx") -> Path:
        path = tmp_path / name
        with xlsxwriter.Workbook(path) as book:
            for title, rows in sheets.items():
                sheet = book.add_worksheet(title)
                for at, row in enumerate(rows):
                    sheet.write_row(at, 0, row)
        return path

    return make
