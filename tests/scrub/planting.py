"""Places of a workbook beside its rows where a number can stand, and what puts one there."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import xlsxwriter

from tests.scrub.books import changed

Plant = Callable[[str], None]
_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"


def inject(path: Path, owner: str, part: str, kind: str, data: bytes) -> None:
    """Add a part to a package, related to its owner."""
    rels = posixpath.join(posixpath.dirname(owner), "_rels", f"{posixpath.basename(owner)}.rels")
    with zipfile.ZipFile(path) as package:
        every = {name: package.read(name) for name in package.namelist()}
    empty = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
    target = posixpath.relpath(part, posixpath.dirname(owner) or ".")
    name = f"rIn{len(every)}"
    relation = f'<Relationship Id="{name}" Type="{_TYPE}{kind}" Target="{target}"/></Relationships>'
    every[rels] = every.get(rels, empty).replace(b"</Relationships>", relation.encode())
    every[part] = data
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for one, content in every.items():
            package.writestr(one, content)


def planted(path: Path, rows: list[tuple[object, ...]], number: Callable[[], str]) -> None:
    """Write a workbook with these rows, and numbers in every place beside them; `number` gives a writing each time."""
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("Contacts")
    for at, row in enumerate(rows):
        page.write_row(at, 0, row)
    last = len(rows) - 1
    page.data_validation(1, 4, last, 4, {"validate": "list", "source": [number(), "autre"]})
    page.data_validation(1, 5, last, 5, {"validate": "any", "input_title": "Tel", "input_message": number()})
    page.conditional_format(1, 1, last, 1, {"type": "formula", "criteria": f'=$A2="{number()}"'})
    page.conditional_format(1, 0, last, 0, {"type": "text", "criteria": "containing", "value": number()})
    page.conditional_format(1, 3, last, 3, {"type": "formula", "criteria": "=$D2=612345678"})
    page.set_footer(f"&LAppeler {number()}")
    page.set_header(f'&C&"Arial,Bold"{number()}')
    page.write_comment(last, 0, f"rappeler au {number()}")
    page.write_url(last, 6, f"https://annuaire.example/{number().replace(' ', '')}", string="appeler", tip=number())
    page.insert_textbox(3, 8, number())
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=Contacts!$D$2:$D$4", "name": number()})
    chart.set_title({"name": number()})
    page.insert_chart(9, 8, chart)
    page.write_number(last, 10, 5, book.add_format({"num_format": f'0 "{number()}"', "font_name": f"F {number()}"}))
    book.add_worksheet(number().replace(":", "")[:31])
    book.define_name("Chef", f'="{number()}"')
    book.set_properties({"title": number(), "comments": number(), "keywords": number(), "manager": number()})
    book.set_custom_property("ligne", number())
    other = book.add_worksheet("Tableau")
    other.add_table(0, 0, 2, 1, {"columns": [{"header": "a"}, {"header": "b"}], "name": "Choix"})
    book.close()
    _raw(path, number)


def _raw(path: Path, number: Callable[[], str]) -> None:
    """What no library writes."""

    def text() -> bytes:
        return number().encode()

    changed(path, "xl/tables/table1.xml", lambda data: data.replace(b" ref=", b' comment="%s" ref=' % text(), 1))
    changed(path, "xl/theme/theme1.xml", lambda data: data.replace(b'name="Office', b'name="%s Office' % text(), 1))
    spoken = b'<si><t>orphan %s</t></si><si><t>x</t><rPh sb="0" eb="1"><t>%s</t></rPh></si></sst>' % (text(), text())
    changed(path, "xl/sharedStrings.xml", lambda data: data.replace(b"</sst>", spoken))
    guide = b'<t>Nom</t><rPh sb="0" eb="1"><t>%s</t></rPh>' % text()
    changed(path, "xl/sharedStrings.xml", lambda data: data.replace(b"<t>Nom</t>", guide))
    master = b'<c r="M2"><f t="shared" ref="M2:M5" si="0">IF(A2="%s",1,2)</f></c>' % text()
    child = b'<c r="M3"><f t="shared" si="0"/></c>'
    child += b'<c r="N3" t="inlineStr"><is><t>x</t><rPh sb="0" eb="1"><t>%s</t></rPh></is></c>' % text()
    for row, cell in ((2, master), (3, child)):
        end = re.compile(rb'(<row r="%d".*?)</row>' % row)
        changed(path, SHEET, lambda data, end=end, cell=cell: end.sub(lambda at: at[1] + cell + b"</row>", data))
    parts = {
        "xl/threadedComments/threadedComment1.xml": (SHEET, "threadedComment"),
        "xl/pivotCache/pivotCacheDefinition1.xml": (BOOK, "pivotCacheDefinition"),
        "xl/connections.xml": (BOOK, "connections"),
        "xl/queryTables/queryTable1.xml": (SHEET, "queryTable"),
        "xl/calcChain.xml": (BOOK, "calcChain"),
        "customXml/item1.xml": (BOOK, "customXml"),
        "xl/externalLinks/externalLink1.xml": (BOOK, "externalLink"),
        "xl/embeddings/oleObject1.bin": (SHEET, "oleObject"),
        "xl/persons/person.xml": (BOOK, "person"),
        "docProps/thumbnail.jpeg": ("", "thumbnail"),
    }
    for part, (owner, kind) in parts.items():
        inject(path, owner, part, kind, b"<x>%s</x>" % text())
    inject(path, SHEET, "xl/printerSettings/printerSettings1.bin", "printerSettings", number().encode("utf-16-le"))
