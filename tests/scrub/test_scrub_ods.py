"""Scrubbing OpenDocument spreadsheets."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from ptx_bulk.errors import InputError
from tests.scrub.people import lists_file, scrubbed

NAMES = " ".join(f'xmlns:{name}="urn:{name}"' for name in ("office", "table", "text", "draw", "calcext", "xlink"))


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


@pytest.mark.slow
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


@pytest.mark.slow
def test_repeated_rows_are_counted_one_by_one(tmp_path: Path) -> None:
    """A row that stands for several leaves as often as it stands there."""
    path = tmp_path / "c.ods"
    write(path, HEAD + GONE.replace("<table:table-row>", '<table:table-row table:number-rows-repeated="3">') + KEPT)
    found, written = scrubbed(path, lists_file(tmp_path))
    assert found.counts.removed == 3
    assert content(written["removed"]).count("Gontrand") == 3
    assert "Gontrand" not in content(written["kept"])


@pytest.mark.slow
def test_formulas_become_their_values(tmp_path: Path) -> None:
    """Where rows leave, a formula's last value stays."""
    path = tmp_path / "c.ods"
    write(path, HEAD + GONE + row(cell("Nadine", ' table:formula="of:=[.A2]"'), cell("0611111111")))
    _found, written = scrubbed(path, lists_file(tmp_path))
    assert row(cell("Nadine"), cell("0611111111")) in content(written["kept"])


def package(path: Path) -> bytes:
    """All that a package says, unpacked."""
    with zipfile.ZipFile(path) as made:
        return b"\n".join(made.read(name) for name in made.namelist())


NOTE = "<office:annotation><text:p>avant 06 12 34 56 78</text:p></office:annotation>"
LINK = '<text:a xlink:href="tel:+33612345678">appeler</text:a>'
LISTED = re.compile(rb"0?6 ?12 ?34 ?56 ?78")


@pytest.mark.slow
@pytest.mark.parametrize("leaves", [True, False])
@pytest.mark.parametrize(
    "hidden",
    [
        f'<table:table-cell office:value-type="string"><text:p>x</text:p>{NOTE}</table:table-cell>',
        f'<table:table-cell office:value-type="string"><text:p>{LINK}</text:p></table:table-cell>',
        cell("x", ' table:formula="of:=&quot;0612345678&quot;"'),
        cell("x", ' calcext:more="0612345678"'),
    ],
)
def test_nothing_of_the_listed_stays_where_no_cell_shows_it(tmp_path: Path, hidden: str, *, leaves: bool) -> None:
    """A listed number in a comment, a link, a formula or an attribute is in no kept file, whether rows leave or not."""
    path = tmp_path / "c.ods"
    rows = row(cell("Nadine"), cell("0611111111"), hidden)
    write(path, HEAD + rows + (GONE if leaves else ""))
    found, written = scrubbed(path, lists_file(tmp_path))
    assert found.counts.kept == 1
    assert not LISTED.search(package(written["kept"]))


@pytest.mark.slow
@pytest.mark.parametrize("where", ["meta.xml", "styles.xml", "settings.xml"])
def test_other_parts_of_the_package_are_looked_at(tmp_path: Path, where: str) -> None:
    """A listed number in a title, a page header or a setting is in no kept file."""
    path = tmp_path / "c.ods"
    write(path, HEAD + KEPT)
    with zipfile.ZipFile(path, "a") as made:
        made.writestr(where, f"<x {NAMES}><y>Contact : 06 12 34 56 78</y></x>")
    _found, written = scrubbed(path, lists_file(tmp_path))
    assert not LISTED.search(package(written["kept"]))


def test_a_file_that_nobody_leaves_stays_byte_for_byte(tmp_path: Path) -> None:
    """A workbook without anybody listed is its own kept part, comments and formulas included."""
    path = tmp_path / "c.ods"
    more = NOTE.replace("06 12 34 56 78", "le 06/12/2034")
    write(path, HEAD + row(cell("Nadine"), cell("0611111111"), f"<table:table-cell>{more}</table:table-cell>"))
    _found, written = scrubbed(path, lists_file(tmp_path))
    assert written["kept"].read_bytes() == path.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(("place", "value"), [(8, b"\x01"), (10, b"\x63"), (16, b"\xff")])
def test_a_part_that_cannot_be_unpacked_is_refused_in_one_sentence(tmp_path: Path, place: int, value: bytes) -> None:
    """A part beside the rows that is locked, oddly packed or damaged ends the command, and leaves no file."""
    path = tmp_path / "c.ods"
    write(path, HEAD + KEPT)
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("Object 1/styles.xml", "<styles/>")
    data = path.read_bytes()
    entry = data.rindex(b"PK\x01\x02")  # of the part that was added last
    path.write_bytes(data[: entry + place] + value + data[entry + place + 1 :])
    with pytest.raises(InputError):
        scrubbed(path, lists_file(tmp_path))
    assert not list(tmp_path.glob("out*"))


@pytest.mark.parametrize(("heading", "unsure"), [("Tél. 2", 1), ("Total", 0)])
def test_a_formula_that_nobody_calculated_is_unsure_where_a_phone_may_be(
    tmp_path: Path, heading: str, unsure: int
) -> None:
    """Which number a formula will show is not known before a program calculates it; a total is nobody's number."""
    path = tmp_path / "c.ods"
    formula = '<table:table-cell table:formula="of:=[.A2]&amp;[.B2]"/>'
    head = row(cell("Nom"), cell("Portable"), cell(heading))
    write(path, head + row(cell("Nadine"), cell("0611111111"), formula) + row(cell("B"), cell("0611111112"), cell("x")))
    found, written = scrubbed(path, lists_file(tmp_path))
    assert (found.counts.kept, found.counts.unsure) == (2 - unsure, unsure)
    if unsure:
        assert "FORMULA_NOT_CALCULATED" in content(written["unsure"])
