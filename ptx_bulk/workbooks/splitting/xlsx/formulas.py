"""Formulas of a sheet whose rows move: their values stay; one without a value moves with its row where it can."""

from __future__ import annotations

import html
import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from xml.sax.saxutils import escape

import numpy as np

from ptx_bulk.workbooks.splitting.digit_runs import runs_in
from ptx_bulk.workbooks.splitting.parts import EVERYWHERE, KEPT, NOWHERE
from ptx_bulk.workbooks.splitting.xlsx.moving import Route

_FORMULA = re.compile(rb"<f(?:\s[^>]*)?/>|<f(?:\s[^>]*)?>.*?</f>", re.S)
_UNCALCULATED = re.compile(rb"(?:</f>|<f[^>]*/>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")
_CELL = re.compile(
    rb'(<c r="([A-Z]{1,3})([0-9]{1,7})"[^>]*>)\s*'
    rb"<f((?:\s[^>]*?)?)(?:/>|>([^<]*)</f>)\s*(<v\s*/>|<v>\s*</v>)?\s*</c>"
)
_MASTER = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"[^>]*>\s*<f(\s[^>]*)>([^<]+)</f>')
_ATTRIBUTE = re.compile(rb'\s([a-zA-Z]+)="([^"]*)"')
_META = re.compile(rb'(<c [^>]*?) (?:cm|vm)="[0-9]*"')
_SPARED = b"<f\0"  # a formula that stays; no markup holds a zero byte
_REFERENCE = re.compile(r"(?<![A-Za-z0-9_.])(\$?[A-Z]{1,3})([0-9]{1,7})(?![0-9A-Za-z_.(!])")
_CELLS = re.compile(r"\$?[A-Z]{1,3}(\$?)([0-9]{1,7})")
SPOKEN = re.compile(rb"<rPh\b.*?</rPh>", re.S)
_ROW = "\0"


@dataclass(frozen=True)
class _Text:
    """A formula and the cell that it is written for."""

    column: str
    row: int
    text: str


