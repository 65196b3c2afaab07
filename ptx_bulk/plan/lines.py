"""Lines: one row for each phone value found in the input, in input order, a column at a time.

A frame of lines has the columns of `LINE_COLUMNS`:

    file, sheet, column   categorical text: where the value stands
    row                   int32, as the spreadsheet program numbers it; 0 for a line that no row asked for
    raw                   text of the cell
    list                  categorical `stop`, `npai` or '' (not known)
    number                int64 E.164 digits, 0 when rejected
    action, status        categorical, the values of `Action` and `Status`
    code                  categorical, codes joined by `+`, the reason first and then the warnings
    suggestion            text, E.164 numbers joined by `;`
    detail                text: what is wrong with a damaged row, how a removal from STOP came there, '' for all others
    duplicate_of_row      int32, 0 when it is no duplicate
    seq                   int32, the change that the line stands for, -1 when it stands for none

and, once a plan removes from STOP, `origin`: categorical, who put there what such a line removes (`origins.Origin`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk.i18n import _
from ptx_bulk.model import WARNING_CODES, Action, Code, ListKind, Status
from ptx_bulk.sentences import CODE_SENTENCES

LINE_COLUMNS: tuple[str, ...] = (
    "file",
    "sheet",
    "row",
    "column",
    "raw",
    "list",
    "number",
    "action",
    "status",
    "code",
    "suggestion",
    "detail",
    "duplicate_of_row",
    "seq",
)

_RANK = {code: rank for rank, code in enumerate(WARNING_CODES, start=1)}
_MAY_BE_WRITTEN_TO = "none"
_LISTS = ["", *(kind.value for kind in ListKind)]
_ACTIONS = [action.value for action in Action]
_STATUSES = [status.value for status in Status]


def assemble_lines(cells: pd.DataFrame, normalised: pd.DataFrame) -> pd.DataFrame:
    """Join the cells that were read with what the numbers room made of them.

    Args:
        cells: a `workbooks.Reading.cells` frame; its `list` says `stop`, `npai`, `none` for people who may be written
            to, or '' where the row does not tell.
        normalised: what `numbers.normalise` answered for `cells["raw"]`; a cell with several numbers has several rows.

    Returns:
        Lines whose status is `valid`, `rejected`, or `unchanged` for people who may be written to, with duplicates not
        yet told.
    """
    at = normalised["cell"].to_numpy()
    # Most files have one number a cell: then no column is copied.
    straight = np.array_equal(at, np.arange(len(cells)))

    def take(column: pd.Series) -> pd.Series:
        return column.reset_index(drop=True) if straight else column.take(at).reset_index(drop=True)

    number = normalised["number"].to_numpy().copy()
    code = normalised["code"].reset_index(drop=True).astype("category")
    listed = take(cells["list"]).astype("category")
    free = (listed == _MAY_BE_WRITTEN_TO).to_numpy() & (code != Code.EMPTY.value).to_numpy()
    number[free] = 0
    code = replace_code(code, Code.NOT_OPTED_OUT, free)
    named = listed.cat.set_categories(_LISTS).fillna("")
    unknown = (number > 0) & (named == "").to_numpy()
    number[unknown] = 0
    code = replace_code(code, Code.LIST_UNKNOWN, unknown)
    hidden = take(cells["hidden"]).to_numpy(dtype=bool)
    code = join_code(code, Code.HIDDEN_ROW, hidden & (number > 0))
    status = np.where(number > 0, _STATUSES.index(Status.VALID), _STATUSES.index(Status.REJECTED))
    status[free] = _STATUSES.index(Status.UNCHANGED)
    return pd.DataFrame(
        {
            "file": take(cells["file"]),
            "sheet": take(cells["sheet"]),
            "row": take(cells["row"]).astype("int32"),
            "column": take(cells["column"]),
            "raw": take(cells["raw"]),
            "list": named,
            "number": number,
            "action": categorical(np.full(len(at), _ACTIONS.index(Action.NONE)), _ACTIONS),
            "status": categorical(status, _STATUSES),
            "code": code,
            "suggestion": _without(normalised["suggestion"].reset_index(drop=True), free),
            "detail": take(cells["detail"]),
            "duplicate_of_row": np.zeros(len(at), dtype="int32"),
            "seq": np.full(len(at), -1, dtype="int32"),
        }
    )


def _without(texts: pd.Series[str], where: npt.NDArray[np.bool_]) -> pd.Series[str]:
    return texts.where(~where, "") if where.any() else texts


def unasked(numbers: npt.NDArray[np.int64], kind: ListKind, first_seq: int) -> pd.DataFrame:
    """Lines for removals that no row asked for (`sync`): no file, no row, no raw value."""
    n = len(numbers)
    blank = constant(n, "")
    return pd.DataFrame(
        {
            "file": blank,
            "sheet": blank,
            "row": np.zeros(n, dtype="int32"),
            "column": blank,
            "raw": pd.Series([""] * n, dtype="str"),
            "list": categorical(np.full(n, _LISTS.index(kind)), _LISTS),
            "number": numbers,
            "action": categorical(np.full(n, _ACTIONS.index(Action.REMOVE)), _ACTIONS),
            "status": categorical(np.full(n, _STATUSES.index(Status.PLANNED)), _STATUSES),
            "code": blank,
            "suggestion": pd.Series([""] * n, dtype="str"),
            "detail": blank,
            "duplicate_of_row": np.zeros(n, dtype="int32"),
            "seq": np.arange(first_seq, first_seq + n, dtype="int32"),
        }
    )


def categorical(codes: npt.NDArray[np.integer], categories: list[str]) -> pd.Categorical:
    """A categorical from positions in `categories`, one or two bytes a row."""
    small = "int8" if len(categories) < 128 else "int16"
    return pd.Categorical.from_codes(codes.astype(small), pd.Index(categories, dtype="str"))


def constant(n: int, value: str) -> pd.Categorical:
    """A categorical of `n` times the same value."""
    return categorical(np.zeros(n, dtype="int8"), [value])


def set_where(column: pd.Series, mask: npt.NDArray[np.bool_], value: str) -> pd.Series:
    """The categorical column with `value` where the mask is true."""
    return _recode(column, mask, lambda _old: value)


def join_code(codes: pd.Series, extra: Code, mask: npt.NDArray[np.bool_]) -> pd.Series:
    """The code column with `extra` joined in where the mask is true: the reason first, then warnings in their order."""
    return _recode(codes, mask, lambda old: _joined(old, extra))


def replace_code(codes: pd.Series, code: Code, mask: npt.NDArray[np.bool_]) -> pd.Series:
    """The code column with `code` alone where the mask is true."""
    return set_where(codes, mask, code.value)


def _joined(old: str, extra: Code) -> str:
    parts = {*filter(None, old.split("+")), extra.value}
    return "+".join(sorted(parts, key=lambda part: _RANK.get(Code(part), 0)))


def _recode(column: pd.Series, mask: npt.NDArray[np.bool_], change: Callable[[str], str]) -> pd.Series:
    # Distinct values are few, so the change is made once for each of them and the rows follow by position.
    if not mask.any():
        return column
    old = [str(category) for category in column.cat.categories]
    changed = [change(category) for category in old]
    categories = list(dict.fromkeys([*old, *changed]))
    place = {category: at for at, category in enumerate(categories)}
    codes = column.cat.codes.to_numpy().astype("int16")
    codes[mask] = np.array([place[new] for new in changed], dtype="int16")[codes[mask]]
    return pd.Series(categorical(codes, categories), index=column.index)


def refused(lines: pd.DataFrame) -> pd.Series[bool]:
    """For each line whether it was rejected for more than an empty cell, which is normal in a CRM's export."""
    return (lines["status"] == Status.REJECTED.value) & (lines["code"] != Code.EMPTY.value)


