"""The cells of many sheets as one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ptx_bulk.numbers import country_codes
from ptx_bulk.workbooks.choosing.lists import UNKNOWN
from ptx_bulk.workbooks.choosing.sheet_reading import SheetReading
from ptx_bulk.workbooks.sheets.arrow import index, one_piece, strings
from ptx_bulk.workbooks.sheets.arrow import to_texts as as_texts
from ptx_bulk.workbooks.sheets.cells import categorical, kind_categorical, text_kinds
from ptx_bulk.workbooks.sheets.sheet import Sheet
from ptx_bulk.workbooks.text.damaged_rows import Damage


class Encoded(NamedTuple):
    """Texts that repeat: the place of each in `words`."""

    codes: npt.NDArray[np.int8 | np.int32]
    words: list[str]


@dataclass(frozen=True)
class Piece:
    """The phone cells of one sheet, row by row.

    Attributes:
        file, sheet: where they are from.
        row: physical row of each cell.
        column: position of each cell's column in `labels`.
        labels: heading or letters of each phone column.
        raw, kind, hidden: of each cell.
        lists: of each cell `stop`, `npai`, `none` or '', dictionary-encoded.
        region: the sheet's default region, '' for none.
        countries: the region that the row's country says, '' for none; dictionary-encoded.
        details: what is wrong with a damaged row, '' for all others; dictionary-encoded.
        kept_codes: why the row was rejected before and still is, '' for all others; dictionary-encoded.
        international: whether the columns are written with country codes throughout.
    """

    file: str
    sheet: str
    row: npt.NDArray[np.int32]
    column: npt.NDArray[np.int32]
    labels: list[str]
    raw: pa.Array[Any]
    kind: npt.NDArray[np.uint8]
    hidden: npt.NDArray[np.bool_]
    lists: Encoded
    region: str
    countries: Encoded
    details: Encoded
    kept_codes: Encoded
    international: bool


def cut_piece(
    sheet: Sheet, positions: npt.NDArray[np.int64], reading: SheetReading, damage: Damage, kept_codes: list[str]
) -> Piece:
    """The phone cells in the rows at `positions`, columns beside each other within a row.

    Args:
        sheet: the sheet.
        positions: of the rows in it.
        reading: what the sheet means.
        damage: which of the rows are damaged.
        kept_codes: for each row why it was rejected before and still is; empty where no row is.
    """
    columns = [one.place for one in reading.phones]
    width = len(columns)
    where = index(positions)
    raws: list[pa.Array[Any]] = []
    kinds: list[npt.NDArray[np.uint8]] = []
    for column in columns:
        texts = one_piece(sheet.values(column).take(where))
        stored = sheet.kinds(column)
        kind = text_kinds(texts) if stored is None else stored.take(where).to_numpy().astype(np.uint8)
        raws.append(_with_lines(texts, positions, damage))
        kinds.append(kind)
    raw, kind = raws[0], kinds[0]
    if width > 1:
        order = np.arange(width * len(positions)).reshape(width, -1).T.ravel()
        raw, kind = pa.concat_arrays(raws).take(index(order)), np.stack(kinds, axis=1).ravel()
    return Piece(
        file=reading.file,
        sheet=reading.sheet,
        row=np.repeat(sheet.rows[positions], width),
        column=np.tile(np.arange(width, dtype=np.int32), len(positions)),
        labels=[one.label for one in reading.phones],
        raw=raw,
        kind=kind,
        hidden=np.repeat(sheet.flags("hidden")[positions], width),
        lists=_lists(sheet, positions, width, reading),
        region=reading.region or "",
        countries=_countries(sheet, positions, width, reading),
        details=_details(positions, width, damage),
        kept_codes=_codes(kept_codes, len(positions), width),
        international=reading.international,
    )


def _with_lines(texts: pa.Array[Any], positions: npt.NDArray[np.int64], damage: Damage) -> pa.Array[Any]:
    """The whole line stands for the cell of a damaged row."""
    if not damage.lines:
        return texts
    bad = np.isin(positions, np.fromiter(damage.lines, np.int64))
    lines = strings([damage.lines[position].text for position in positions[bad].tolist()])
    replaced: pa.Array[Any] = pc.replace_with_mask(texts, index(bad), lines)
    return replaced


def _details(positions: npt.NDArray[np.int64], width: int, damage: Damage) -> Encoded:
    if not damage.lines:
        return _same("", len(positions) * width)
    said = [damage.lines[position].problem if position in damage.lines else "" for position in positions.tolist()]
    return _repeated(strings(said).dictionary_encode(), width)


def _codes(codes: list[str], n: int, width: int) -> Encoded:
    return _repeated(strings(codes).dictionary_encode(), width) if any(codes) else _same("", n * width)


def _lists(sheet: Sheet, positions: npt.NDArray[np.int64], width: int, reading: SheetReading) -> Encoded:
    column, default = reading.list_column, reading.list.default
    if column is None:
        return _same(default.value if default else UNKNOWN, len(positions) * width)
    encoded = one_piece(sheet.values(column.place).take(index(positions))).dictionary_encode()
    kinds = [reading.list.kind_of(word) for word in as_texts(encoded.dictionary)]
    if reading.list.second is None:
        return _repeated(_renamed(encoded, kinds), width)
    second = one_piece(sheet.values(reading.list.second).take(index(positions))).dictionary_encode()
    other = np.array([reading.list.kind_of(word) for word in as_texts(second.dictionary)] or [""], dtype=object)
    first = np.array(kinds or [""], dtype=object)[encoded.indices.to_numpy()]
    chosen = np.where(first == UNKNOWN, other[second.indices.to_numpy()], first)
    return _repeated(strings(chosen.tolist()).dictionary_encode(), width)


def _countries(sheet: Sheet, positions: npt.NDArray[np.int64], width: int, reading: SheetReading) -> Encoded:
    if reading.country_column is None:
        return _same("", len(positions) * width)
    encoded = one_piece(sheet.values(reading.country_column.place).take(index(positions))).dictionary_encode()
    named = pd.Series(as_texts(encoded.dictionary), dtype="str")
    return _repeated(_renamed(encoded, country_codes(named).tolist()), width)


def _same(text: str, n: int) -> Encoded:
    return Encoded(np.zeros(n, np.int8), [text])


def _renamed(encoded: pa.DictionaryArray[Any, Any], names: list[str]) -> pa.DictionaryArray[Any, Any]:
    return pa.DictionaryArray.from_arrays(encoded.indices, strings(names))


def _repeated(encoded: pa.DictionaryArray[Any, Any], width: int) -> Encoded:
    codes = encoded.indices.to_numpy()
    return Encoded(np.repeat(codes, width) if width > 1 else codes, as_texts(encoded.dictionary))


def assemble(pieces: list[Piece]) -> pd.DataFrame:
    """The cells of all pieces, in order; columns as `Reading.cells` promises."""
    total = sum(len(piece.row) for piece in pieces)
    raw = pa.concat_arrays([piece.raw for piece in pieces]) if pieces else pa.array([], pa.string())
    return pd.DataFrame(
        {
            "file": _constant(pieces, lambda piece: piece.file),
            "sheet": _constant(pieces, lambda piece: piece.sheet),
            "row": _joined([piece.row for piece in pieces], np.int32),
            "column": _labels(pieces),
            "raw": pd.Series(raw, dtype="str") if total else pd.Series([], dtype="str"),
            "kind": kind_categorical(_joined([piece.kind for piece in pieces], np.uint8)),
            "hidden": _joined([piece.hidden for piece in pieces], np.bool_),
            "list": _words([piece.lists for piece in pieces]),
            "region": _constant(pieces, lambda piece: piece.region),
            "country": _words([piece.countries for piece in pieces]),
            "international": _joined([np.full(len(piece.row), piece.international) for piece in pieces], np.bool_),
            "detail": _words([piece.details for piece in pieces]),
            "kept_code": _words([piece.kept_codes for piece in pieces]),
        }
    )


def _joined(arrays: list[Any], dtype: type[np.generic]) -> npt.NDArray[Any]:
    return np.concatenate(arrays) if arrays else np.zeros(0, dtype)


def _constant(pieces: list[Piece], name: Callable[[Piece], str]) -> pd.Categorical[str]:
    names = list(dict.fromkeys(map(name, pieces)))
    least = np.min_scalar_type(-len(names) - 1)  # a byte for most
    codes = [np.full(len(piece.row), names.index(name(piece)), least) for piece in pieces]
    return categorical(_joined(codes, np.int32), names)


def _labels(pieces: list[Piece]) -> pd.Categorical[str]:
    names = list(dict.fromkeys(label for piece in pieces for label in piece.labels))
    places = [np.array([names.index(label) for label in piece.labels], np.int32) for piece in pieces]
    codes = [place[piece.column] for place, piece in zip(places, pieces, strict=True)]
    return categorical(_joined(codes, np.int32), names)


def _words(encoded: list[Encoded]) -> pd.Categorical[str]:
    """The texts of all pieces as one categorical, each text once."""
    names: dict[str, int] = {}
    codes: list[npt.NDArray[np.int32]] = []
    for one in encoded:
        places = np.array([names.setdefault(word, len(names)) for word in one.words], np.int32)
        codes.append(places[one.codes] if len(places) else np.zeros(0, np.int32))
    return categorical(_joined(codes, np.int32), list(names) or [""])
