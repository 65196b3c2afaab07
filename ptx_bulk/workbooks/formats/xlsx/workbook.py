"""XLSX and XLSM: the workbook's parts; cells are read by `blocks`, or by `events` where the XML is unusual.

No library tells apart all that a phone cell may hold: python-calamine answers '' for error cells and for formulas that
were never calculated, openpyxl opens strict files with no sheet and trusts a lying dimension, and
either one allocates what a hostile file asks for. The cell markup itself is small, so it is read directly.
"""

from __future__ import annotations

import io
import posixpath
import re
from dataclasses import dataclass
from pathlib import Path

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.i18n import _
from ptx_bulk.workbooks.formats.number_formats import shown_prefix
from ptx_bulk.workbooks.formats.xlsx.blocks import read_rows
from ptx_bulk.workbooks.formats.xlsx.events import Context, read_events
from ptx_bulk.workbooks.formats.xlsx.strings import read_strings
from ptx_bulk.workbooks.guard.archives import Archive
from ptx_bulk.workbooks.guard.safexml import elements
from ptx_bulk.workbooks.sheets.cells import SheetBuilder
from ptx_bulk.workbooks.sheets.limits import Limits
from ptx_bulk.workbooks.sheets.stored import SheetWriter

_TYPES = "[content_types].xml"
_DATE_FORMATS = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_NOT_FORMAT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DATE_LETTERS = re.compile(r"[dmyhs]", re.IGNORECASE)


# where parts are that no relation names
USUAL_NAMES = {"styles": "xl/styles.xml", "sharedStrings": "xl/sharedStrings.xml"}


@dataclass(frozen=True)
class SheetPart:
    """A worksheet and the part that holds it."""

    name: str
    visible: bool
    part: str


def read_xlsx(path: Path, limits: Limits, writer: SheetWriter) -> None:
    """Hand every sheet of the workbook to `writer`; hidden ones too, marked so.

    Raises:
        UnreadableFile: damaged, protected, hostile or not a workbook.
    """
    with Archive(path, limits) as archive:
        if _TYPES in archive and b"<!" in archive.read(_TYPES).getvalue():
            list(elements(archive.read(_TYPES)))  # refuses: an entity declared there shows an attack
        workbook = workbook_part(archive)
        relations = relations_of(archive, workbook)
        sheets, epoch_1904 = sheets_of(archive, workbook, relations)
        dates, prefixes = _styles(archive, _part(relations, "styles"))
        context = Context(
            strings=read_strings(archive, _part(relations, "sharedStrings")),
            date_styles=dates,
            prefixes=prefixes,
            epoch_1904=epoch_1904,
        )
        for sheet in sheets:
            builder = SheetBuilder(limits)
            with archive.open(sheet.part) as stream:
                regular = read_rows(stream, context, builder)
            if not regular:
                builder = SheetBuilder(limits)
                with archive.open(sheet.part) as stream:
                    read_events(stream, context, builder)
            writer.add(sheet.name, builder, visible=sheet.visible)


@dataclass(frozen=True)
class Relation:
    """What a part names another one for."""

    id: str
    kind: str  # the last word of its type: worksheet, sharedStrings, styles, officeDocument ...
    part: str


def workbook_part(archive: Archive) -> str:
    """The part that lists the sheets."""
    try:
        found = [relation.part for relation in relations_of(archive, "") if relation.kind == "officeDocument"]
        found += [
            attributes.get("PartName", "")
            for name, attributes in elements(archive.read(_TYPES) if _TYPES in archive else io.BytesIO(b"<none/>"))
            if name == "Override" and "sheet.main+xml" in attributes.get("ContentType", "").lower()
        ]
    except UnreadableFile:  # damaged relations: the usual name may still be right
        found = []
    for part in [*found, "xl/workbook.xml"]:
        if part in archive:
            return part.lstrip("/")
    raise UnreadableFile(_("this is a zip file without a workbook in it; save the list as an Excel workbook or as CSV"))


def relations_of(archive: Archive, part: str) -> list[Relation]:
    """The relations of a part ('' for the package); none when there is no list of them."""
    folder, name = posixpath.split(part)
    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    if rels not in archive:
        return []
    return [
        Relation(
            id=attributes.get("Id", ""),
            kind=attributes.get("Type", "").rpartition("/")[2],
            part=posixpath.normpath(posixpath.join(folder, attributes.get("Target", "").replace("\\", "/"))).lstrip(
                "/"
            ),
        )
        for element, attributes in elements(archive.read(rels))
        if element == "Relationship"
    ]


def sheets_of(archive: Archive, workbook: str, relations: list[Relation]) -> tuple[list[SheetPart], bool]:
    """The worksheets in their order, and whether dates count from 1904."""
    related = {relation.id: relation for relation in relations}
    folder = posixpath.dirname(workbook)
    sheets: list[SheetPart] = []
    epoch_1904 = False
    for element, attributes in elements(archive.read(workbook)):
        if element == "workbookPr":
            epoch_1904 = attributes.get("date1904", "") in {"1", "true"}
        if element != "sheet":
            continue
        relation = related.get(attributes.get("id", ""))
        if relation is not None and relation.kind != "worksheet":
            continue  # chart and dialogue sheets hold no cells
        part = relation.part if relation is not None else ""
        if part not in archive:
            part = posixpath.join(folder, "worksheets", f"sheet{len(sheets) + 1}.xml")
        visible = attributes.get("state", "visible") == "visible"
        sheets.append(SheetPart(attributes.get("name", ""), visible, part))
    if not sheets:
        raise UnreadableFile(_("the workbook has no sheets; open it in a spreadsheet program and save it again"))
    return sheets, epoch_1904


def _part(relations: list[Relation], kind: str) -> str:
    """The part of that kind, or its usual name."""
    return next((relation.part for relation in relations if relation.kind == kind), USUAL_NAMES[kind])


def _styles(archive: Archive, part: str) -> tuple[frozenset[int], dict[int, str]]:
    """The cell styles that show a number as a date or time, and what those write before it that show a country code."""
    formats: dict[str, str] = {}
    dates: set[int] = set()
    prefixes: dict[int, str] = {}
    position = -1
    inside = False
    for element, attributes in elements(archive.read(part)) if part in archive else ():
        if element == "numFmt":
            formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif element in {"cellXfs", "cellStyleXfs", "cellStyles", "dxfs"}:
            inside = element == "cellXfs"
        elif element == "xf" and inside:
            position += 1
            number = attributes.get("numFmtId", "0")
            if _is_date(number, formats):
                dates.add(position)
            elif (prefix := shown_prefix(formats.get(number, ""))) is not None:
                prefixes[position] = prefix
    return frozenset(dates), prefixes


def _is_date(number: str, formats: dict[str, str]) -> bool:
    if number in formats:
        first = _NOT_FORMAT.sub("", formats[number]).partition(";")[0]
        return bool(_DATE_LETTERS.search(first)) and first.lower() not in {"general", "standard"}
    return number.isdecimal() and int(number) in _DATE_FORMATS
