"""The cells of an XLSX sheet, a block of bytes at once: for sheets written the way spreadsheet programs write them.

The markup between `<sheetData>` and its end is a regular language: every tag is found and classified by its first
bytes, and the order of the tags is checked (`references`). What does not fit is left to `events`, which is the
reference; so is the meaning of every cell that is not plain text or a plain number (`resolve`).
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ptx_bulk.workbooks.formats.xlsx.events import Context, RawCell, resolve
from ptx_bulk.workbooks.formats.xlsx.references import NAMES, BlockCells, find_cells
from ptx_bulk.workbooks.formats.xlsx.tags import Irregular
from ptx_bulk.workbooks.sheets.arrow import blanks, index, lengths, matching, strings
from ptx_bulk.workbooks.sheets.arrow import to_texts as as_texts
from ptx_bulk.workbooks.sheets.cells import EMPTY, NUMBER, TEXT, SheetBuilder

_BLOCK = 8 << 20
_LONGEST_HEAD = 16 << 20
_ROW_END = b"</row>"
_END = b"</sheetData>"
_START = re.compile(rb"<sheetData\s*(/?)>")
_HEAD = re.compile(
    rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*?(encoding=['\"]utf-8['\"][^>]*?)?\?>)?\s*<worksheet\b", re.IGNORECASE
)
_HIDDEN = re.compile(rb'\shidden="(?:1|true)"')
_ROW_NUMBER = re.compile(rb'<row\b[^>]*?\sr="([0-9]{1,7})"')
_PLAIN_NUMBER = r"^(0|-?[1-9][0-9]{0,14})$"
_SPECIAL = r"[&\r]|_x"
# the ampersand comes last, so that what it stands before is not read again
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))
_CHARACTER = re.compile(r"&#(x[0-9A-Fa-f]+|[0-9]+);")

Indices = npt.NDArray[np.intp]


def read_rows(stream: IO[bytes], context: Context, builder: SheetBuilder) -> bool:
    """Send the sheet's cells to `builder`; False when the XML is unusual (`builder` is then spoilt)."""
    try:
        with closing(unpacked_blocks(stream)) as blocks:
            return _read_blocks(blocks, context, builder)
    except Irregular:
        return False


