"""Which parts of a package stay when rows leave it, and what the small ones among them say then.

A part that may hold copies of rows, or points at rows, does not stay: caches of pivot tables and charts, comments,
drawings, the order of calculation, links to other files, previews.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from xml.sax.saxutils import quoteattr

from ptx_bulk.workbooks.formats.xlsx.workbook import SheetPart, relations_of, sheets_of, workbook_part
from ptx_bulk.workbooks.guard.archives import Archive
from ptx_bulk.workbooks.guard.safexml import elements
from ptx_bulk.workbooks.splitting.parts import KEPT
from ptx_bulk.workbooks.splitting.spans import Unusual, spans, tag_end, without
from ptx_bulk.workbooks.splitting.xlsx.moving import Route
from ptx_bulk.workbooks.splitting.xlsx.sheets import moved

TYPES = "[Content_Types].xml"
_OF_PACKAGE = frozenset({"officeDocument", "core-properties", "extended-properties", "custom-properties"})
_OF_WORKBOOK = frozenset({"worksheet", "styles", "theme", "sharedStrings", "vbaProject"})
_OF_SHEET = frozenset({"printerSettings", "table"})
_OF_MACROS = frozenset({"vbaProjectSignature", "vbaProjectSignatureAgile", "vbaProjectSignatureV3"})
_IN_WORKBOOK = frozenset(
    {"fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets", "definedNames"}
)
_LEFT_OUT_OF_TABLES = frozenset({"sortState", "calculatedColumnFormula", "totalsRowFormula", "extLst", "autoFilter"})
_TITLES = re.compile(r"(?:[^,]*![$]?[A-Z]+:[$]?[A-Z]+,)?[^,]*![$]?([0-9]+):[$]?([0-9]+)")
_TABLE_REF = re.compile(rb'(<table\b[^>]*? ref=")[^"]*')
_TOLD = {"pivotTable": "pivot", "pivotCacheDefinition": "pivot", "comments": "comments", "threadedComment": "comments"}
_TOLD |= {"drawing": "drawings", "externalLink": "links", "hyperlink": "links", "chartsheet": "drawings"}


@dataclass
class Package:
    """The parts of a workbook's package that stay.

    Attributes:
        sheets: the worksheets.
        copied: names of parts that stay as they are.
        written: by name, parts that are written anew.
        tables: by the part of a sheet, its tables: relation and part.
        told: what does not stay, in words for notices.
    """

    archive: Archive
    sheets: list[SheetPart] = field(default_factory=list)
    copied: list[str] = field(default_factory=list)
    written: dict[str, bytes] = field(default_factory=dict)
    tables: dict[str, dict[str, str]] = field(default_factory=dict)
    strings: str = ""
    told: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, archive: Archive) -> Package:
        """What stays of a package."""
        package = cls(archive)
        workbook = workbook_part(archive)
        package._walk("", _OF_PACKAGE)
        known = package._walk(workbook, _OF_WORKBOOK)
        package.sheets = sheets_of(archive, workbook, relations_of(archive, workbook))[0]
        for sheet in package.sheets:
            package.tables[sheet.part] = package._walk(sheet.part, _OF_SHEET).get("table", {})
        for part in known.get("vbaProject", {}).values():
            package._walk(part, _OF_MACROS)
        package.strings = next(iter(known.get("sharedStrings", {}).values()), "")
        package.written[workbook] = _workbook(archive.read(workbook).getvalue(), package)
        apart = {workbook, package.strings, *(sheet.part for sheet in package.sheets)}
        apart.update(part for tables in package.tables.values() for part in tables.values())
        package.copied = [name for name in dict.fromkeys(package.copied) if name not in apart]
        return package

    def _walk(self, part: str, kinds: frozenset[str]) -> dict[str, dict[str, str]]:
        """Keep the relations of these kinds; by kind, the parts by relation."""
        found: dict[str, dict[str, str]] = {}
        raw: list[str] = []
        rels = posixpath.join(posixpath.dirname(part), "_rels", f"{posixpath.basename(part)}.rels")
        if rels not in self.archive:
            return found
        every = [attributes for name, attributes in elements(self.archive.read(rels)) if name == "Relationship"]
        for one, attributes in zip(relations_of(self.archive, part), every, strict=True):
            if one.kind in kinds and one.part in self.archive and attributes.get("TargetMode") != "External":
                found.setdefault(one.kind, {})[one.id] = one.part
                self.copied.append(one.part)
                raw.append("".join(f" {name}={quoteattr(value)}" for name, value in attributes.items()))
            elif one.kind in _TOLD:
                self.told.add(_TOLD[one.kind])
        inner = "".join(f"<Relationship{one}/>" for one in raw)
        self.written[rels] = (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Relationships xmlns="http://schemas.'
            f'openxmlformats.org/package/2006/relationships">{inner}</Relationships>'
        ).encode()
        return found

    def types(self, names: set[str]) -> bytes:
        """The list of content types, for these parts alone."""
        data = self.archive.read(TYPES).getvalue()
        there = {f"/{name}".lower() for name in names}
        gone = [
            one
            for one in spans(data, lambda depth, name: depth == 1 and name == "Override")
            if one.attributes.get("PartName", "").lower() not in there
        ]
        return without(data, gone)

    def tables_of(self, sheet: str, route: Route) -> dict[str, tuple[str, bytes]]:
        """Those of a sheet's tables that stay in this part, by their relation: name of the part, and what it holds."""
        if route.part != KEPT:
            return {}
        found = {}
        for relation, part in self.tables[sheet].items():
            table = _table(self.archive.read(part).getvalue(), route)
            if table is not None:
                found[relation] = (part, table)
        return found


