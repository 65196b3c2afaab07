"""One worksheet on its way to several parts: what stands before, among and after its rows."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import IO

import numpy as np

from ptx_bulk.workbooks.formats.xlsx.blocks import unpacked_blocks
from ptx_bulk.workbooks.splitting.parts import KEPT
from ptx_bulk.workbooks.splitting.spans import Span, Unusual, check_usual, spans, tag_end, without
from ptx_bulk.workbooks.splitting.xlsx.formulas import Formulas
from ptx_bulk.workbooks.splitting.xlsx.moving import Route, blocks_of
from ptx_bulk.workbooks.splitting.xlsx.rows import Rows

_START = re.compile(rb"<sheetData\s*(/?)>")
_ROOT = re.compile(rb"<worksheet\b")
_END, _ROW_END = b"</sheetData>", b"</row>"
_LONGEST_HEAD = 16 << 20
_BLOCK = 2 << 20  # what the arrays of a block take stays near the processor
_HEAD_LEFT_OUT = frozenset({"dimension"})
_SCROLLED = re.compile(rb'(<sheetView\b[^>]*?) topLeftCell="[^"]*"')
_FILTERED = re.compile(rb'(<sheetPr\b[^>]*?) filterMode="[^"]*"')
_FIXED_ROW = re.compile(r"\$[0-9]")
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Z]{1,3})\$?([0-9]{1,7}))?")
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
        tables: the ids of the relations to those tables that stay in `kept`.
    """

    def __init__(self, routes: list[Route], tables: frozenset[str]) -> None:
        self._routes = routes
        self._tables = tables
        self._formulas = Formulas(routes)
        self._behind = b""
        self.told: set[str] = set()

    def pieces(self, stream: IO[bytes]) -> Iterator[list[bytes]]:
        """The sheet in pieces, each as it is in every part.

        Raises:
            Unusual: the markup is not what spreadsheet programs write.
        """
        with closing(unpacked_blocks(stream, _BLOCK)) as blocks:
            head, rest = _head(blocks)
            yield [self._head(head)] * len(self._routes)
            with closing(_ahead(self._rows(rest, blocks))) as found:
                for rows in found:
                    yield blocks_of(self._routes, rows)
        yield [b"</sheetData>" + self._tail(self._behind, head, route) for route in self._routes]

    def _rows(self, rest: bytes | None, blocks: Iterator[bytes]) -> Iterator[Rows]:
        """The rows, block by block; what stands behind them is kept for later."""
        last = 0
        while rest is not None:
            end = rest.find(_END)
            cut = end if end >= 0 else rest.rfind(_ROW_END) + len(_ROW_END)
            if end > 0 or cut >= len(_ROW_END):
                rows = Rows(self._formulas.moved(rest[:cut]), last)
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

    def _head(self, head: bytes) -> bytes:
        start = _START.search(head)
        before = head[: start.start()] if start else head
        whole = before + b"<sheetData/></worksheet>"
        kept = without(whole, spans(whole, lambda depth, name: depth == 1 and name in _HEAD_LEFT_OUT))
        kept = kept.removesuffix(b"<sheetData/></worksheet>") + b"<sheetData>"
        return _FILTERED.sub(rb"\1", _SCROLLED.sub(rb"\1", kept))

    def _tail(self, tail: bytes, head: bytes, route: Route) -> bytes:
        root = _ROOT.search(head)
        if root is None:
            raise Unusual
        declared = head[root.start() : tag_end(head, root.start())]
        whole = declared + tail
        found = spans(whole, lambda depth, _name: depth == 1)
        pieces = [self._following(one, whole, route) for one in found]
        return b"".join(pieces) + b"</worksheet>"

    def _following(self, one: Span, whole: bytes, route: Route) -> bytes:
        """What is left of an element behind the rows."""
        text = whole[one.start : one.stop]
        if one.name in _STAYS:
            change = _CHANGES.get(one.name)
            kept = text if change is None else change(self, one, text, route)
            if kept:
                return kept
        if one.name in _TOLD and route.part == KEPT:
            self.told.add(_TOLD[one.name])
        return b""

    def _filter(self, one: Span, _text: bytes, route: Route) -> bytes:
        area = moved(one.attributes.get("ref", ""), route)
        return f'<autoFilter ref="{area}"/>'.encode() if area else b""

    def _merged(self, _one: Span, text: bytes, route: Route) -> bytes:
        areas = [span.attributes.get("ref", "") for span in spans(text, lambda depth, _name: depth == 1)]
        kept = [area for area in areas if (last := _last_row(area)) and last <= route.parts.header_row]
        if len(kept) < len(areas) and route.part == KEPT:
            self.told.add("merged")
        cells = "".join(f'<mergeCell ref="{area}"/>' for area in kept)
        return f"<mergeCells>{cells}</mergeCells>".encode() if kept else b""

    def _rule(self, one: Span, text: bytes, route: Route) -> bytes:
        """A rule stays where it holds for every row alike."""
        bound = _FIXED_ROW.search(text.decode("utf-8", "replace")) is not None or b"xm:" in text
        inner = [one] if one.name == "conditionalFormatting" else spans(text, lambda depth, _name: depth == 1)
        every = all(_covers(area, route) for rule in inner for area in rule.attributes.get("sqref", "").split(" "))
        return text if route.part == KEPT and every and not bound else b""

    def _table_list(self, _one: Span, text: bytes, route: Route) -> bytes:
        listed = spans(text, lambda depth, _name: depth == 1)
        parts = [one for one in listed if route.part == KEPT and one.attributes.get("id", "") in self._tables]
        inner = b"".join(text[one.start : one.stop] for one in parts)
        return text[: tag_end(text, 0)] + inner + b"</tableParts>" if parts else b""


_CHANGES = {
    "autoFilter": SheetCutter._filter,
    "mergeCells": SheetCutter._merged,
    "conditionalFormatting": SheetCutter._rule,
    "dataValidations": SheetCutter._rule,
    "tableParts": SheetCutter._table_list,
}


def _ahead(items: Iterator[Rows]) -> Generator[Rows, None, None]:
    """The items; a thread makes the next one while one is in use."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = thread.submit(next, items, None)
            yield item


def moved(area: str, route: Route) -> str:
    """The range of headings and rows below them as it is in the part; '' where its first row is no heading."""
    found = _RANGE.fullmatch(area)
    if found is None or found[3] is None:
        return ""
    first, last = int(found[2]), int(found[4])
    if first > route.parts.header_row:
        return ""
    numbers = route.numbers
    end = max(int(numbers[min(last, len(numbers) - 1)]), first + 1)
    return f"{found[1]}{first}:{found[3]}{end}"


def _covers(area: str, route: Route) -> bool:
    """Whether the range holds every row below the headings."""
    found = _RANGE.fullmatch(area)
    last = int(route.parts.rows[-1]) if len(route.parts.rows) else 0
    return found is not None and int(found[2]) <= route.parts.header_row + 1 and int(found[4] or found[2]) >= last


def _last_row(area: str) -> int:
    found = _RANGE.fullmatch(area)
    return int(found[4] or found[2]) if found else 0


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