def unpacked_blocks(stream: IO[bytes], size: int = _BLOCK) -> Generator[bytes, None, None]:
    """The stream's bytes; a thread unpacks the next block while one is in use."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(stream.read, size)
        while data := coming.result():
            coming = thread.submit(stream.read, size)
            yield data


def _read_blocks(blocks: Iterator[bytes], context: Context, builder: SheetBuilder) -> bool:
    cache: dict[tuple[str, int, str], tuple[str, int]] = {}
    rest = _skip_head(blocks)
    while rest is not None:
        end = rest.find(_END)
        cut = end if end >= 0 else rest.rfind(_ROW_END) + len(_ROW_END)
        if cut >= len(_ROW_END) or end >= 0:
            _read_block(rest[:cut], context, builder, cache)
            rest = rest[cut:]
        if end >= 0:
            break
        data = next(blocks, b"")
        if not data:
            return False
        rest += data
    for _block in blocks:
        pass  # to the end of the part, where its checksum is checked
    return True


def _skip_head(blocks: Iterator[bytes]) -> bytes | None:
    """What follows `<sheetData>`; None when there are no rows."""
    head = b""
    while len(head) < _LONGEST_HEAD:
        data = next(blocks, b"")
        head += data
        start = _START.search(head)
        if start:
            if not _HEAD.match(head) or b"<!" in head[: start.start()]:
                raise Irregular
            return None if start[1] else head[start.end() :]
        if not data:
            break
    raise Irregular


def _read_block(
    data: bytes, context: Context, builder: SheetBuilder, cache: dict[tuple[str, int, str], tuple[str, int]]
) -> None:
    cells = find_cells(data)
    if cells is None:
        return
    _hide_rows(data, builder)
    parts, kinds = _meanings(data, cells, context, cache)
    order = np.concatenate([where for where, _texts in parts])
    raws = pa.concat_arrays([texts for _where, texts in parts]).take(index(np.argsort(order, kind="stable")))
    keep = np.flatnonzero(kinds != EMPTY)
    if len(keep) < len(kinds):
        raws = raws.take(index(keep))
    rows = cells.rows[keep]
    if (np.diff(rows) < 0).any():
        raise Irregular
    builder.block(rows, cells.columns[keep], raws, kinds[keep])


def _meanings(
    data: bytes, cells: BlockCells, context: Context, cache: dict[tuple[str, int, str], tuple[str, int]]
) -> tuple[list[tuple[Indices, pa.Array[Any]]], npt.NDArray[np.uint8]]:
    """Texts of all cells, in parts with the cells they belong to, and the kind of each cell."""
    texts = _cut(data, cells.starts, cells.stops)
    kinds = np.full(len(cells.rows), EMPTY, np.uint8)
    marked = [*context.date_styles, *context.prefixes]
    formatted = np.isin(cells.styles, np.asarray(marked, np.int64)) if marked else False
    valued = cells.stops > cells.starts
    shared = np.flatnonzero((cells.types == NAMES.index("s")) & valued)
    number = np.flatnonzero((cells.types == NAMES.index("n")) & valued & ~np.asarray(formatted, bool))
    text = np.flatnonzero(((cells.types == NAMES.index("str")) | (cells.types == NAMES.index("inlineStr"))) & valued)
    number = number[matching(texts.take(index(number)), _PLAIN_NUMBER)]
    text = text[~matching(texts.take(index(text)), _SPECIAL)]
    kinds[number] = NUMBER
    kinds[text] = TEXT
    named = _shared(texts.take(index(shared)), context)
    kinds[shared] = np.where(lengths(named) > 0, TEXT, EMPTY)
    done = np.zeros(len(kinds), bool)
    done[shared] = done[number] = done[text] = True
    nothing = np.flatnonzero(~done & ~valued & ~cells.formulas)
    done[nothing] = True
    odd = np.flatnonzero(~done)
    odd_texts, odd_kinds = _resolve(data, cells, odd, texts, context, cache)
    kinds[odd] = odd_kinds
    parts = [
        (shared, named),
        (number, texts.take(index(number))),
        (text, texts.take(index(text))),
        (nothing, blanks(len(nothing))),
        (odd, strings(odd_texts)),
    ]
    return parts, kinds


def _cut(data: bytes, starts: Indices, stops: Indices) -> pa.Array[Any]:
    """The pieces `data[start:stop]` as texts."""
    sizes = stops - starts
    offsets = np.zeros(len(starts) + 1, np.int32)
    np.cumsum(sizes, out=offsets[1:])
    places = np.repeat(starts - offsets[:-1], sizes) + np.arange(offsets[-1])
    content = np.frombuffer(data, np.uint8)[places]
    binary = pa.Array.from_buffers(
        pa.binary(), len(starts), [None, pa.py_buffer(offsets.data), pa.py_buffer(content.data)]
    )
    try:
        return binary.cast(pa.string())
    except pa.ArrowInvalid as error:
        raise Irregular from error


def _shared(places: pa.Array[Any], context: Context) -> pa.Array[Any]:
    try:
        return context.strings.take(places.cast(pa.int64()))
    except (pa.ArrowInvalid, IndexError) as error:
        raise Irregular from error


def _resolve(
    data: bytes,
    cells: BlockCells,
    odd: Indices,
    texts: pa.Array[Any],
    context: Context,
    cache: dict[tuple[str, int, str], tuple[str, int]],
) -> tuple[list[str], list[int]]:
    """Text and kind of the cells that are neither plain text nor plain numbers."""
    found_texts: list[str] = []
    found_kinds: list[int] = []
    types: list[int] = cells.types[odd].tolist()
    styles: list[int] = cells.styles[odd].tolist()
    values = as_texts(texts.take(index(odd)))
    for cell, kind, style, value in zip(odd.tolist(), types, styles, values, strict=True):
        key = (NAMES[kind], style, value)
        answer = None if cells.formulas[cell] else cache.get(key)
        if answer is None:
            answer = resolve(_raw_cell(data, cells, cell, key), context)
            if not cells.formulas[cell]:
                cache[key] = answer
        found_texts.append(answer[0])
        found_kinds.append(answer[1])
    return found_texts, found_kinds


def _raw_cell(data: bytes, cells: BlockCells, cell: int, key: tuple[str, int, str]) -> RawCell:
    kind, style, text = key
    value = _plain_text(text)
    raw = RawCell(type=kind, style=str(style) if style >= 0 else "")
    if kind == "inlineStr":
        raw.inline = value
    elif cells.valued[cell]:
        raw.value = value
    if cells.formulas[cell]:
        formula = data[cells.formula_starts[cell] : cells.formula_stops[cell]]
        raw.formula = _plain_text(formula.decode("utf-8", errors="replace"))
    return raw


def _plain_text(text: str) -> str:
    """XML text without entities, line ends as XML has them."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "&" not in text:
        return text
    text = _CHARACTER.sub(lambda found: _character(found[1]), text)
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return text


def _character(number: str) -> str:
    code = int(number[1:], 16) if number[0] == "x" else int(number)
    if not 0 < code < 0x110000 or 0xD800 <= code < 0xE000:
        raise Irregular
    return "&amp;" if code == 38 else chr(code)


def _hide_rows(data: bytes, builder: SheetBuilder) -> None:
    if b'hidden="' not in data:  # the usual case, told thirty times faster than by the pattern
        return
    for found in _HIDDEN.finditer(data):
        start = data.rfind(b"<", 0, found.start())
        number = _ROW_NUMBER.match(data, start)
        if data.startswith(b"<row", start):
            if number is None:
                raise Irregular
            builder.hide(int(number[1]))
