"""One worksheet on its way to several parts: what stands before, among and after its rows."""

from __future__ import annotations

import html
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import IO
from xml.sax.saxutils import escape

import numpy as np

from ptx_bulk.workbooks.formats.xlsx.blocks import unpacked_blocks
from ptx_bulk.workbooks.formats.xlsx.events import column_index
from ptx_bulk.workbooks.splitting.digit_runs import runs_in, without_runs
from ptx_bulk.workbooks.splitting.parts import KEPT
from ptx_bulk.workbooks.splitting.spans import Span, Unusual, check_usual, spans, tag_end, without
from ptx_bulk.workbooks.splitting.xlsx.formulas import Formulas
from ptx_bulk.workbooks.splitting.xlsx.moving import Route, blocks_of
from ptx_bulk.workbooks.splitting.xlsx.ranges import (
    first_row,
    headed_area,
    merged_area,
    moved_area,
    moved_formula,
    reaches,
)
from ptx_bulk.workbooks.splitting.xlsx.rows import Rows

_START = re.compile(rb"<sheetData\s*(/?)>")
_ROOT = re.compile(rb"<worksheet\b")
_END, _ROW_END = b"</sheetData>", b"</row>"
_LONGEST_HEAD = 16 << 20
_BLOCK = 2 << 20  # what the arrays of a block take stays near the processor
_HEAD_LEFT_OUT = frozenset({"dimension"})
_SCROLLED = re.compile(rb'(<sheetView\b[^>]*?) topLeftCell="[^"]*"')
_FILTERED = re.compile(rb'(<sheetPr\b[^>]*?) filterMode="[^"]*"')
_SELECTION = re.compile(rb"<selection\b[^>]*>")
_SELECTED = re.compile(rb' (?:activeCell|sqref|activeCellId)="[^"]*"')
_PANE = re.compile(rb"<pane\b[^>]*>")
_FROZEN = re.compile(rb' ySplit="([0-9]{1,7})"')
_TOP_LEFT = re.compile(rb'( topLeftCell="[A-Z]{1,3})[0-9]+')
_EXTENSION = re.compile(rb"<extLst>.*?</extLst>", re.S)
_COUNTED = re.compile(rb' count="[0-9]*"')
_RULE_FORMULA = re.compile(rb"(<formula[12]?>)([^<]*)")
_THRESHOLD = re.compile(rb'<cfvo\b[^>]*? val="[^"]*\$[^"]*"')  # a cell that a scale of colours ends with
_PLACES = re.compile(rb'( sqref=")[^"]*')
_RELATED = re.compile(rb' [A-Za-z]+:id="[^"]*"')
# what follows the rows and speaks of none of them
_STAYS = frozenset(
    {
        *("sheetProtection", "phoneticPr", "printOptions", "pageMargins", "pageSetup", "headerFooter", "colBreaks"),
        *("autoFilter", "mergeCells", "conditionalFormatting", "dataValidations", "tableParts"),
    }
)
_TOLD = {
    **dict.fromkeys(("drawing", "legacyDrawing", "picture", "oleObjects", "controls", "legacyDrawingHF"), "drawings"),
    **dict.fromkeys(("conditionalFormatting", "dataValidations", "extLst"), "rules"),
    "hyperlinks": "links",
    "mergeCells": "merged",
}


