"""Lines and outcomes as rows of the results report."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk import numbers
from ptx_bulk.model import RESULT_COLUMNS
from ptx_bulk.plan import constant, describe_codes

_Ints = npt.NDArray[np.integer[Any]]


def result_frame(lines: pd.DataFrame, run_id: str, outcomes: pd.DataFrame | None) -> pd.DataFrame:
    """The frame of a results report: `RESULT_COLUMNS`, one row a line; columns of few values are categorical."""
    frame: dict[str, Any] = {name: lines[name] for name in RESULT_COLUMNS if name in lines}
    frame["run_id"] = constant(len(lines), run_id)
    frame["e164"] = numbers.e164_text(lines["number"])
    frame["message"] = _with_details(describe_codes(lines["code"]), lines)
    if outcomes is None or not len(outcomes):
        blank, zero = constant(len(lines), ""), np.zeros(len(lines), dtype="int8")
        frame |= dict.fromkeys(("remote_id", "verified", "finished_at"), blank)
        frame |= dict.fromkeys(("attempts", "http_status", "api_code"), zero)
    else:
        frame |= _of_changes(lines, frame["message"], outcomes)
    return pd.DataFrame(frame, columns=list(RESULT_COLUMNS), copy=False)


def _with_details(messages: pd.Series, lines: pd.DataFrame) -> pd.Series:
    """The messages, and behind them the details of the line; a journal of before has no such column."""
    if "detail" not in lines or not (told := (lines["detail"] != "").to_numpy()).any():
        return messages
    texts = messages.astype("str")
    return texts.where(~told, (texts + " " + lines["detail"].astype("str")).str.lstrip())


def _of_changes(lines: pd.DataFrame, message: pd.Series, outcomes: pd.DataFrame) -> dict[str, pd.Series]:
    """What became of each line's change, and what the API said of it."""
    place = _places(lines["seq"].to_numpy(), outcomes["seq"].to_numpy())
    stamps = pd.to_datetime(outcomes["finished_at"], unit="s", utc=True).dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    columns = {
        **{name: _numbers_at(place, outcomes[name]) for name in ("attempts", "http_status", "api_code")},
        "remote_id": _texts_at(place, outcomes["remote_id"]),
        "verified": _categories_at(place, outcomes["verified"]),
        "finished_at": _categories_at(place, stamps),
    }
    if (outcomes["message"] != "").any():
        said = _texts_at(place, outcomes["message"])
        told = (said != "").to_numpy()
        columns["message"] = message.astype("str").where(~told, message.astype("str") + " " + said)
    return columns


def _places(seq: _Ints, outcomes: _Ints) -> npt.NDArray[np.int32]:
    """The place of each line's outcome, 0 where there is none: the first is at 1."""
    place = np.zeros(max(int(seq.max(initial=-1)), int(outcomes.max())) + 2, dtype=np.int32)
    place[outcomes] = np.arange(1, len(outcomes) + 1)
    found: npt.NDArray[np.int32] = place[seq]  # of -1 the last, which is 0
    return found


def _numbers_at(place: npt.NDArray[np.int32], values: pd.Series) -> pd.Series:
    every = np.concatenate([[0], values.to_numpy(dtype=np.int64)])
    return pd.Series(pd.to_numeric(every, downcast="integer")[place])


def _texts_at(place: npt.NDArray[np.int32], values: pd.Series) -> pd.Series:
    """The texts as words of which each counts once: most lines have none, and others the same."""
    codes, words = _words(values)
    return pd.Series(words.take(codes[place]))


def _categories_at(place: npt.NDArray[np.int32], values: pd.Series) -> pd.Series:
    """The same for texts of which there are few."""
    codes, words = _words(values)
    return pd.Series(pd.Categorical.from_codes(codes[place], categories=words))


def _words(values: pd.Series) -> tuple[npt.NDArray[np.intp], pd.Index[str]]:
    """Which of the words each text is, and the words; before the texts one that is none."""
    codes, words = pd.factorize(pd.concat([pd.Series([""], dtype="str"), values.astype("str").fillna("")]))
    return codes, words.astype("str")