def _workbook(data: bytes, package: Package) -> bytes:
    """The workbook without what points at rows or keeps copies of them."""
    related = {sheet.name for sheet in package.sheets}
    gone = []
    for one in spans(data, lambda depth, name: depth == 1 or name in {"sheet", "definedName"}):
        if one.depth == 1 and one.name not in _IN_WORKBOOK:
            gone.append(one)
        elif one.name == "sheet" and one.attributes.get("name", "") not in related:
            raise Unusual  # a sheet of charts or macros: the places of all others would change
        elif one.name == "definedName" and not _only_titles(one.attributes, data[one.inner : one.stop]):
            gone.append(one)
            if one.attributes.get("hidden") not in {"1", "true"}:
                package.told.add("names")
    kept = without(data, gone)
    return re.sub(rb"<definedNames>\s*</definedNames>", b"", kept)


def _only_titles(attributes: dict[str, str], text: bytes) -> bool:
    """Whether the name is that of the rows that are printed on each page."""
    if attributes.get("name") != "_xlnm.Print_Titles":
        return False
    found = _TITLES.fullmatch(text.decode().partition("<")[0])
    return found is not None and found[1] == "1"


def _table(data: bytes, route: Route) -> bytes | None:
    """A table as it is in the part, None where it cannot stay."""
    root = next(one for one in spans(data, lambda depth, _name: depth == 0))
    area, totals = root.attributes.get("ref", ""), root.attributes.get("totalsRowCount", "0")
    place = moved(area, route)
    if not place or totals != "0":
        return None
    inner = spans(data, lambda depth, name: depth > 0 and name in _LEFT_OUT_OF_TABLES)
    filtered = next((one for one in inner if one.name == "autoFilter" and one.depth == 1), None)
    data = without(data, inner)
    data = _TABLE_REF.sub(lambda found: found[1] + place.encode(), data, count=1)
    if filtered is None:
        return data
    start = tag_end(data, data.index(b"<table"))
    return data[:start] + f'<autoFilter ref="{place}"/>'.encode() + data[start:]
