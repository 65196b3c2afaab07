"""Which parts of a package stay when rows leave it, and what the small ones among them say then.

A part that may hold copies of rows, or points at rows, does not stay: caches of pivot tables and charts, comments,
drawings, the order of calculation, links to other files, previews.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.workbooks.formats.xlsx.workbook import (
    USUAL_NAMES,
    SheetPart,
    relations_of,
    sheets_of,
    workbook_part,
)
from ptx_bulk.workbooks.guard.archives import Archive
from ptx_bulk.workbooks.guard.safexml import elements
from ptx_bulk.workbooks.splitting.digit_runs import runs_in, without_runs
from ptx_bulk.workbooks.splitting.parts import KEPT
from ptx_bulk.workbooks.splitting.spans import Span, Unusual, spans, tag_end, without
from ptx_bulk.workbooks.splitting.xlsx.moving import Route
from ptx_bulk.workbooks.splitting.xlsx.ranges import headed_area, moved_formula

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
_SHEET_NAME = re.compile(rb'(<sheet\b[^>]*? name=")([^"]*)')
_LOCAL = re.compile(rb' localSheetId="[0-9]+"')
_VIEWED = re.compile(rb' (?:activeTab|firstSheet)="[0-9]*"')
# parts that a workbook can do without, and what it is told when one does not stay
_DISPENSABLE = {
    **dict.fromkeys(("core-properties", "extended-properties", "custom-properties"), "properties"),
    "printerSettings": "printer",
    "table": "tables",
}
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
        related: by the part of a sheet, the ids of all its relations that stay.
        workbook: the part that lists the sheets.
        macros: whether there are any.
        told: what does not stay, in words for notices.
        erased: runs of digits that must not stay in these parts.
    """

    archive: Archive
    erased: AbstractSet[str] = frozenset()
    sheets: list[SheetPart] = field(default_factory=list)
    copied: list[str] = field(default_factory=list)
    written: dict[str, bytes] = field(default_factory=dict)
    tables: dict[str, dict[str, str]] = field(default_factory=dict)
    related: dict[str, set[str]] = field(default_factory=dict)
    workbook: str = ""
    macros: bool = False
    strings: str = ""
    told: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, archive: Archive, erased: AbstractSet[str] = frozenset()) -> Package:
        """What stays of a package.

        Raises:
            Unusual: a part was read that no relation names, so that the others would not find it.
        """
        package = cls(archive, erased)
        workbook = workbook_part(archive)
        known = {**package._walk("", _OF_PACKAGE), **package._walk(workbook, _OF_WORKBOOK)}
        package.sheets = sheets_of(archive, workbook, relations_of(archive, workbook))[0]
        package._check_named(workbook, known)
        for sheet in package.sheets:
            known_of_sheet = package._walk(sheet.part, _OF_SHEET)
            package.tables[sheet.part] = known_of_sheet.get("table", {})
            package.related[sheet.part] = {one for found in known_of_sheet.values() for one in found}
        package.macros = "vbaProject" in known
        for part in known.get("vbaProject", {}).values():
            package._walk(part, _OF_MACROS)
        package.strings = next(iter(known.get("sharedStrings", {}).values()), "")
        package.workbook = workbook
        apart = {workbook, package.strings, *(sheet.part for sheet in package.sheets)}
        apart.update(part for tables in package.tables.values() for part in tables.values())
        package.copied = [name for name in dict.fromkeys(package.copied) if name not in apart]
        return package

    def _check_named(self, workbook: str, known: Mapping[str, Mapping[str, str]]) -> None:
        """Refuse a package of which a part that was read has a usual name and no relation to it."""
        named = {part for parts in known.values() for part in parts.values()}
        unnamed = any(name in self.archive and kind not in known for kind, name in USUAL_NAMES.items())
        if unnamed or not named.issuperset({workbook, *(sheet.part for sheet in self.sheets)}):
            raise Unusual

    def _walk(self, part: str, kinds: frozenset[str]) -> dict[str, dict[str, str]]:
        """Keep the relations of these kinds; by kind, the parts by relation."""
        found: dict[str, dict[str, str]] = {}
        raw: list[str] = []
        rels = posixpath.join(posixpath.dirname(part), "_rels", f"{posixpath.basename(part)}.rels")
        if rels not in self.archive:
            return found
        every = [attributes for name, attributes in elements(self.archive.read(rels)) if name == "Relationship"]
        for one, attributes in zip(relations_of(self.archive, part), every, strict=True):
            there = one.part in self.archive and attributes.get("TargetMode") != "External"
            if one.kind in kinds and there and not self._spoilt(one.kind, one.part):
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

    def _spoilt(self, kind: str, part: str) -> bool:
        """Whether a part that may be missing holds what must not stay."""
        if kind not in _DISPENSABLE or not self.erased:
            return False
        spoilt = not runs_in(self.archive.read(part).getvalue()).isdisjoint(self.erased)
        if spoilt:
            self.told.add(_DISPENSABLE[kind])
        return spoilt

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
            try:
                table = _table(self.archive.read(part).getvalue(), route)
            except UnreadableFile:
                table = None
            if table is None:
                self.told.add("tables")
            else:
                found[relation] = (part, table)
        return found

    def workbook_of(self, part: int, routes: Mapping[str, Route]) -> bytes:
        """The list of sheets as it is in a part, without what points at rows that left or keeps copies of rows.

        Args:
            part: which.
            routes: by sheet, where its rows go that are in that part.
        """
        data = self.archive.read(self.workbook).getvalue()
        listed = spans(data, lambda depth, name: depth == 1 or name in {"sheet", "definedName"})
        every = [one.attributes.get("name", "") for one in listed if one.name == "sheet"]
        places = {at: place for place, at in enumerate(at for at, name in enumerate(every) if name in routes)}
        pieces, at = [], 0
        for one in sorted(listed, key=lambda span: (span.start, -span.stop)):
            if one.name == "bookViews" and len(places) < len(every):
                text: bytes | None = _VIEWED.sub(b"", data[one.start : one.stop])
            else:
                text = self._stays(one, data, part, routes, places)
            if text is not None and one.start >= at:
                pieces += [data[at : one.start], text]
                at = one.stop
        kept = b"".join([*pieces, data[at:]])
        return self._named_apart(re.sub(rb"<definedNames>\s*</definedNames>", b"", kept))

    def _stays(
        self, one: Span, data: bytes, part: int, routes: Mapping[str, Route], places: dict[int, int]
    ) -> bytes | None:
        """What stands instead of an element of the workbook; None where it stays, or its inner ones tell."""
        if one.depth == 1 and one.name not in _IN_WORKBOOK:
            return b""
        if one.name == "sheet" and one.attributes.get("name", "") not in routes:
            return b""  # of charts or macros
        if one.name != "definedName":
            return None
        moved = self._name(one, data[one.inner : one.stop], part, routes)
        place = one.attributes.get("localSheetId")
        if moved is None or (place is not None and int(place) not in places):
            if one.attributes.get("hidden") not in {"1", "true"}:
                self.told.add("names")
            return b""
        tag = data[one.start : one.inner]
        if place is not None:
            tag = _LOCAL.sub(b' localSheetId="%d"' % places[int(place)], tag)
        return tag + moved + data[one.stop - len(b"</definedName>") : one.stop]

    def _name(self, one: Span, inner: bytes, part: int, routes: Mapping[str, Route]) -> bytes | None:
        """What a name stands for in the part; None where that is not there."""
        attributes = one.attributes
        if not runs_in(" ".join(attributes.values()).encode()).isdisjoint(self.erased):
            return None
        if part != KEPT:
            return inner.partition(b"<")[0] if _only_titles(attributes, inner) else None
        if attributes.get("name") == "_xlnm._FilterDatabase" or {"function", "xlm", "vbProcedure"} & set(attributes):
            return None
        text = html.unescape(inner.partition(b"<")[0].decode("utf-8", "replace"))
        moved = None if "[" in text else moved_formula(text, 0, None, routes)
        return None if moved is None else escape(moved).encode()

    def _named_apart(self, data: bytes) -> bytes:
        """The workbook without what must not stay; sheets whose names were alike but for that get a number."""
        if not self.erased:
            return data
        data, taken = without_runs(data, self.erased), set()

        def free(found: re.Match[bytes]) -> bytes:
            name, number = found[2], 1
            while name in taken:
                number += 1
                name = found[2] + b" %d" % number
            taken.add(name)
            return found[1] + name

        return _SHEET_NAME.sub(free, data)


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
    place = headed_area(area, route)
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
