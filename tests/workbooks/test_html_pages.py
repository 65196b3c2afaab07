"""Web pages with a table, however they begin and however deep it stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.workbooks import Reading

Opened = Callable[..., Reading]
Make = Callable[..., Path]

TABLE = "<table><tr><th>Nom</th><th>Portable</th></tr><tr><td>Jean</td><td>0612345678</td></tr></table>"
STARTS = ["<!-- a;b\n --><p>", "Export du jour<br>\n", "\ufeff<DIV>"]
RARER = ["<div>", "<style>td {x: 1; y: 2}</style>", "<meta charset=utf-8>", "<center><b>", "\n\t"]
RARER += ["<script>var a = '<b>;';</script>", "<font color=red>a;b</font>", f"<p>{'x ' * 5000}</p>"]


@pytest.mark.parametrize("start", [*STARTS, *(pytest.param(start, marks=pytest.mark.slow) for start in RARER)])
def test_a_page_begins_with_anything(start: str, text: Make, opened: Opened) -> None:
    """What stands before the table does not decide whether it is a page."""
    reading = opened(text(f"{start}{TABLE}", "liste.xls"))
    assert reading.inputs[0].format == "html"
    assert reading.cells["raw"].tolist() == ["0612345678"]


@pytest.mark.parametrize(
    "content", [f"Nom;Portable;Note\nA;0612345678;{TABLE}\n", f'Portable,Note\n0612345678,"{TABLE}"\n']
)
def test_a_table_in_a_cell_of_a_text_file_makes_no_page(content: str, text: Make, opened: Opened) -> None:
    """Descriptions with markup stay cells of the text file."""
    reading = opened(text(content))
    assert reading.inputs[0].format == "csv"
    assert reading.cells["raw"].tolist() == ["0612345678"]


@pytest.mark.parametrize("around", ["{}", "Menu {} Fin", "<table><tr><td>Menu</td></tr><tr><td>{}</td></tr></table>"])
def test_a_table_in_a_cell_is_read(around: str, text: Make, opened: Opened) -> None:
    """A list in a cell of a table that only lays out the page is a table of its own."""
    reading = opened(text(f"<html><table><tr><td>{around.format(TABLE)}</td></tr></table></html>", "a.xls"))
    assert reading.cells["raw"].tolist() == ["0612345678"]
    assert reading.tables[0].headings == ["Nom", "Portable"]


@pytest.mark.slow
def test_tables_in_tables_without_end(text: Make, opened: Opened) -> None:
    """A hundred thousand tables in each other end in a reading or a sentence."""
    deep = "<table><tr><td>" * 100_000
    assert opened(text(f"{TABLE}{deep}", "a.xls")).cells["raw"].tolist() == ["0612345678"]
    with pytest.raises(UnreadableFile):
        opened(text(deep, "b.xls"))