def status_counts(lines: pd.DataFrame) -> dict[str, int]:
    """Number of lines of each status that occurs; they sum to the number of lines."""
    counts = lines["status"].value_counts(sort=False)
    return {str(status): int(n) for status, n in counts.items() if n}


def code_counts(codes: pd.Series) -> dict[str, int]:
    """Number of lines that carry each code; a line with joined codes counts for each of them."""
    counts: dict[str, int] = {}
    for joined, n in codes.value_counts(sort=False).items():
        for code in filter(None, str(joined).split("+")):
            counts[code] = counts.get(code, 0) + int(n)
    order = {code.value: at for at, code in enumerate(Code)}
    return dict(sorted(((c, n) for c, n in counts.items() if n), key=lambda item: order.get(item[0], len(order))))


def describe_codes(codes: pd.Series) -> pd.Series:
    """The human sentence of each line's codes, in the language in use; '' where there is none."""
    if not isinstance(codes.dtype, pd.CategoricalDtype):
        codes = codes.astype("category")
    old = [str(category) for category in codes.cat.categories]
    sentences = [" ".join(_(CODE_SENTENCES[Code(c)]) for c in filter(None, joined.split("+"))) for joined in old]
    unique = list(dict.fromkeys(sentences)) or [""]
    place = np.array([unique.index(sentence) for sentence in sentences], dtype="int16")
    at = codes.cat.codes.to_numpy()
    return pd.Series(categorical(place[at] if len(place) else at, unique), index=codes.index)
