"""The answer's shape: cells, files, the original tables, and what is left behind on disk."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ptx_bulk.model import CellKind
from ptx_bulk.workbooks import Reading, ReadOptions, read

Opened = Callable[..., Reading]
Make = Callable[..., Path]

COLUMNS = [
    "file",
    "sheet",
    "row",
    "column",
    "raw",
    "kind",
    "hidden",
    "list",
    "region",
    "country",
    "international",
    "detail",
    "kept_code",
]


def test_cells_of_several_files(text: Make, xlsx: Make, opened: Opened) -> None:
    """Files come in the order given, each cell with its file, sheet, row and column; types as promised."""
    first = text("nom;telephone\nA;0612345678\n", "a.csv")
    second = xlsx(
        '<row r="1"><c r="A1" t="str"><v>mobile</v></c></row><row r="2"><c r="A2"><v>698765432</v></c></row>',
        name="b.xlsx",
    )
    reading = opened(first, second, first)
    cells = reading.cells
    assert list(cells.columns) == COLUMNS
    assert cells["file"].tolist() == [str(first), str(second), str(first)]
    assert cells["sheet"].tolist() == ["", "Feuil1", ""]
    assert cells["column"].tolist() == ["telephone", "mobile", "telephone"]
    assert str(cells["row"].dtype) == "int32"
    assert str(cells["raw"].dtype) == "str"
    assert cells["hidden"].dtype == bool
    assert all(
        cells[name].dtype == "category" for name in ("file", "sheet", "column", "kind", "list", "region", "country")
    )
    assert cells["international"].dtype == bool
    assert list(cells["kind"].cat.categories) == [kind.value for kind in CellKind]


def test_nothing_to_read_has_the_same_shape(text: Make, opened: Opened) -> None:
    """A file without rows gives an empty table with every column."""
    cells = opened(text("telephone\n")).cells
    assert list(cells.columns) == COLUMNS
    assert len(cells) == 0


def test_files_are_described(text: Make, opened: Opened) -> None:
    """An input carries what journal and report need: fingerprint, size, dialect, counts."""
    content = "nom;telephone\r\nA;0612345678\r\n;\r\nB;\r\n"
    path = text(content)
    (file,) = opened(path).inputs
    assert file.sha256 == hashlib.sha256(content.encode()).hexdigest()
    assert (file.path, file.size, file.format, file.delimiter) == (str(path), len(content), "csv", ";")
    assert (file.rows, file.blank) == (2, 1)


def test_originals_of_a_text_file(text: Make, opened: Opened) -> None:
    """Rejected rows come back as they stood, with what it takes to write them alike."""
    reading = opened(text("\ufeffnom;telephone;;\r\nA;06;x;\r\nB;0612345678\r\nC;1;2;3;4\r\n"))
    (table,) = reading.tables
    assert table.layout() == ["nom", "telephone", "", "", ""]
    columns = table.original(np.array([4, 2], np.int32))
    assert [column.texts.to_pylist() for column in columns] == [
        ["C", "A"],
        ["1", "06"],
        ["2", "x"],
        ["3", ""],
        ["4", ""],
    ]
    assert [column.kinds.tolist() for column in columns] == [["text", "text"]] * 3 + [["text", "empty"]] * 2
    assert (table.encoding, table.bom, table.delimiter, table.newline) == ("utf-8", True, ";", "\r\n")


def test_originals_of_a_workbook_are_typed(xlsx: Make, opened: Opened) -> None:
    """Numbers stay numbers, texts keep their zeros, dates are dates, gaps stay gaps."""
    styles = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
    path = xlsx(
        '<row r="2"><c r="B2" t="str"><v>telephone</v></c></row>'
        '<row r="4"><c r="B4" t="str"><v>0612</v></c><c r="C4"><v>612345678</v></c><c r="D4"><v>1.5</v></c>'
        '<c r="E4" s="1"><v>38877</v></c><c r="F4" t="b"><v>1</v></c><c r="G4" t="e"><v>#N/A</v></c></row>',
        styles=styles,
    )
    (table,) = opened(path, columns=("telephone",)).tables
    columns = table.original(np.array([4, 3], np.int32))
    assert [(column.texts[0].as_py(), column.kinds[0]) for column in columns] == [
        ("", "empty"),
        ("0612", "text"),
        ("612345678", "number"),
        ("1.5", "number"),
        ("2006-06-09", "date"),
        ("TRUE", "boolean"),
        ("#N/A", "error"),
    ]
    assert [(column.texts[1].as_py(), column.kinds[1]) for column in columns] == [("", "empty")] * 7
    assert table.layout() == ["", "telephone", "", "", "", "", ""]
    assert table.header_row == 2


def test_temporary_files_are_private_and_removed(text: Make, tmp_path: Path) -> None:
    """Closing removes the copies, and the cells stay usable; an error leaves none behind."""
    with read([text("telephone\n0612345678\n")], ReadOptions()) as reading:
        folder = reading.scratch.folder
        assert folder.exists()
    assert not folder.exists()
    assert reading.tables == ()
    assert reading.cells["raw"].tolist() == ["0612345678"]


@pytest.mark.slow
@pytest.mark.parametrize("content", [b"telephone\n0612345678\n", "téléphone\n0612345678\n".encode("utf-16")])
def test_standard_input_is_read_as_text(content: bytes) -> None:
    """`-` reads standard input, whatever its encoding."""
    program = (
        "from ptx_bulk.workbooks import read, ReadOptions\n"
        "with read(['-'], ReadOptions()) as r: print(r.inputs[0].path, r.cells['raw'].tolist())"
    )
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run([sys.executable, "-c", program], input=content, capture_output=True, cwd=root, check=True)
    assert (
        done.stdout.decode().split(maxsplit=1) == ["-", "['0612345678']\n"]
        or done.stdout.decode().strip() == "- ['0612345678']"
    )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux what is resident")
def test_what_was_looked_at_is_given_back(text, opened):
    """The tables of a file that was read take no memory until they are asked, and none for long then."""
    rows = "\n".join(f"{name};06{name:08};Paris" for name in range(40_000))
    with opened(text(f"nom;tel;ville\n{rows}\n")) as reading:
        table = reading.tables[0]
        assert _resident() < 200_000
        table.original(table.rows[::2])
        assert sum(len(texts) for _start, texts in table.column_parts(0)) == 40_001
        assert _resident() < 200_000


def _resident() -> int:
    """Bytes of stored sheets that are in memory now."""
    held, mine = 0, False
    for line in Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines():
        if "-" in line.partition(" ")[0]:
            mine = line.endswith(".arrow")
        elif mine and line.startswith("Rss:"):
            held += 1024 * int(line.split()[1])
    return held
