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


def approx_added(ids: pd.Series) -> pd.Series:
    """The time that a MongoDB ObjectId begins with, ISO 8601; '' for ids of another shape (an inference)."""
    alike = ids.str.fullmatch(r"[0-9a-fA-F]{24}").fillna(False).to_numpy(dtype=bool)
    begins = "".join(ids[alike].str.slice(0, 8))
    seconds = np.frombuffer(bytes.fromhex(begins), dtype=">u4").astype("int64")
    texts = np.full(len(ids), "", dtype=object)
    texts[alike] = np.datetime_as_string(seconds.astype("datetime64[s]"), timezone="UTC")
    return pd.Series(texts, dtype="str")
