"""Runs written straight into a journal, and lists held in memory: a story of what happened, without any sending."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ptx_bulk.journal import Journal, RunRecord
from ptx_bulk.model import Doubt, ListKind, Outcome
from ptx_bulk.plan.planning import changes_frame
from ptx_bulk.snapshot import Snapshot

FIRST = 33600000000
PLANNED, LATER = 1000.0, 2000.0  # Unix times: when a run's lists were read, when a later run worked
SENT = object()  # the state of a change that has an intent, but no outcome
NOTHING = None  # neither: it never left


class Story:
    """A journal with runs, each a list of changes `(action, list, number, state)`; `number` counts from 0."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.snapshots = {kind: Snapshot.of(kind, LATER, []) for kind in ListKind}

    def run(
        self,
        run_id: str,
        *changes: tuple[Any, ...],
        at: float,
        ids: Mapping[int, Sequence[str]] | None = None,
        lists: tuple[ListKind, ...] = tuple(ListKind),
    ) -> tuple[RunRecord, pd.DataFrame]:
        """A run that began then, and its changes, of which removals mean the entries with the ids given by `seq`."""
        run = RunRecord(
            run_id=run_id,
            command="import",
            mode="sync",
            account="a",
            base_url="https://api.example",
            lists=lists,
            options={},
            started_at=at,
        )
        frame = changes_frame(
            [(action, kind, np.array([FIRST + n]), [(f"+{FIRST + n}",)]) for action, kind, n, _state in changes]
        )
        frame["entry_ids"] = pd.Series([tuple((ids or {}).get(seq, ())) for seq in frame["seq"]], dtype=object)
        self.journal.begin(run, [], pd.DataFrame({"raw": ["x"]}), frame)
        with self.journal.writer(run_id) as writer:
            for seq, (*_change, state) in enumerate(changes):
                if state is not NOTHING:
                    writer.intend([seq])
                if isinstance(state, tuple):
                    status, code, doubt, attempts, *remote_id = state
                    spoken = (400, 15, "exists already") if doubt is Doubt.CLAIMED else (200, None, "")
                    writer.record(Outcome(seq, status, code, attempts, *spoken, *(remote_id or [""]), at + 1, doubt))
        return run, self.journal.changes(run_id)

    def now(self, kind: ListKind, *entries: tuple[int, str]) -> None:
        """The list holds these numbers now, each with its id."""
        self.snapshots[kind] = shown(kind, *entries)


def shown(kind: ListKind, *entries: tuple[int, str], at: float = LATER) -> Snapshot:
    """A list that holds these numbers, each with its id."""
    return Snapshot.of(kind, at, [f"+{FIRST + n}" for n, _id in entries], [one for _n, one in entries])
