"""Since when an entry stands on a list: by the API's own record where it gives one, else by the entry's id."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk.snapshot import Snapshot

_Int64s = npt.NDArray[np.int64]


class Since(NamedTuple):
    """Texts, '' where not known: ISO 8601 in UTC and campaign by the API's record; the time that the id tells."""

    stopped_at: str
    campaign_id: str
    added_approx: str


def listed_since(snapshot: Snapshot, numbers: _Int64s) -> dict[int, Since]:
    """What a list tells of each of these numbers that it holds."""
    ids = snapshot.ids_of(numbers)
    approx = approx_added(pd.Series(list(ids.values()), dtype="str")).tolist()
    recorded = snapshot.since_of(numbers)
    return {number: Since(*recorded.get(number, ("", "")), added) for number, added in zip(ids, approx, strict=True)}


def first_entries(entries: pd.DataFrame, at: _Int64s, key: _Int64s) -> tuple[_Int64s, _Int64s]:
    """Of each number two entries, as places: its first one, and the first that tells since when or by which campaign.

    Where none tells, the first stands for both.

    Args:
        entries: of a snapshot.
        at: places of those that count.
        key: parallel to it, what stands for their numbers; the answer is in its order.
    """
    first = _firsts(at, key)
    if len(first) == len(at):
        return first, first
    silent = (entries["stopped_at"] == 0).to_numpy()[at] & (entries["campaign_id"] == "").to_numpy()[at]
    return first, _firsts(at, key * 2 + silent, of=2)


def _firsts(at: _Int64s, key: _Int64s, of: int = 1) -> _Int64s:
    """The places in the order of their keys; of places whose keys are one when divided by `of`, the first alone."""
    order = np.argsort(key, kind="stable")
    ordered = key[order] // of
    first = np.ones(len(at), dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return at[order[first]]


def approx_added(ids: pd.Series) -> pd.Series:
    """The time that a MongoDB ObjectId begins with, ISO 8601; '' for ids of another shape (an inference)."""
    seconds = seconds_added(ids)
    texts = np.full(len(ids), "", dtype=object)
    texts[seconds >= 0] = np.datetime_as_string(seconds[seconds >= 0].astype("datetime64[s]"), timezone="UTC")
    return pd.Series(texts, dtype="str")


def seconds_added(ids: pd.Series) -> _Int64s:
    """The same as Unix time, -1 for ids of another shape."""
    alike = ids.str.fullmatch(r"[0-9a-fA-F]{24}").fillna(False).to_numpy(dtype=bool)
    seconds = np.full(len(ids), -1, dtype=np.int64)
    seconds[alike] = np.frombuffer(bytes.fromhex("".join(ids[alike].str.slice(0, 8))), dtype=">u4")
    return seconds
