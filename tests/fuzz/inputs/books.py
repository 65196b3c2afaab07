"""Whole contact files, right and at random: what people put into them, in the formats that they save them in."""

from __future__ import annotations

import io
import random
import zipfile
from datetime import datetime
from xml.sax.saxutils import escape

import xlsxwriter

LISTED = (33612345678, 33698765432, 262692123456, 33142345678)
FREE = (33611111111, 33622222222, 33633333333, 33144444444)
HEADS = ("Nom", "Mobile", "Note", "Age", "Fixe", "ptx_code", "Date", "Téléphone 2")
_NOTES = (
    "",
    "",
    "client",
    "rappeler au {}",
    "a,b;c",
    'il dit "oui"',
    "=A2",
    "été\u202e",
    "x" * 90,
    "12",
    "ligne\nligne",
    "{}",
)
_O = "urn:oasis:names:tc:opendocument:xmlns:"
_MADE = datetime(2026, 1, 1)  # noqa: DTZ001 - a workbook knows no zones
Row = list[object]


def writing(rng: random.Random, number: int | None = None) -> object:
    """A number as somebody writes it: one of the lists, or of nobody on them."""
    number = number or rng.choice((*LISTED, *FREE, *FREE))
    if not str(number).startswith("33"):
        return rng.choice((f"+{number}", f"00{number}", f"+{number} "))
    national = f"0{number - 33_000_000_000}"
    pairs = [national[at : at + 2] for at in range(0, 10, 2)]
    return rng.choice(
        (
            *(national, " ".join(pairs), ".".join(pairs), "\u00a0".join(pairs), f"+{number}", f"00{number}"),
            *(
                f"+33 (0){national[1:]}",
                f"Tél : {national}",
                int(national),
                float(int(national)),
                number,
                f"'{national}",
            ),
        )
    )


def rows(rng: random.Random) -> tuple[list[str], list[Row]]:
    """Headings, and rows below them; some are blank, some hold no number, some two."""
    heads = ["Nom", "Mobile", *rng.sample(HEADS[2:], rng.randrange(len(HEADS) - 2))]
    if rng.random() < 0.2:
        rng.shuffle(heads)
    found: list[Row] = []
    for at in range(rng.choice((0, 1, 3, 8, 12, 30))):
        if rng.random() < 0.1:
            found.append([])
            continue
        found.append([_cell(head, at, rng) for head in heads])
    return heads, found


def _cell(head: str, at: int, rng: random.Random) -> object:
    if head == "Nom":
        return rng.choice((f"Personne {at}", "Martin", "", "Zoë"))
    if head in {"Mobile", "Fixe", "Téléphone 2"}:
        kind = rng.random()
        if kind < 0.1:
            return rng.choice(("", None, "néant", "06 12 34", "#N/A", "0612345678 / 0611111111", 12, True))
        return writing(rng)
    if head == "Age":
        return rng.randrange(120)
    if head == "ptx_code":
        return rng.choice(("", "TOO_SHORT"))
    return "2026-01-31" if head == "Date" else rng.choice(_NOTES).format(writing(rng))


def workbook(rng: random.Random) -> bytes:
    """An .xlsx with what people add to their tables."""
    target = io.BytesIO()
    options = {"in_memory": True, "constant_memory": rng.random() < 0.2, "strings_to_formulas": False}
    with xlsxwriter.Workbook(target, options) as book:
        book.set_properties({"created": _MADE})
        for name in ("Contacts", "L'été", "3")[: rng.choice((1, 1, 2, 3))]:
            page = book.add_worksheet(name)
            if rng.random() < 0.1:
                continue
            top, last, wide = _filled(page, rng)
            if not options["constant_memory"]:
                _adorned(book, page, rng, (top, last, wide), name)
        if rng.random() < 0.2:
            book.define_name("Plage", "=Contacts!$B$2:$B$5")
        if rng.random() < 0.15 and len(book.worksheets()) > 1:
            book.worksheets()[-1].hide()
    return target.getvalue()


def _filled(page: xlsxwriter.worksheet.Worksheet, rng: random.Random) -> tuple[int, int, int]:
    """Write a table; its first row, its last row, its columns."""
    heads, body = rows(rng)
    top = rng.choice((0, 0, 0, 1, 3, 97))
    if top and rng.random() < 0.5:
        page.write(0, 0, rng.choice(("Liste de mars", "Appeler le 0698765432")))
    for at, row in enumerate([heads, *body]):
        for column, value in enumerate(row):
            if isinstance(value, str | int | float) and rng.random() < 0.04:
                page.write_formula(
                    top + at,
                    column,
                    rng.choice(("=A{0}", "=$B$2", "=1/0", '="06"&"12345678"', "=B{0}&C{0}")).format(top + at + 1),
                    None,
                    rng.choice((value, 0, "")),
                )
            elif value not in {"", None} or rng.random() < 0.3:
                page.write(top + at, column, value)
    return top, top + len(body), len(heads)


