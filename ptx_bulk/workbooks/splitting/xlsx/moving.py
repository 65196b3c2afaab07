"""The rows of a sheet's markup on their way to one part: chosen and numbered anew, a block of bytes at once."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, count
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt

from ptx_bulk.workbooks.formats.xlsx.events import column_index
from ptx_bulk.workbooks.formats.xlsx.references import NAMES, BlockCells, Irregular, digits_at, find_cells, matches
from ptx_bulk.workbooks.sheets.sheet import letters
from ptx_bulk.workbooks.splitting.parts import ADDED, EVERYWHERE, KEPT, SheetParts
from ptx_bulk.workbooks.splitting.spans import Unusual

Indices = npt.NDArray[np.intp]

_PAD = 64
_LAST_ROW = 1_048_576
_FORMULA = re.compile(rb"<f(?:\s[^>]*)?/>|<f(?:\s[^>]*)?>.*?</f>", re.S)
_UNCALCULATED = re.compile(rb'(<c r="([A-Z]{1,3})([0-9]{1,7})"[^>]*>)<f>([^<]+)</f>(?:<v\s*/>|<v></v>)?</c>')
_REFERENCE = re.compile(r"\$?[A-Z]{1,3}(\$?)([0-9]{1,7})")
_SPARED = b"<f\0>"  # a formula that stays; no markup holds a zero byte
_META = re.compile(rb'(<c [^>]*?) (?:cm|vm)="[0-9]*"')
_SPANS = re.compile(rb'(<row [^>]*?) spans="[^"]*"')
_EMPTY_CELL = re.compile(rb'<c r="([A-Z]{1,3})[0-9]+"[^>]*/>')
_CELL = '<c r="{}%d" t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>'
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass
class Route:
    """The rows of one sheet that go to one part.

    Attributes:
        parts: where all rows go.
        part: this one.
        column: where ours are added, 0-based.
    """

    parts: SheetParts
    part: int
    column: int

    def __post_init__(self) -> None:
        self._added = iter(self.parts.added.get(self.part, ()))
        self._made: dict[tuple[str, ...], tuple[bytes, int]] = {}
        self.strings: list[npt.NDArray[np.int64]] = []
        self.formulas = False

    @cached_property
    def goes(self) -> npt.NDArray[np.bool_]:
        """For each row number whether this part holds the row."""
        goes = np.full(_LAST_ROW + 2, self.part == KEPT)
        goes[self.parts.rows] = self.parts.of(self.part)
        return goes

    @cached_property
    def numbers(self) -> npt.NDArray[np.int64]:
        """For each row number the number of the last row at or above it that stays, as it is counted in this part."""
        ranks = np.cumsum(self.goes) - self.goes[0]
        if self.part == KEPT:
            return np.asarray(ranks)
        # headings and titles stay where they are, the others follow them closely
        head = self.parts.header_row
        known = ranks - ranks[head] + head
        known[: head + 1] = np.arange(head + 1)
        return np.asarray(known)

    def block(self, data: bytes, block: Rows) -> bytes:
        """The chosen rows of a block."""
        chosen = self.goes[block.numbers]
        if not chosen.any():
            return b""
        if not chosen.all():
            data = block.only(chosen)
        if b"<f" in data:
            data, had = _FORMULA.subn(b"", _UNCALCULATED.sub(self._moved_formula, data))
            self.formulas |= had > 0
            data = data.replace(_SPARED, b"<f>")
        if b' cm="' in data or b' vm="' in data:
            data = _META.sub(rb"\1", _META.sub(rb"\1", data))
        rows = block.numbers[chosen]
        data = _renumbered(data, rows, self.numbers[rows])
        cells = _cells(data)
        self.strings.append(_strings(data, cells))
        if self.part == KEPT:
            return data
        wide = cells is not None and bool((cells.columns >= self.column).any())
        return self._extended(data, rows, wide=wide)

    def _moved_formula(self, cell: re.Match[bytes]) -> bytes:
        """A cell whose formula was never calculated, so that no value could stay: it moves with its row, if it may."""
        from openpyxl.formula.translate import Translator  # noqa: PLC0415 - few sheets need it

        column, row = cell[2].decode(), int(cell[3])
        formula = html.unescape(cell[4].decode("utf-8", "replace"))
        if not _of_its_row(formula, row, self.parts.header_row):
            return cell[0]
        try:
            moved = Translator(f"={formula}", f"{column}{row}").translate_formula(f"{column}{self.numbers[row]}")
        except Exception:  # what openpyxl makes nothing of
            return cell[0]
        return cell[1] + _SPARED + escape(moved[1:]).encode() + b"</f></c>"

    @cached_property
    def _goes_where(self) -> npt.NDArray[np.uint8]:
        """For each row number where the row goes."""
        where = np.zeros(_LAST_ROW + 2, np.uint8)
        where[self.parts.rows] = self.parts.part
        return where

    def _extended(self, data: bytes, rows: npt.NDArray[np.int64], *, wide: bool) -> bytes:
        """The rows with our cells behind theirs; where they are `wide`, empty cells may stand in the way."""
        pieces = _SPANS.sub(rb"\1", data).split(b"</row>")
        if len(pieces) != len(rows) + 1:
            raise Unusual  # rows without any cell hold no person
        if wide:
            pieces = list(map(self._room, pieces))
        head, added, made = self.parts.header_row, self._added, self._made
        ours: list[bytes] = []
        for where, row, new in zip(
            self._goes_where[rows].tolist(), rows.tolist(), self.numbers[rows].tolist(), strict=True
        ):
            texts = next(added) if where != EVERYWHERE else ADDED[self.part] if row == head else ()
            template, holes = made[texts] if texts in made else self._make(texts)
            ours.append(template % ((new,) * holes))
        return b"".join(chain.from_iterable(zip(pieces, ours, strict=False)))

    def _make(self, texts: tuple[str, ...]) -> tuple[bytes, int]:
        """Our cells and the end of their row, with holes for the row's number; and how many holes."""
        cells = [
            _CELL.format(letters(place), _plain(text).replace("%", "%%"))
            for place, text in zip(count(self.column), texts, strict=False)
            if text
        ]
        self._made[texts] = "".join([*cells, "</row>"]).encode(), len(cells)
        return self._made[texts]

    def _room(self, row: bytes) -> bytes:
        """The row without empty cells where ours are to stand."""
        return _EMPTY_CELL.sub(lambda cell: b"" if column_index(cell[1].decode()) >= self.column else cell[0], row)


