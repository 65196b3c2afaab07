"""Rows that are rejected whatever their phone cell says: damaged ones, and those of rejects files not mended yet."""

from __future__ import annotations

import re
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk import numbers
from ptx_bulk.model import Accept, Code

_PARTS = re.compile(r"[;,\t|\"]+")
_MOST = 10_000  # damaged rows that are looked into; where there are more, the file is to be mended, not its rows


def refused_codes(cells: pd.DataFrame, accept: Accept) -> npt.NDArray[np.object_]:
    """For each of the cells (a `workbooks.Reading.cells` frame) the code that its row is rejected with, '' for most."""
    damaged, kept = (cells["detail"] != "").to_numpy(), cells["kept_code"]
    if not damaged.any() and (kept == "").all():
        return np.full(len(cells), "", dtype=object)
    codes = kept.to_numpy(dtype=object).copy()
    codes[damaged] = Code.DAMAGED_ROW.value
    if accept is Accept.ANY:
        codes[codes == Code.NOT_MOBILE.value] = ""
    return codes


def with_refused_rows(
    normalised: pd.DataFrame,
    cells: pd.DataFrame,
    codes: npt.NDArray[np.object_],
    region: str | pd.Series[Any] | None,
) -> pd.DataFrame:
    """What `numbers.normalise` answered, with one rejected line for each cell of a refused row.

    Args:
        normalised: the answer.
        cells: a `workbooks.Reading.cells` frame; the text of a damaged row is its whole line.
        codes: as `refused_codes` tells them.
        region: of all cells, or of each.
    """
    refused = codes != ""
    at = np.flatnonzero(refused)
    mine = pd.DataFrame(
        {
            "cell": at,
            "number": np.zeros(len(at), np.int64),
            "code": pd.Categorical(codes[at]),
            "suggestion": _suggestions(
                cells["raw"].iloc[at].tolist(), region.iloc[at].tolist() if isinstance(region, pd.Series) else region
            ),
        }
    )
    others = normalised[~refused[normalised["cell"].to_numpy()]]
    united = pd.api.types.union_categoricals([_texts(others["code"]), _texts(mine["code"])])
    whole = pd.concat([others.drop(columns="code"), mine.drop(columns="code")], ignore_index=True)
    whole = whole.assign(code=united)[list(normalised.columns)].sort_values("cell", kind="stable", ignore_index=True)
    return cast("pd.DataFrame", whole)


def _texts(codes: pd.Series[Any]) -> pd.Series[Any]:
    """The codes as a categorical of texts: only like types unite."""
    known = codes.astype("category")
    return known.astype(pd.CategoricalDtype(known.cat.categories.astype("str")))


def _suggestions(lines: list[str], region: list[str] | str | None) -> pd.Series[str]:
    """For each line the one mobile among its parts, '' where there is none or several."""
    parts = [(at, part) for at, line in enumerate(lines[:_MOST]) for part in _PARTS.split(line) if part.strip()]
    found: dict[int, set[int]] = {}
    if parts:
        texts = pd.Series([part for _at, part in parts], dtype="str")
        of_parts = pd.Series([region[at] for at, _part in parts], dtype="str") if isinstance(region, list) else region
        read = numbers.normalise(texts, None, region=of_parts)
        for cell, number in zip(read["cell"].tolist(), read["number"].tolist(), strict=True):
            if number:
                found.setdefault(parts[cell][0], set()).add(number)
    only = [f"+{next(iter(found[at]))}" if len(found.get(at, ())) == 1 else "" for at in range(len(lines))]
    return pd.Series(only, dtype="str")
