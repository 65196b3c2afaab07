"""Scrubbing OpenDocument spreadsheets."""

from __future__ import annotations

import zipfile
from pathlib import Path

from tests.scrub.people import lists_file, scrubbed

NAMES = " ".join(f'xmlns:{name}="urn:{name}"' for name in ("office", "table", "text", "draw", "calcext"))


def cell(text: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string"{more}><text:p>{text}</text:p></table:table-cell>'


def row(*cells: str, more: str = "") -> str:
    return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"


def write(path: Path, rows: str, after: str = "") -> None:
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {NAMES}><office:body><office:spreadsheet>'
        f'<table:table table:name="Feuille">{rows}</table:table>{after}'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    entries = "".join(f'<m:file-entry m:full-path="{name}"/>' for name in ("/", "content.xml", "Thumbnails/t.png"))
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", content)
        package.writestr("Thumbnails/t.png", b"Gontrand")
        package.writestr(
            "META-INF/manifest.xml", f'<?xml version="1.0"?><m:manifest xmlns:m="urn:m">{entries}</m:manifest>'
        )


def content(path: Path) -> str:
    with zipfile.ZipFile(path) as package:
        assert package.namelist()[0] == "mimetype"
        assert package.namelist() == ["mimetype", "content.xml", "META-INF/manifest.xml"]
        assert b"Thumbnails" not in package.read("META-INF/manifest.xml")
        return package.read("content.xml").decode()


HEAD = row(cell("Nom"), cell("Portable"), '<table:table-cell table:number-columns-repeated="5"/>')
KEPT = row(cell("Nadine", ' table:style-name="ce1"'), cell("0611111111"))
GONE = row(cell("Gontrand"), cell("0612345678"), '<table:table-cell table:number-columns-repeated="1020"/>')


def test_rows_leave_and_all_else_stays(tmp_path: Path) -> None:
    """What is kept has the markup that it had, and nothing of the removed stays in the package."""
    path = tmp_path / "c.ods"
    blank = row("<table:table-cell/>", more=' table:number-rows-repeated="1000000"')
    named = "<table:named-expressions><x>Gontrand</x></table:named-expressions>"
    write(path, HEAD + GONE + KEPT + GONE + KEPT + blank, named)
    found, written = scrubbed(path, lists_file(tmp_path))
    made = content(written["kept"])
    assert HEAD + KEPT + KEPT + blank in made
    assert "Gontrand" not in made
    assert (found.counts.kept, found.counts.removed) == (2, 2)


def test_ours_stand_behind_the_columns_of_the_file(tmp_path: Path) -> None:
    """List and day stand in the first free columns, below their headings."""
    path = tmp_path / "c.ods"
    write(path, HEAD + GONE + KEPT)
    _found, written = scrubbed(path, lists_file(tmp_path))
    made = content(written["removed"])
    assert row(cell("Gontrand"), cell("0612345678"), cell("stop"), cell("2026-01-31")) in made
    assert row(cell("Nom"), cell("Portable"), cell("ptx_list"), cell("ptx_since")) in made
    assert "Nadine" not in made


def test_repeated_rows_are_counted_one_by_one(tmp_path: Path) -> None:
    """A row that stands for several leaves as often as it stands there."""
    path = tmp_path / "c.ods"
    write(path, HEAD + GONE.replace("<table:table-row>", '<table:table-row table:number-rows-repeated="3">') + KEPT)
    found, written = scrubbed(path, lists_file(tmp_path))
    assert found.counts.removed == 3
    assert content(written["removed"]).count("Gontrand") == 3
    assert "Gontrand" not in content(written["kept"])


def test_formulas_become_their_values(tmp_path: Path) -> None:
    """Where rows leave, a formula's last value stays."""
    path = tmp_path / "c.ods"
    write(path, HEAD + GONE + row(cell("Nadine", ' table:formula="of:=[.A2]"'), cell("0611111111")))
    _found, written = scrubbed(path, lists_file(tmp_path))
    assert row(cell("Nadine"), cell("0611111111")) in content(written["kept"])