def _adorned(
    book: xlsxwriter.Workbook,
    page: xlsxwriter.worksheet.Worksheet,
    rng: random.Random,
    area: tuple[int, int, int],
    name: str,
) -> None:
    """Filters, merged cells, rules, comments, frozen rows and hidden ones."""
    top, last, wide = area
    at = rng.randrange(top, last + 1)
    adornments = (
        lambda: page.autofilter(top, 0, last, wide - 1),
        lambda: page.freeze_panes(top + rng.randrange(3), rng.randrange(2)),
        lambda: page.merge_range(last + 1, 0, last + 2, 1, rng.choice(("fin", "0612345678"))),
        lambda: page.set_row(at, None, None, {"hidden": True}),
        lambda: page.set_row(at, 30, book.add_format({"bold": True})),
        lambda: page.set_column(0, rng.randrange(3), 20, None, {"hidden": rng.random() < 0.3}),
        lambda: page.write_comment(at, 0, f"voir {writing(rng)}"),
        lambda: page.write_url(at, wide, "https://exemple.fr/0612345678", string="lien"),
        lambda: page.data_validation(top + 1, 2, last + 1, 2, {"validate": "list", "source": ["a", "0698765432"]}),
        lambda: page.conditional_format(top, 1, last + 1, 1, {"type": "formula", "criteria": f"=$B{top + 2}>1"}),
        lambda: page.conditional_format(top, 1, last + 1, 1, {"type": "3_color_scale"}),
        lambda: page.conditional_format(top, 1, last + 1, 1, {"type": "data_bar", "data_bar_2010": True}),
        lambda: page.insert_textbox(at, 5, f"pense-bête {writing(rng)}"),
        lambda: page.set_footer(f"&L{writing(rng)}"),
        lambda: page.repeat_rows(top),
        lambda: page.print_area(top, 0, last, wide - 1),
        lambda: page.write_rich_string(last + 1, 3, "06 12 ", book.add_format({"bold": True}), "34 56 78"),
        lambda: page.write_blank(at, wide + 1, None, book.add_format({"bg_color": "red"})),
        lambda: page.set_selection(last, 0, last, 1),
        page.protect,
        lambda: page.ignore_errors({"number_stored_as_text": "B1:B9"}),
        lambda: page.write_array_formula(at, wide + 2, at, wide + 2, "{=B1:B1}", None, 0),
    )
    for one in rng.sample(adornments, rng.choice((0, 1, 2, 4, 8))):
        one()
    if rng.random() < 0.15 and last > top + 1 and name == "Contacts":
        page.add_table(top, wide + 4, last, wide + 5, {"name": "Choix"})


def opendocument(rng: random.Random) -> bytes:
    """An .ods with repeats, hidden rows, comments, links and formulas."""
    tables = "".join(_table(name, rng) for name in ("Contacts", "L&apos;autre")[: rng.choice((1, 1, 2))])
    names = '<table:named-expressions><table:named-range table:name="P" table:cell-range-address="$Contacts.$B$2"/></table:named-expressions>'
    after = names if rng.random() < 0.2 else ""
    content = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<office:document-content xmlns:office="{_O}office:1.0" xmlns:table="{_O}table:1.0" xmlns:text="{_O}text:1.0"'
        f' xmlns:draw="{_O}drawing:1.0" xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.2"><office:body>'
        f"<office:spreadsheet>{tables}{after}</office:spreadsheet></office:body></office:document-content>"
    )
    parts = {
        "content.xml": content,
        "styles.xml": f'<office:document-styles xmlns:office="{_O}office:1.0"/>',
        "meta.xml": f'<office:document-meta xmlns:office="{_O}office:1.0"><office:meta/></office:document-meta>',
    }
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="text/xml"/>' for name in ("/", *parts)
    )
    parts["META-INF/manifest.xml"] = (
        f'<manifest:manifest xmlns:manifest="{_O}manifest:1.0">{entries}</manifest:manifest>'
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), "application/vnd.oasis.opendocument.spreadsheet")
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _table(name: str, rng: random.Random) -> str:
    heads, body = rows(rng)
    lines = [_line(heads, rng, 0)]
    for row in body:
        odd = rng.random()
        about = (
            ' table:visibility="collapse"'
            if odd < 0.05
            else f' table:number-rows-repeated="{rng.randrange(1, 4)}"'
            if odd < 0.15
            else ""
        )
        line = _line(row, rng, rng.random()).replace("<table:table-row", f"<table:table-row{about}", 1)
        lines.append(f"<table:table-row-group>{line}</table:table-row-group>" if odd > 0.97 else line)
    if rng.random() < 0.2:
        lines[0] = f"<table:table-header-rows>{lines[0]}</table:table-header-rows>"
    rest = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="1024"/></table:table-row>'
    return f'<table:table table:name="{name}"><table:table-column/>{"".join(lines)}{rest if rng.random() < 0.4 else ""}</table:table>'


def _line(row: list[str] | Row, rng: random.Random, odd: float) -> str:
    cells = [_element(value, rng) for value in row]
    if 0 < odd < 0.05 and cells:
        cells[0] = (
            f'<table:table-cell table:number-rows-spanned="2">{cells[0][cells[0].index(">") + 1 :]}'
            if cells[0].endswith("</table:table-cell>")
            else cells[0]
        )
    return f"<table:table-row>{''.join(cells) or '<table:table-cell/>'}</table:table-row>"


def _element(value: object, rng: random.Random) -> str:
    if value is None or value == "":
        return "<table:table-cell/>"
    if isinstance(value, int | float) and not isinstance(value, bool):
        formula = ' table:formula="of:=[.A2]"' if rng.random() < 0.05 else ""
        return f'<table:table-cell{formula} office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
    text = escape(str(value))
    kind = rng.random()
    if kind < 0.04:
        text = f'<text:a xlink:href="https://exemple.fr/0612345678">{text}</text:a>'
    note = "<office:annotation><text:p>0612345678</text:p></office:annotation>" if kind > 0.96 else ""
    frame = (
        "<draw:frame><draw:text-box><text:p>0698765432</text:p></draw:text-box></draw:frame>"
        if 0.94 < kind < 0.96
        else ""
    )
    return f'<table:table-cell office:value-type="string">{note}<text:p>{text}</text:p>{frame}</table:table-cell>'