def _of_its_row(formula: str, row: int, header: int) -> bool:
    """Whether a formula points at its own row alone, or at what stands above the rows: other rows move otherwise."""
    from openpyxl.formula import Tokenizer  # noqa: PLC0415 - few sheets need it
    from openpyxl.formula.tokenizer import Token  # noqa: PLC0415

    try:
        found = [one.value for one in Tokenizer(f"={formula}").items if one.subtype == Token.RANGE]
    except Exception:  # what openpyxl makes nothing of
        return False
    cells = [_REFERENCE.fullmatch(cell) for value in found for cell in value.split(":")]
    return all(cell and (int(cell[2]) <= header if cell[1] else int(cell[2]) == row) for cell in cells)


def _plain(text: str) -> str:
    return escape(_UNFIT.sub("", text))


class Rows:
    """The rows of a block of a sheet's markup: whole rows, one after the other.

    Raises:
        Unusual: anything else stands there, or the rows do not ascend.
    """

    def __init__(self, data: bytes, after: int) -> None:
        self._data = data
        buffer = np.frombuffer(data + b"\0" * _PAD, np.uint8)
        opens = np.flatnonzero(buffer == ord("<"))
        first, second = buffer[opens + 1], buffer[opens + 2]
        if (first == ord("!")).any() or (first == ord("?")).any():
            raise Unusual
        starts = opens[(first == ord("r")) & (second == ord("o"))]
        if not matches(buffer, starts, b'<row r="').all():
            raise Unusual
        numbers, _after = digits_at(buffer, starts + 8, 7)
        if len(numbers) and (
            numbers[0] <= after or (np.diff(numbers) <= 0).any() or numbers[-1] > _LAST_ROW or data[: starts[0]].strip()
        ):
            raise Unusual
        self.numbers = numbers
        self._edges = np.append(starts, len(data))

    def only(self, chosen: npt.NDArray[np.bool_]) -> bytes:
        """The bytes of these rows."""
        mask = np.repeat(chosen, np.diff(self._edges))
        return np.frombuffer(self._data, np.uint8)[self._edges[0] :][mask].tobytes()

    @property
    def last(self) -> int:
        """The number of the last row, 0 for none."""
        return int(self.numbers[-1]) if len(self.numbers) else 0


