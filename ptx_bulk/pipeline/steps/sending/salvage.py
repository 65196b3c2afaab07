"""What can still be told, and noted, of a run that broke: the journal failed, or something that nobody foresaw."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk.errors import JournalError
from ptx_bulk.journal import Journal
from ptx_bulk.journal.rows.storable import COLUMNS, outcome_row
from ptx_bulk.model import Code, Outcome, Status


def salvaged(journal: Journal, run_id: str, seqs: npt.NDArray[np.int64], unsaved: list[Outcome]) -> pd.DataFrame:
    """A `Journal.outcomes` frame as far as it is known.

    What may have been sent and has no outcome is `unknown`, and so is everything where the journal cannot be read.

    Args:
        journal: the journal, perhaps broken.
        run_id: the run.
        seqs: its changes.
        unsaved: outcomes that the journal could not take.
    """
    try:
        known, sent = journal.outcomes(run_id), journal.intents(run_id)
    except JournalError:
        known, sent = None, seqs
    frames = [] if known is None else [known]
    if unsaved:
        frames.append(pd.DataFrame([_as_row(outcome) for outcome in unsaved]).drop_duplicates("seq", keep="last"))
    told = pd.concat(frames, ignore_index=True).drop_duplicates("seq", keep="last") if frames else pd.DataFrame()
    lost = np.setdiff1d(sent, told["seq"].to_numpy() if len(told) else [])
    if len(lost):
        told = pd.concat([told, pd.DataFrame([_unknown(seq) for seq in lost.tolist()])], ignore_index=True)
    return told


class Notes:
    """Writes the last notes of a run into its journal; the first that fails is the last that is tried.

    Attributes:
        failure: why notes are missing, None while none are.
    """

    def __init__(self) -> None:
        self.failure: JournalError | None = None

    def write(self, note: Callable[[], None]) -> None:
        """Write one, if those before could be written."""
        if self.failure is None:
            try:
                note()
            except JournalError as error:
                self.failure = error


def _unknown(seq: int) -> dict[str, object]:
    return _as_row(Outcome(seq, Status.UNKNOWN, Code.OUTCOME_UNKNOWN, 1, finished_at=time.time()))


def _as_row(outcome: Outcome) -> dict[str, object]:
    row = dict(zip(COLUMNS, outcome_row(outcome), strict=True))
    return {**row, "http_status": row["http_status"] or 0, "api_code": row["api_code"] or 0, "verified": ""}