class SheetCutter:
    """Cuts one worksheet for each of its routes.

    Args:
        routes: where its rows go, a route a part.
        related: for each route the ids of those relations of the sheet that stay.
        others: the routes to `kept` of all sheets, by name.
        erased: runs of digits that must not stay beside the rows.
    """

    def __init__(
        self,
        routes: list[Route],
        related: Sequence[AbstractSet[str]],
        others: Mapping[str, Route],
        erased: AbstractSet[str] = frozenset(),
    ) -> None:
        self._routes = routes
        self._related = related
        self._others = others
        self._erased = erased
        self._behind = b""
        self.formulas = Formulas(routes, erased)
        self.told: set[str] = set()

    def pieces(self, stream: IO[bytes]) -> Iterator[list[bytes]]:
        """The sheet in pieces, each as it is in every part.

        Raises:
            Unusual: the markup is not what spreadsheet programs write.
        """
        with closing(unpacked_blocks(stream, _BLOCK)) as blocks:
            head, rest = _head(blocks)
            yield [self._head(head, route) for route in self._routes]
            with closing(_ahead(self._rows(rest, blocks))) as found:
                for rows in found:
                    yield blocks_of(self._routes, rows)
        if self.formulas.had:
            self.told.add("formulas")
        yield [b"</sheetData>" + self._tail(self._behind, head, at) for at in range(len(self._routes))]

    def _rows(self, rest: bytes | None, blocks: Iterator[bytes]) -> Iterator[Rows]:
        """The rows, block by block; what stands behind them is kept for later."""
        last = 0
        while rest is not None:
            end = rest.find(_END)
            cut = end if end >= 0 else rest.rfind(_ROW_END) + len(_ROW_END)
            if end > 0 or cut >= len(_ROW_END):
                rows = Rows(self.formulas.moved(rest[:cut]), last)
                last = rows.last or last
                yield rows
                rest = rest[cut:]
            if end >= 0:
                break
            data = next(blocks, b"")
            if not data:
                raise Unusual
            rest += data
        self._behind = (rest or b"").removeprefix(_END) + b"".join(blocks)

    def _head(self, head: bytes, route: Route) -> bytes:
        start = _START.search(head)
        before = head[: start.start()] if start else head
        whole = before + b"<sheetData/></worksheet>"
        kept = without(whole, spans(whole, lambda depth, name: depth == 1 and name in _HEAD_LEFT_OUT))
        kept = kept.removesuffix(b"<sheetData/></worksheet>") + b"<sheetData>"
        kept = _SELECTION.sub(lambda found: _SELECTED.sub(b"", found[0]), kept)
        kept = _PANE.sub(lambda pane: _moved_pane(pane[0], route), kept)
        return without_runs(_FILTERED.sub(rb"\1", _SCROLLED.sub(rb"\1", kept)), self._erased)

    def _tail(self, tail: bytes, head: bytes, at: int) -> bytes:
        root = _ROOT.search(head)
        if root is None:
            raise Unusual
        declared = head[root.start() : tag_end(head, root.start())]
        whole = declared + tail
        found = spans(whole, lambda depth, _name: depth == 1)
        pieces = [self._following(one, whole, at) for one in found]
        return b"".join(pieces) + b"</worksheet>"

    def _following(self, one: Span, whole: bytes, at: int) -> bytes:
        """What is left of an element behind the rows."""
        text = whole[one.start : one.stop]
        if one.name in _STAYS:
            change = _CHANGES.get(one.name)
            kept = text if change is None else change(self, one, text, at)
            if kept:
                return without_runs(kept, self._erased)
        if one.name in _TOLD and self._routes[at].part == KEPT:
            self.told.add(_TOLD[one.name])
        return b""

    def _filter(self, one: Span, _text: bytes, at: int) -> bytes:
        area = headed_area(one.attributes.get("ref", ""), self._routes[at])
        return f'<autoFilter ref="{area}"/>'.encode() if area else b""

    def _merged(self, _one: Span, text: bytes, at: int) -> bytes:
        route = self._routes[at]
        areas = [span.attributes.get("ref", "") for span in spans(text, lambda depth, _name: depth == 1)]
        kept = [moved for area in areas if not self._in_our_way(area, route) and (moved := merged_area(area, route))]
        if len(kept) < len(areas) and route.part == KEPT:
            self.told.add("merged")
        cells = "".join(f'<mergeCell ref="{area}"/>' for area in kept)
        return f"<mergeCells>{cells}</mergeCells>".encode() if kept else b""

    def _in_our_way(self, area: str, route: Route) -> bool:
        row, column = reaches(area)
        return route.part != KEPT and row >= route.parts.header_row and column_index(column) >= route.column

    def _colours(self, one: Span, text: bytes, at: int) -> bytes:
        """The rules of a range, where all they point at is still there."""
        moved = self._rule(text, one.attributes.get("sqref", ""), at)
        return _EXTENSION.sub(b"", moved) if b"xm:" not in text else b""

    def _entries(self, _one: Span, text: bytes, at: int) -> bytes:
        rules = [one for one in spans(text, lambda depth, _name: depth == 1) if one.name == "dataValidation"]
        moved = [self._rule(text[one.start : one.stop], one.attributes.get("sqref", ""), at) for one in rules]
        if not all(moved) and self._routes[at].part == KEPT:
            self.told.add("rules")
        inner = b"".join(moved)
        return _COUNTED.sub(b"", text[: tag_end(text, 0)]) + inner + b"</dataValidations>" if inner else b""

    def _rule(self, text: bytes, area: str, at: int) -> bytes:
        """A rule for its range as that is in `kept`; nothing where it points at what is not there."""
        route = self._routes[at]
        areas = [(one, moved) for one in area.split() if (moved := moved_area(one, route))]
        if route.part != KEPT or not areas or _THRESHOLD.search(text) or not runs_in(text).isdisjoint(self._erased):
            return b""
        shift = first_row(areas[0][1]) - first_row(area.split(maxsplit=1)[0])
        formulas = {found[2]: self._formula(found[2], shift, route) for found in _RULE_FORMULA.finditer(text)}
        if None in formulas.values():
            return b""
        text = _RULE_FORMULA.sub(lambda found: found[1] + (formulas[found[2]] or b""), text)
        places = " ".join(moved for _one, moved in areas).encode()
        return _PLACES.sub(lambda found: found[1] + places, text, count=1)

    def _formula(self, text: bytes, shift: int, route: Route) -> bytes | None:
        moved = moved_formula(html.unescape(text.decode("utf-8", "replace")), shift, route, self._others)
        return None if moved is None else escape(moved).encode()

    def _table_list(self, _one: Span, text: bytes, at: int) -> bytes:
        listed = spans(text, lambda depth, _name: depth == 1)
        parts = [one for one in listed if one.attributes.get("id", "") in self._related[at]]
        inner = b"".join(text[one.start : one.stop] for one in parts)
        return text[: tag_end(text, 0)] + inner + b"</tableParts>" if parts else b""

    def _page(self, one: Span, text: bytes, at: int) -> bytes:
        """The page's set-up, without its printer where that does not stay."""
        return text if one.attributes.get("id", "") in self._related[at] else _RELATED.sub(b"", text)


