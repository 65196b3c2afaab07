"""Lines and outcomes as rows of the results report."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ptx_bulk import numbers
from ptx_bulk.model import RESULT_COLUMNS
from ptx_bulk.plan import constant, describe_codes


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
    return pd.DataFrame(frame, columns=list(RESULT_COLUMNS))


def _with_details(messages: pd.Series, lines: pd.DataFrame) -> pd.Series:
    """The messages, and behind them the details of the line; a journal of before has no such column."""
    if "detail" not in lines or not (told := (lines["detail"] != "").to_numpy()).any():
        return messages
    texts = messages.astype("str")
    return texts.where(~told, (texts + " " + lines["detail"].astype("str")).str.lstrip())


def _of_changes(lines: pd.DataFrame, message: pd.Series, outcomes: pd.DataFrame) -> dict[str, pd.Series]:
    """What became of each line's change, and what the API said of it."""
    by_seq = pd.Index(outcomes["seq"]).get_indexer(pd.Index(lines["seq"]))
    there = by_seq >= 0
    detail = outcomes.take(np.maximum(by_seq, 0)).reset_index(drop=True)
    stamps = pd.to_datetime(detail["finished_at"], unit="s", utc=True).dt.strftime("%Y-%m-%dT%H:%M:%SZ").astype("str")
    columns = {
        **{name: detail[name].where(there, 0) for name in ("attempts", "http_status", "api_code")},
        **{name: detail[name].where(there, "") for name in ("remote_id", "verified")},
        "finished_at": stamps.where(there, ""),
    }
    said = detail["message"].where(there, "")
    told = (said != "").to_numpy()
    if told.any():
        columns["message"] = message.astype("str").where(~told, message.astype("str") + " " + said)
    return columns
