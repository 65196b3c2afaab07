"""XLSX and XLSM: the workbook's parts; cells are read by `xlsx_bytes`, or by `xlsx_events` where the XML is unusual.

No library tells apart all that a phone cell may hold: python-calamine answers '' for error cells and for formulas that
were never calculated and trims texts, openpyxl opens strict files with no sheet and trusts a lying dimension, and
either one allocates what a hostile file asks for. The cell markup itself is small, so it is read directly.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.i18n import _
from ptx_bulk.workbooks.archives import Archive
from ptx_bulk.workbooks.cells import SheetBuilder
from ptx_bulk.workbooks.options import Limits
from ptx_bulk.workbooks.safexml import elements
from ptx_bulk.workbooks.stored import SheetWriter
from ptx_bulk.workbooks.xlsx_bytes import read_rows
from ptx_bulk.workbooks.xlsx_events import Context, read_events
from ptx_bulk.workbooks.xlsx_strings import read_strings

_DATE_FORMATS = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_NOT_FORMAT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DATE_LETTERS = re.compile(r"[dmyhs]", re.IGNORECASE)


@dataclass(frozen=True)
class _Sheet:
    name: str
    visible: bool
    part: str


def read_xlsx(path: Path, limits: Limits, writer: SheetWriter) -> None:
    """Hand every sheet of the workbook to `writer`; hidden ones too, marked so.

    Raises:
        UnreadableFile: damaged, protected, hostile or not a workbook.
    """
    with Archive(path, limits) as archive:
        if "[content_types].xml" in archive:
            elements(archive.read("[content_types].xml"))  # an entity declared there shows an attack
        workbook = _workbook_part(archive)
        sheets, epoch_1904 = _sheets(archive, workbook)
        related = _relations(archive, workbook)
        context = Context(
            strings=_strings(archive, related),
            date_styles=_date_styles(archive, related),
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


def _workbook_part(archive: Archive) -> str:
    for target, kind in _targets(archive, "_rels/.rels", ""):
        if kind.endswith("/officeDocument") and target in archive:
            return target
    for name, attributes in elements(archive.read("[content_types].xml")) if "[content_types].xml" in archive else ():
        part = attributes.get("PartName", "")
        if name == "Override" and "sheet.main+xml" in attributes.get("ContentType", "").lower() and part in archive:
            return part.lstrip("/")
    if "xl/workbook.xml" in archive:
        return "xl/workbook.xml"
    raise UnreadableFile(_("this is a zip file without a workbook in it; save the list as an Excel workbook or as CSV"))


def _targets(archive: Archive, part: str, folder: str) -> list[tuple[str, str]]:
    """Target part and type of every relationship in `part`; none when it is missing or damaged."""
    if part not in archive:
        return []
    try:
        found = list(elements(archive.read(part)))
    except UnreadableFile:
        return []
    return [
        (posixpath.normpath(posixpath.join(folder, _slashes(a.get("Target", "")))).lstrip("/"), a.get("Type", ""))
        for name, a in found
        if name == "Relationship"
    ]


def _slashes(target: str) -> str:
    return target.replace("\\", "/")


def _relations(archive: Archive, workbook: str) -> dict[str, tuple[str, str]]:
    """Part and type of the workbook's relationships by their id; `strings` and `styles` by that name as well."""
    folder, name = posixpath.split(workbook)
    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    related: dict[str, tuple[str, str]] = {}
    if rels not in archive:
        return related
    for element, attributes in elements(archive.read(rels)):
        if element != "Relationship":
            continue
        target = posixpath.normpath(posixpath.join(folder, _slashes(attributes.get("Target", "")))).lstrip("/")
        kind = attributes.get("Type", "").rpartition("/")[2]
        related[attributes.get("Id", "")] = (target, kind)
        related.setdefault(kind, (target, kind))
    return related


def _sheets(archive: Archive, workbook: str) -> tuple[list[_Sheet], bool]:
    related = _relations(archive, workbook)
    folder = posixpath.dirname(workbook)
    sheets: list[_Sheet] = []
    epoch_1904 = False
    for element, attributes in elements(archive.read(workbook)):
        if element == "workbookPr":
            epoch_1904 = attributes.get("date1904", "") in {"1", "true"}
        if element != "sheet":
            continue
        part, kind = related.get(attributes.get("id", ""), ("", "worksheet"))
        if kind != "worksheet":
            continue  # chart and dialogue sheets hold no cells
        if part not in archive:
            part = posixpath.join(folder, "worksheets", f"sheet{len(sheets) + 1}.xml")
        visible = attributes.get("state", "visible") == "visible"
        sheets.append(_Sheet(attributes.get("name", ""), visible, part))
    if not sheets:
        raise UnreadableFile(_("the workbook has no sheets; open it in a spreadsheet program and save it again"))
    return sheets, epoch_1904


def _strings(archive: Archive, related: dict[str, tuple[str, str]]) -> pa.Array[Any]:
    part = related.get("sharedStrings", ("xl/sharedStrings.xml", ""))[0]
    if part not in archive:
        return pa.array([], pa.string())
    return read_strings(archive, part)


def _date_styles(archive: Archive, related: dict[str, tuple[str, str]]) -> frozenset[int]:
    """The cell styles that show a number as a date or time."""
    part = related.get("styles", ("xl/styles.xml", ""))[0]
    if part not in archive:
        return frozenset()
    formats: dict[str, str] = {}
    dates: set[int] = set()
    position = -1
    inside = False
    for element, attributes in elements(archive.read(part)):
        if element == "numFmt":
            formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif element in {"cellXfs", "cellStyleXfs", "cellStyles", "dxfs"}:
            inside = element == "cellXfs"
        elif element == "xf" and inside:
            position += 1
            if _is_date(attributes.get("numFmtId", "0"), formats):
                dates.add(position)
    return frozenset(dates)


def _is_date(number: str, formats: dict[str, str]) -> bool:
    if number in formats:
        first = _NOT_FORMAT.sub("", formats[number]).partition(";")[0]
        return bool(_DATE_LETTERS.search(first)) and first.lower() not in {"general", "standard"}
    return number.isdecimal() and int(number) in _DATE_FORMATS