_CHANGES = {
    "autoFilter": SheetCutter._filter,
    "mergeCells": SheetCutter._merged,
    "conditionalFormatting": SheetCutter._colours,
    "dataValidations": SheetCutter._entries,
    "tableParts": SheetCutter._table_list,
    "pageSetup": SheetCutter._page,
}


def _moved_pane(pane: bytes, route: Route) -> bytes:
    """The frozen rows as many as are left of them, and what is below not scrolled."""
    split = _FROZEN.search(pane)
    if split is None or b'state="frozen' not in pane:
        return pane
    rows = max(route.number(int(split[1])), 1)
    pane = _FROZEN.sub(b' ySplit="%d"' % rows, pane)
    return _TOP_LEFT.sub(lambda found: found[1] + b"%d" % (rows + 1), pane)


def _ahead(items: Iterator[Rows]) -> Generator[Rows, None, None]:
    """The items; a thread makes the next one while one is in use."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = thread.submit(next, items, None)
            yield item


def _head(blocks: Iterator[bytes]) -> tuple[bytes, bytes | None]:
    """What stands before the rows, `<sheetData>` included, and what follows; None for no rows at all."""
    head = b""
    while len(head) < _LONGEST_HEAD:
        data = next(blocks, b"")
        head += data
        start = _START.search(head)
        if start:
            check_usual(head[: start.start()])
            return head[: start.end()], head[start.end() :] if not start[1] else _END + head[start.end() :]
        if not data:
            break
    raise Unusual


def unused(routes: list[Route], count: int) -> np.ndarray:
    """Which of so many shared strings no cell of these routes names."""
    free = np.ones(count, bool)
    for route in routes:
        for named in route.strings:
            if len(named) and named[-1] >= count:
                raise Unusual
            free[named] = False
    return free
