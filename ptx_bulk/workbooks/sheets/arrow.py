"""The few Arrow calls that the room needs often, with plain types: Arrow's stubs leave most of them open."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Column: TypeAlias = "pa.Array[Any] | pa.ChunkedArray[Any]"

_compute: Any = pc


def index(places: npt.NDArray[Any], missing: npt.NDArray[np.bool_] | None = None) -> Any:  # noqa: ANN401
    """An array for Arrow: positions to `take` (null, which takes null, where `missing`), or a mask."""
    return pa.array(places, mask=missing)


def strings(texts: list[str] | list[str | None]) -> pa.Array[Any]:
    """Python texts as an Arrow column."""
    return pa.array(texts, pa.string())


def blanks(count: int) -> pa.Array[Any]:
    """So many empty texts."""
    return pa.array([""], pa.string()).take(index(np.zeros(count, np.int64)))


def one_piece(column: Column) -> pa.Array[Any]:
    """The column as one array."""
    if isinstance(column, pa.ChunkedArray):
        whole: Any = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
        return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole
    return column


def to_texts(column: Column) -> list[str]:
    """An Arrow column without nulls as Python texts."""
    found: list[Any] = column.to_pylist()
    return found


def to_numbers(column: Column) -> list[int]:
    """An Arrow column of integers without nulls as Python integers."""
    found: list[Any] = column.to_pylist()
    return found


def lengths(column: Column) -> npt.NDArray[np.int32]:
    """Bytes of each text."""
    return np.asarray(_compute.binary_length(column).to_numpy(zero_copy_only=False))


def matching(column: Column, pattern: str) -> npt.NDArray[np.bool_]:
    """Whether the pattern (RE2) is found in each text."""
    return np.asarray(_compute.match_substring_regex(column, pattern).to_numpy(zero_copy_only=False)).astype(bool)