def _renumbered(data: bytes, rows: npt.NDArray[np.int64], numbers: npt.NDArray[np.int64]) -> bytes:
    """The rows with these numbers instead; a row never moves down, so every reference gets shorter or stays as long."""
    buffer = np.frombuffer(data + b"\0" * _PAD, np.uint8).copy()
    opens = np.flatnonzero(buffer == ord("<"))
    first, second = buffer[opens + 1], buffer[opens + 2]
    starts = opens[(first == ord("r")) & (second == ord("o"))]
    cells = opens[(first == ord("c")) & ((second == ord(" ")) | (second == ord(">")) | (second == ord("/")))]
    if len(starts) != len(rows) or not matches(buffer, cells, b'<c r="').all():
        raise Unusual
    places = cells + 6
    for _letter in range(3):
        places = places + ((buffer[places] >= ord("A")) & (buffer[places] <= ord("Z")))
    row_of = np.searchsorted(starts, cells, side="right") - 1
    where = np.concatenate([starts + 8, places])
    old, after = digits_at(buffer, where, 7)
    belongs = np.concatenate([np.arange(len(rows)), row_of])
    if (old != rows[belongs]).any() or (buffer[after] != ord('"')).any():
        raise Unusual
    keep = np.ones(len(buffer), bool)
    keep[len(data) :] = False
    moved = np.flatnonzero(numbers[belongs] != old)
    _write_numbers(buffer, keep, where[moved], after[moved], numbers[belongs][moved])
    return buffer[keep].tobytes()


def _write_numbers(
    buffer: npt.NDArray[np.uint8],
    keep: npt.NDArray[np.bool_],
    starts: Indices,
    stops: Indices,
    numbers: npt.NDArray[np.int64],
) -> None:
    """Write each number right-aligned between its start and stop; what is left over before it goes."""
    rest, place = numbers.copy(), stops - 1
    for _digit in range(7):
        here = np.flatnonzero(place >= starts)
        if not len(here):
            return
        buffer[place[here]] = 48 + rest[here] % 10
        keep[place[here]] = rest[here] > 0
        rest //= 10
        place = place - 1


def _cells(data: bytes) -> BlockCells | None:
    """The cells, by the reader's own way.

    Raises:
        Unusual: the markup is not what spreadsheet programs write, so that a cell might be missed.
    """
    try:
        return find_cells(data)
    except Irregular as error:
        raise Unusual from error


def _strings(data: bytes, cells: BlockCells | None) -> npt.NDArray[np.int64]:
    """Which shared strings the cells name."""
    if cells is None:
        return np.zeros(0, np.int64)
    named = (cells.types == NAMES.index("s")) & (cells.stops > cells.starts)
    if not named.any():
        return np.zeros(0, np.int64)
    buffer = np.frombuffer(data + b"\0" * _PAD, np.uint8)
    numbers, after = digits_at(buffer, cells.starts[named], 10)
    if (after != cells.stops[named]).any():
        raise Unusual
    return np.unique(numbers)
