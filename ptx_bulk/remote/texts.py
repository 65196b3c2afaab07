"""What the API gives as a text, whatever it came as: kept, and never at a length that costs memory."""

from __future__ import annotations

import sys
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_arrow: Any = pa
_compute: Any = pc  # their stubs know less than they do


# The longest number has 15 digits; what is longer than any writing of one is kept, cut, as what it is: no number.
_LONGEST_TEXT = 128
_CUT = "…"  # no number is ever read from a text that ends with it


def entry_text(value: object) -> str:
    """An identifier or id as text, whatever it came as: '' when it is none, cut when it is too long to be one."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return ""
    return value if len(value) <= _LONGEST_TEXT else value[: _LONGEST_TEXT - 1] + _CUT


def compact(column: pa.Array[Any]) -> pa.Array[Any]:
    """The same column in memory of just its size: what Arrow's builders set aside and give back stays with Arrow."""
    buffers: Any = column.buffers()
    if not len(column) or buffers[2] is None:
        return column
    offsets = bytes(memoryview(buffers[1])[: 8 * (len(column) + 1)])
    data = bytes(memoryview(buffers[2])[: int.from_bytes(offsets[-8:], sys.byteorder)])
    compact: pa.Array[Any] = _arrow.LargeStringArray.from_buffers(
        len(column), pa.py_buffer(offsets), pa.py_buffer(data)
    )
    return compact


def any_too_long(column: pa.Array[Any]) -> bool:
    """Whether a text of the column is longer than any that is kept whole."""
    return (_compute.max(_compute.binary_length(column)).as_py() or 0) > _LONGEST_TEXT