class Formulas:
    """The formulas of one sheet.

    Attributes:
        had: whether there is one that does not stay.
        lost: how many cells are left empty, since their formulas have no value and cannot move.
        first: the first of them.
    """

    def __init__(self, routes: list[Route], erased: AbstractSet[str] = frozenset()) -> None:
        self._erased = erased
        self.runs: set[str] = set()  # of digits, in what stays beside the values
        self._routes = {route.part: route for route in routes}
        self._any = routes[0]
        self._masters: dict[bytes, _Text] = {}
        self._templates: dict[str, str | None] = {}
        self.had = False
        self.lost = 0
        self.first = ""

    def moved(self, data: bytes) -> bytes:
        """The block with values instead of formulas, and with the formulas that can do their work where they go."""
        if b"<f" in data:
            if b't="shared"' in data:
                self._find_masters(data)
            if _UNCALCULATED.search(data):
                data = _CELL.sub(self._without_value, data)
            data, had = _FORMULA.subn(b"", data)
            self.had |= had > 0
            data = data.replace(_SPARED, b"<f")
        if b"<rPh" in data:  # how a text is spoken
            data = self._spoken(data)
        if b' cm="' in data or b' vm="' in data:
            data = _META.sub(rb"\1", _META.sub(rb"\1", data))
        return data

    def _spoken(self, data: bytes) -> bytes:
        data = SPOKEN.sub(b"", data) if self._erased else data
        for found in SPOKEN.finditer(data):
            self.runs |= runs_in(found[0])
        return data

    def _find_masters(self, data: bytes) -> None:
        for found in _MASTER.finditer(data):
            facts = dict(_ATTRIBUTE.findall(found[3]))
            if facts.get(b"t") == b"shared":
                self._masters[facts.get(b"si", b"")] = _Text(found[1].decode(), int(found[2]), _unescaped(found[4]))

    def _without_value(self, cell: re.Match[bytes]) -> bytes:
        """A cell whose formula was never calculated: it moves with its row, if it may."""
        if b't="str"' in cell[1] and cell[6]:
            return cell[0]  # calculated, and empty
        column, row = cell[2].decode(), int(cell[3])
        new = self._target(row)
        if new is None:
            return cell[0]
        facts = dict(_ATTRIBUTE.findall(cell[4] or b""))
        formula = self._formula(column, row, facts, cell[5])
        moved = None if formula is None else self._templated(formula, column, row, new)
        if moved is None:
            self.lost += 1
            self.first = self.first or f"{column}{row}"
            return cell[0]
        array = b' t="array" ref="%s%d"' % (cell[2], new) if facts.get(b"t") == b"array" else b""
        return cell[1] + _SPARED + array + b">" + escape(moved).encode() + b"</f></c>"

    @cached_property
    def _head_moves(self) -> bool:
        """Whether the headings have another number in `kept` than elsewhere."""
        head = self._any.parts.header_row
        return KEPT in self._routes and self._routes[KEPT].number(head) != head

    def _target(self, row: int) -> int | None:
        """Where the row goes; None where it goes nowhere."""
        where = int(self._any.where(np.array([row]))[0])
        if where == NOWHERE:
            return None
        if where == EVERYWHERE:
            return None if self._head_moves else row
        return self._routes[where].number(row) if where in self._routes else None

    def _formula(self, column: str, row: int, facts: dict[bytes, bytes], text: bytes | None) -> str | None:
        """The formula of a cell, written for it; None for one that is about several cells."""
        kind = facts.get(b"t", b"normal")
        if kind == b"shared":
            master = self._masters.get(facts.get(b"si", b""))
            if master is None:
                return _unescaped(text) if text else None
            return translated(master.text, f"{master.column}{master.row}", f"{column}{row}")
        if kind == b"array" and facts.get(b"ref") != f"{column}{row}".encode():
            return None
        return _unescaped(text) if text and kind in {b"normal", b"array"} else None

    def _templated(self, formula: str, column: str, row: int, new: int) -> str | None:
        """The formula as it is written for its new row; each way of writing one is understood once."""
        key = _REFERENCE.sub(lambda found: found[1] + (_ROW if int(found[2]) == row else found[2]), formula)
        if key not in self._templates:
            moved = self._understood(formula, column, row, new)
            if moved is not None and moved != key.replace(_ROW, str(new)):
                return moved  # a text in it looks like a reference
            self._templates[key] = None if moved is None else key
        template = self._templates[key]
        return None if template is None else template.replace(_ROW, str(new))

    def _understood(self, formula: str, column: str, row: int, new: int) -> str | None:
        head = 0 if self._head_moves else self._any.parts.header_row
        runs = runs_in(formula.encode())
        if not of_its_row(formula, row, head) or not runs.isdisjoint(self._erased):
            return None
        self.runs |= runs
        return translated(formula, f"{column}{row}", f"{column}{new}")


def _unescaped(text: bytes) -> str:
    return html.unescape(text.decode("utf-8", "replace"))


def translated(formula: str, origin: str, target: str) -> str | None:
    """The formula as it is when its cell is copied elsewhere; None for one that openpyxl makes nothing of."""
    from openpyxl.formula.translate import Translator  # noqa: PLC0415 - few sheets need it

    try:
        return str(Translator(f"={formula}", origin).translate_formula(target))[1:]
    except Exception:
        return None


def of_its_row(formula: str, row: int, header: int) -> bool:
    """Whether a formula points at its own row alone, or at what stands above the rows: other rows move otherwise."""
    from openpyxl.formula import Tokenizer  # noqa: PLC0415 - few sheets need it
    from openpyxl.formula.tokenizer import Token  # noqa: PLC0415

    try:
        found = [one.value for one in Tokenizer(f"={formula}").items if one.subtype == Token.RANGE]
    except Exception:  # what openpyxl makes nothing of
        return False
    cells = [_CELLS.fullmatch(cell) for value in found for cell in value.split(":")]
    return all(cell and (int(cell[2]) <= header if cell[1] else int(cell[2]) == row) for cell in cells)
