"""The cells of many sheets as one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ptx_bulk.workbooks.arrow import index, one_piece, strings
from ptx_bulk.workbooks.arrow import texts as as_texts
from ptx_bulk.workbooks.cells import BOOLEAN
from ptx_bulk.workbooks.damage import Damage
from ptx_bulk.workbooks.reading import categorical, kind_categorical, text_kinds
from ptx_bulk.workbooks.sheets import Sheet

# the one kind whose text is never taken for a number: a damaged row is NOT_A_NUMBER, whatever digits are in it
_DAMAGED = BOOLEAN


@dataclass(frozen=True)
class Piece:
    """The phone cells of one sheet, row by row.

    Attributes:
        file, sheet: where they are from.
        row: physical row of each cell.
        column: position of each cell's column in `labels`.
        labels: heading or letters of each phone column.
        raw, kind, hidden: of each cell.
        words, countries: dictionary-encoded, of each cell; None when the sheet has no such column.
    """

    file: str
    sheet: str
    row: npt.NDArray[np.int32]
    column: npt.NDArray[np.int32]
    labels: list[str]
    raw: pa.Array[Any]
    kind: npt.NDArray[np.uint8]
    hidden: npt.NDArray[np.bool_]
    words: pa.DictionaryArray[Any, Any] | None
    countries: pa.DictionaryArray[Any, Any] | None


def cut_piece(
    file: str,
    sheet: Sheet,
    positions: npt.NDArray[np.int64],
    columns: tuple[int, ...],
    labels: list[str],
    list_column: int | None,
    country_column: int | None,
    damage: Damage,
) -> Piece:
    """The cells of these columns in the rows at `positions`, columns beside each other within a row."""
    width = len(columns)
    where = index(positions)
    raws: list[pa.Array[Any]] = []
    kinds: list[npt.NDArray[np.uint8]] = []
    for column in columns:
        texts = one_piece(sheet.values(column).take(where))
        stored = sheet.kinds(column)
        kind = text_kinds(texts) if stored is None else stored.take(where).to_numpy().astype(np.uint8)
        texts, kind = _with_damage(texts, kind, positions, damage)
        raws.append(texts)
        kinds.append(kind)
    raw, kind = raws[0], kinds[0]
    if width > 1:
        order = np.arange(width * len(positions)).reshape(width, -1).T.ravel()
        raw, kind = pa.concat_arrays(raws).take(index(order)), np.stack(kinds, axis=1).ravel()
    return Piece(
        file=file,
        sheet=sheet.stored.name,
        row=np.repeat(sheet.rows[positions], width),
        column=np.tile(np.arange(width, dtype=np.int32), len(positions)),
        labels=labels,
        raw=raw,
        kind=kind,
        hidden=np.repeat(sheet.flags("hidden")[positions], width),
        words=_encoded(sheet, list_column, positions, width),
        countries=_encoded(sheet, country_column, positions, width),
    )


def _with_damage(
    texts: pa.Array[Any], kind: npt.NDArray[np.uint8], positions: npt.NDArray[np.int64], damage: Damage
) -> tuple[pa.Array[Any], npt.NDArray[np.uint8]]:
    if not damage.lines:
        return texts, kind
    bad = np.isin(positions, np.fromiter(damage.lines, np.int64))
    lines = strings([damage.lines[position] for position in positions[bad].tolist()])
    return pc.replace_with_mask(texts, index(bad), lines), np.where(bad, _DAMAGED, kind).astype(np.uint8)


def _encoded(
    sheet: Sheet, column: int | None, positions: npt.NDArray[np.int64], width: int
) -> pa.DictionaryArray[Any, Any] | None:
    if column is None:
        return None
    where = index(np.repeat(positions, width))
    return one_piece(sheet.values(column).take(where)).dictionary_encode()


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
            "list_word": _words([piece.words for piece in pieces], pieces),
            "country": _words([piece.countries for piece in pieces], pieces),
        }
    )


def _joined(arrays: list[Any], dtype: type[np.generic]) -> npt.NDArray[Any]:
    return np.concatenate(arrays) if arrays else np.zeros(0, dtype)


def _constant(pieces: list[Piece], name: Callable[[Piece], str]) -> pd.Categorical[str]:
    names = list(dict.fromkeys(map(name, pieces)))
    codes = [np.full(len(piece.row), names.index(name(piece)), np.int32) for piece in pieces]
    return categorical(_joined(codes, np.int32), names)


def _labels(pieces: list[Piece]) -> pd.Categorical[str]:
    names = list(dict.fromkeys(label for piece in pieces for label in piece.labels))
    places = [np.array([names.index(label) for label in piece.labels], np.int32) for piece in pieces]
    codes = [place[piece.column] for place, piece in zip(places, pieces, strict=True)]
    return categorical(_joined(codes, np.int32), names)


def _words(encoded: list[pa.DictionaryArray[Any, Any] | None], pieces: list[Piece]) -> pd.Categorical[str]:
    names = {"": 0}
    codes: list[npt.NDArray[np.int32]] = []
    for array, piece in zip(encoded, pieces, strict=True):
        if array is None:
            codes.append(np.zeros(len(piece.row), np.int32))
            continue
        places = [names.setdefault(word, len(names)) for word in as_texts(array.dictionary)]
        codes.append(np.array(places, np.int32)[array.indices.to_numpy()])
    return categorical(_joined(codes, np.int32), list(names))
