"""The lines as the data of the page's table."""

from __future__ import annotations

from typing import Any

import msgspec
import pandas as pd
import pyarrow as pa

from ptx_bulk.model import Status
from ptx_bulk.reports import cell_text

# A browser still scrolls, sorts and searches this many without delay, and the file can still be mailed.
_MOST_LINES = 100_000
_FINE = [Status.APPLIED, Status.UNCHANGED, Status.PLANNED, Status.VALID]
# Inside <script>, JSON must not spell an end tag or a comment; these escapes mean the same to JSON.
_ESCAPES = {b"<": b"\\u003c", b">": b"\\u003e", b"&": b"\\u0026"}


def shown(lines: pd.DataFrame) -> pd.DataFrame:
    """The lines that the table holds: all, or of very many those with problems before those without."""
    if len(lines) <= _MOST_LINES:
        return lines
    order = lines["status"].isin(_FINE).to_numpy().argsort(kind="stable")[:_MOST_LINES]
    order.sort()
    return lines.iloc[order]


def payload(lines: pd.DataFrame) -> str:
    """JSON for a `<script>` element: `{"rows": n, "columns": [{"name", "values", "index", "numeric"}]}`.

    A column of few different values lists them once, and `index` says for each row which; else `index` is
    null and `values` has one for each row. Columns without any value and the run's name are left out.
    """
    columns = [_column(lines[name], str(name)) for name in lines.columns if name != "run_id"]
    content = msgspec.json.encode({"rows": len(lines), "columns": [each for each in columns if each]})
    for raw, escaped in _ESCAPES.items():
        content = content.replace(raw, escaped)
    return content.decode()


def _column(series: pd.Series, name: str) -> dict[str, Any] | None:
    array = cell_text.column(series, name)
    numeric = pa.types.is_integer(array.type)
    encoded = array.dictionary_encode()
    distinct = encoded.dictionary.to_pylist()
    if not any(value for value in distinct):
        return None
    if len(distinct) * 4 > len(array):
        return {"name": name, "values": array.to_pylist(), "index": None, "numeric": numeric}
    if encoded.indices.null_count:
        index = cell_text.pc.fill_null(encoded.indices, len(distinct)).to_pylist()
        distinct.append(None)
    else:
        index = encoded.indices.to_pylist()
    return {"name": name, "values": distinct, "index": index, "numeric": numeric}
