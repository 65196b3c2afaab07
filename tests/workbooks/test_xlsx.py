# ruff: noqa: E501 - markup reads better unbroken
"""XLSX: every cell kind, odd writings, hidden rows and sheets."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from ptx_bulk.errors import ColumnNotFound, UnreadableFile
from ptx_bulk.workbooks import Limits, Reading
from ptx_bulk.workbooks.formats.xlsx.blocks import read_rows
from ptx_bulk.workbooks.formats.xlsx.events import Context, read_events
from ptx_bulk.workbooks.sheets.cells import SheetBuilder
from tests.conftest import tried

Opened = Callable[..., Reading]
Make = Callable[..., Path]

HEAD = '<row r="1"><c r="A1" t="inlineStr"><is><t>telephone</t></is></c></row>'
STYLES = (
    '<numFmts count="3"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/>'
    '<numFmt numFmtId="165" formatCode="&quot;Tél. &quot;00 00 00 00 00"/>'
    '<numFmt numFmtId="166" formatCode="[Red][&lt;=99]0.00E+00;General"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/><xf numFmtId="165"/><xf numFmtId="166"/>'
    '<xf numFmtId="20"/></cellXfs>'
)

CELLS = {
    '<c r="A2"><v>612345678</v></c>': ("612345678", "number"),
    '<c r="A2"><v>612345678.0</v></c>': ("612345678", "number"),
    '<c r="A2"><v>6.12345678E8</v></c>': ("612345678", "number"),
    '<c r="A2"><v>612345678.5</v></c>': ("612345678.5", "number"),
    '<c r="A2" t="n"><v>0612345678</v></c>': ("612345678", "number"),
    '<c r="A2"><v>-612345678</v></c>': ("-612345678", "number"),
    '<c r="A2" s="3"><v>612345678</v></c>': ("612345678", "number"),
    '<c r="A2" s="4"><v>33612345678</v></c>': ("33612345678", "number"),
    '<c r="A2" s="1"><v>38877</v></c>': ("2006-06-09", "date"),
    '<c r="A2" s="2"><v>38877.5</v></c>': ("2006-06-09T12:00:00", "date"),
    '<c r="A2" s="5"><v>0.5</v></c>': ("12:00:00", "date"),
    '<c r="A2" s="1"><v>612345678</v></c>': ("612345678", "number"),  # no date has this serial number
    '<c r="A2" t="d"><v>2006-12-06T00:00:00</v></c>': ("2006-12-06", "date"),
    '<c r="A2" t="s"><v>0</v></c>': ("0612345678", "text"),
    '<c r="A2" t="s"><v>1</v></c>': ("06 12 34 56 78", "text"),
    '<c r="A2" t="s"><v>2</v></c>': ("0612345678\r\n0698765432", "text"),
    '<c r="A2" t="s"><v>3</v></c>': ("  06&12 ", "text"),
    '<c r="A2" t="inlineStr"><is><t xml:space="preserve"> 0612345678</t></is></c>': (" 0612345678", "text"),
    '<c r="A2" t="inlineStr"><is><r><t>0612</t></r><r><t>345678</t></r></is></c>': ("0612345678", "text"),
    '<c r="A2" t="str"><v>06&#49;2</v></c>': ("0612", "text"),
    '<c r="A2" t="b"><v>1</v></c>': ("TRUE", "boolean"),
    '<c r="A2" t="b"><v>0</v></c>': ("FALSE", "boolean"),
    '<c r="A2" t="e"><v>#N/A</v></c>': ("#N/A", "error"),
    '<c r="A2" t="e"><f>1/0</f><v>#DIV/0!</v></c>': ("#DIV/0!", "error"),
    '<c r="A2" t="str"><f>CONCATENATE("06","12345678")</f><v>0612345678</v></c>': ("0612345678", "text"),
    '<c r="A2"><f>+33612345678</f><v>33612345678</v></c>': ("33612345678", "number"),
    '<c r="A2"><f>+33612345678</f></c>': ("=+33612345678", "formula"),
    '<c r="A2"><f>"06"&amp;B2</f><v></v></c>': ('="06"&B2', "formula"),
    '<c r="A2"><f>"06"&amp;B2</f><v/></c>': ('="06"&B2', "formula"),
    '<c r="A2"><f>"06"&amp;B2</f><v>\n  </v></c>': ('="06"&B2', "formula"),  # indented markup
    '<c r="A2"><f t="shared" si="0"/></c>': ("=", "formula"),
    '<c r="A2" cm="1" t="str"><f t="array" ref="A2">X()</f><v>06</v></c>': ("06", "text"),
    '<c r="A2" t="s" s="1"><v>0</v></c>': ("0612345678", "text"),
    '<c r="A2"><v>1</v><extLst><ext/></extLst></c>': ("1", "number"),
}
STRINGS = (
    "<si><t>0612345678</t></si>"
    "<si><r><t>06 12 </t></r><r><rPr><b/></rPr><t>34 56 78</t></r><rPh><t>zero</t></rPh></si>"
    "<si><t>0612345678_x000D_\n0698765432</t></si>"
    '<si><t xml:space="preserve">  06&amp;12 </t></si>'
)


EMPTY_CELLS = ['<c r="A2"/>', '<c r="A2" s="1"/>', '<c r="A2" t="str"><f>""</f><v></v></c>', ""]


@pytest.mark.parametrize("regular", [True, False])
def test_a_cell_keeps_its_kind(regular: bool, xlsx: Make, opened: Opened) -> None:
    """Each way of writing a cell comes back with its text and kind, whichever of the two readers reads the sheet."""
    wanted = CELLS | dict.fromkeys(EMPTY_CELLS, ("", "empty"))
    chosen = {cell: answer for cell, answer in wanted.items() if not regular or not re.search("<r>|<ext", cell)}
    rows = "".join(
        f'<row r="{row}">{cell.replace("A2", f"A{row}")}<c r="B{row}"><v>1</v></c></row>'
        for row, cell in enumerate(chosen, 2)
    )
    cells = opened(xlsx(HEAD + rows, strings=STRINGS, styles=STYLES)).cells
    assert list(zip(cells["raw"], cells["kind"], strict=True)) == list(chosen.values())


def test_physical_rows_blank_rows_and_hidden_rows(xlsx: Make, opened: Opened) -> None:
    """Rows keep their numbers, rows without a value are counted, hidden rows are marked."""
    sheet = (
        '<row r="3"><c r="B3" t="str"><v>telephone</v></c></row>'
        '<row r="5" hidden="1"><c r="B5" t="str"><v>0611111111</v></c></row>'
        '<row r="6"><c r="B6" s="1"/></row>'
        '<row r="9" spans="1:2" hidden="true"/>'
        '<row r="10"><c r="B10" t="str"><v>0612222222</v></c></row>'
        '<row r="11"><c r="B11"/></row>'
    )
    reading = opened(xlsx(sheet))
    assert reading.cells["row"].tolist() == [5, 10]
    assert reading.cells["hidden"].tolist() == [True, False]
    assert (reading.inputs[0].rows, reading.inputs[0].blank) == (2, 5)
    assert reading.sheets[0].header_row == 3


def test_hidden_rows_can_be_left_out(xlsx: Make, opened: Opened) -> None:
    """`--hidden-rows skip` leaves hidden rows out and says how many."""
    sheet = (
        HEAD
        + '<row r="2" hidden="1"><c r="A2"><v>611111111</v></c></row>'
        + '<row r="3"><c r="A3"><v>612222222</v></c></row>'
    )
    reading = opened(xlsx(sheet), hidden_rows="skip")
    assert reading.cells["row"].tolist() == [3]
    assert any("1 hidden row" in notice for notice in reading.notices)


def test_hidden_sheets_are_skipped_and_named(xlsx: Make, opened: Opened) -> None:
    """Every visible sheet with a phone column is read; others are named with the reason."""
    row = '<row r="2"><c r="A2"><v>612345678</v></c></row>'
    other = '<row r="1"><c r="A1" t="str"><v>ville</v></c></row><row r="2"><c r="A2" t="str"><v>Paris</v></c></row>'
    path = xlsx(
        HEAD + row, HEAD + row, other, "", names=("a", "b", "c", "d"), states=("visible", "hidden", *["visible"] * 2)
    )
    reading = opened(path)
    assert set(reading.cells["sheet"]) == {"a"}
    assert [sheet.skipped is None for sheet in reading.inputs[0].sheets] == [True, False, False, False]
    assert sum("was not read" in notice for notice in reading.notices) == 3


@pytest.mark.slow
def test_sheets_by_name(xlsx: Make, opened: Opened) -> None:
    """`--sheet` reads a hidden sheet, `all` reads every one, an unknown name is refused with the names there are."""
    row = '<row r="2"><c r="A2"><v>612345678</v></c></row>'
    path = xlsx(HEAD + row, HEAD + row, names=("un", "deux"), states=("visible", "hidden"))
    assert set(opened(path, sheets=("DEUX",)).cells["sheet"]) == {"deux"}
    assert set(opened(path, sheets=("all",)).cells["sheet"]) == {"un", "deux"}
    with pytest.raises(UnreadableFile, match=r"trois.*un, deux"):
        opened(path, sheets=("trois",))


def test_only_hidden_sheets_is_said(xlsx: Make, opened: Opened) -> None:
    """A workbook whose data is hidden is not zero numbers: the error names the hidden sheet."""
    path = xlsx(HEAD + '<row r="2"><c r="A2"><v>612345678</v></c></row>', names=("secret",), states=("veryHidden",))
    with pytest.raises(UnreadableFile, match=r"hidden.*secret"):
        opened(path)


ODD = {
    "strict": {
        "main": "http://purl.oclc.org/ooxml/spreadsheetml/main",
        "relations": "http://purl.oclc.org/ooxml/officeDocument/relationships",
    },
    "named csv": {"name": "liste.csv"},
}


@pytest.mark.parametrize("odd", ODD)
def test_odd_packages_are_read(odd: str, xlsx: Make, opened: Opened) -> None:
    """Strict namespaces and wrong names make no difference."""
    path = xlsx(HEAD + '<row r="2"><c r="A2"><v>612345678</v></c></row>', **ODD[odd])
    reading = opened(path)
    assert reading.cells["raw"].tolist() == ["612345678"]
    assert reading.inputs[0].format == "xlsx"


SHEETS = {
    "no references": '<row><c t="str"><v>telephone</v></c></row><row><c><v>612345678</v></c></row>',
    "prefixed": '<x:row r="2" xmlns:x="urn:x"/><row r="1"><c r="A1" t="str"><v>telephone</v></c></row>'
    '<row r="2"><c r="A2"><v>612345678</v></c></row>',
    "comment": HEAD + '<!-- x --><row r="2"><c r="A2"><v><![CDATA[612345678]]></v></c></row>',
    "blanks": HEAD + '\r\n  <row r="2" >\r\n <c r="A2" ><v>612345678</v></c>\r\n</row>\n',
    "rows out of order": '<row r="2"><c r="A2"><v>612345678</v></c></row>' + HEAD,
    "far apart": HEAD
    + '<row r="2"><c r="A2"><v>612345678</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
}


@pytest.mark.parametrize("odd", SHEETS)
def test_odd_sheets_are_read(odd: str, xlsx: Make, opened: Opened) -> None:
    """Missing references, comments, stray blanks, wrong order and far-away cells lose no number."""
    reading = opened(xlsx(SHEETS[odd]))
    assert reading.cells["raw"][0] == "612345678"
    assert reading.cells["row"][0] == 2


def test_a_lying_dimension_is_ignored(xlsx: Make, opened: Opened) -> None:
    """What `<dimension>` claims changes nothing."""
    sheet = f'<worksheet xmlns="m"><dimension ref="A1"/><sheetData>{HEAD}<row r="2"><c r="A2"><v>612345678</v></c></row></sheetData></worksheet>'
    assert opened(xlsx("", parts={"xl/worksheets/sheet1.xml": sheet})).cells["raw"].tolist() == ["612345678"]


def test_a_missing_shared_string_is_damage(xlsx: Make, opened: Opened) -> None:
    """A cell that points past the shared strings is not guessed."""
    with pytest.raises(UnreadableFile, match="missing text"):
        opened(xlsx(HEAD + '<row r="2"><c r="A2" t="s"><v>7</v></c></row>', strings="<si><t>06</t></si>"))


def test_the_1904_calendar(xlsx: Make, opened: Opened) -> None:
    """Dates of old Mac workbooks are right, too."""
    workbook = (
        '<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<workbookPr date1904="1"/><sheets><sheet name="a" r:id="rId1"/></sheets></workbook>'
    )
    path = xlsx(
        HEAD + '<row r="2"><c r="A2" s="1"><v>37415</v></c></row>', styles=STYLES, parts={"xl/workbook.xml": workbook}
    )
    assert opened(path).cells["raw"].tolist() == ["2006-06-09"]


@pytest.mark.parametrize("constant_memory", [False, True])
def test_what_xlsxwriter_writes(constant_memory: bool, tmp_path: Path, opened: Opened) -> None:
    """A workbook by a real writer, with shared or inline strings, reads back cell by cell."""
    path = tmp_path / "w.xlsx"
    with xlsxwriter.Workbook(path, {"constant_memory": constant_memory}) as book:
        sheet = book.add_worksheet("Contacts")
        sheet.write_row(0, 0, ["nom", "téléphone"])
        for row in range(1, 3001):
            sheet.write_string(row, 0, f"Zoë & fils <{row}>")
            if row % 2:
                sheet.write_string(row, 1, f"06{row:08}")
            else:
                sheet.write_number(row, 1, 600000000 + row)
    reading = opened(path)
    assert len(reading.cells) == 3000
    assert reading.cells["raw"].tolist() == [
        f"06{row:08}" if row % 2 else str(600000000 + row) for row in range(1, 3001)
    ]
    assert reading.tables[0].table.column(0)[7].as_py() == "Zoë & fils <7>"


def test_a_workbook_without_a_phone_column_is_no_success(xlsx: Make, opened: Opened) -> None:
    """Rows without a phone column end in a question that names the columns."""
    sheet = '<row r="1"><c r="A1" t="str"><v>ville</v></c></row><row r="2"><c r="A2" t="str"><v>Paris</v></c></row>'
    with pytest.raises(ColumnNotFound, match=r"--column.*A \(ville\)"):
        opened(xlsx(sheet))


_values = st.sampled_from(
    [
        "",
        "<v>0</v>",
        "<v>1</v>",
        "<v>612345678</v>",
        "<v>1.5E3</v>",
        "<v></v>",
        "<v/>",
        "<v>\n</v>",
        "<v>é&amp;_x0041_</v>",
        "<v>x</v>",
    ]
)
_formulas = st.sampled_from(["", "", "", "<f>A1</f>", '<f t="shared" si="1"/>', "<f>1&lt;2</f>"])
_inlines = st.sampled_from(["<is><t>06</t></is>", "<is><t/></is>", "<is><r><t>a</t></r></is>", "<is/>"])
_types = st.sampled_from(["", ' t="n"', ' t="s"', ' t="str"', ' t="b"', ' t="e"', ' t="d"'])
_styles = st.sampled_from(["", ' s="0"', ' s="1"', ' s=""'])


@st.composite
def _sheets(draw: st.DrawFn) -> str:
    rows = []
    for row in sorted(draw(st.sets(st.integers(1, 50), max_size=6))):
        cells = []
        for column in sorted(
            draw(st.sets(st.sampled_from(["A", "B", "Z", "AA", "XFD"]), max_size=3)), key=lambda c: (len(c), c)
        ):
            attributes = draw(_styles) + draw(_types)
            inner = draw(_inlines) if draw(st.booleans()) and draw(st.booleans()) else draw(_formulas) + draw(_values)
            reference = f' r="{column}{row}"' if draw(st.integers(0, 20)) else ""
            cells.append(f"<c{reference}{attributes}>{inner}</c>" if inner else f"<c{reference}{attributes}/>")
        hidden = draw(st.sampled_from(["", "", ' hidden="1"', ' hidden="0"']))
        rows.append(f'<row r="{row}"{hidden}>{"".join(cells)}</row>')
    return "".join(rows)


def _read(reader: Callable[..., object], sheet: str) -> tuple[object, object]:
    context = Context(pa.array(["un", "", "0612345678"]), frozenset([1]), epoch_1904=False)
    builder = SheetBuilder(Limits())
    data = f'<?xml version="1.0"?><worksheet xmlns="m"><sheetData>{sheet}</sheetData></worksheet>'.encode()
    try:
        answer = reader(io.BytesIO(data), context, builder)
    except UnreadableFile as error:
        return "refused", re.sub(r"\W", "", str(error))
    with tempfile.TemporaryDirectory() as folder:
        builder.write(Path(folder, "x.arrow"))
        with pa.OSFile(str(Path(folder, "x.arrow"))) as file:
            return answer, pa.ipc.open_file(file).read_all().to_pydict()


@pytest.mark.slow
@given(_sheets())
@tried(80)
def test_the_fast_reader_answers_as_the_reference(sheet: str) -> None:
    """Where the block reader answers at all, its rows are those of the event reader."""
    regular, fast = _read(read_rows, sheet)
    if regular is True:
        assert fast == _read(read_events, sheet)[1]
