"""Runs in the journal: plan, intents, outcomes, how far they came."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk.errors import NoSuchRun
from ptx_bulk.i18n import _
from ptx_bulk.journal.database import Database, journal_errors
from ptx_bulk.journal.rows.frames import from_arrow, store_blob, to_arrow
from ptx_bulk.journal.rows.mentions import mention_pages, store_pages
from ptx_bulk.journal.rows.records import LEAST_OF_A_NAME, InputRecord, RunRecord, RunState
from ptx_bulk.journal.rows.run_rows import run_of
from ptx_bulk.journal.writer import OutcomeWriter
from ptx_bulk.model import Code, Outcome, Status
from ptx_bulk.plan import spellings

_Seqs = npt.NDArray[np.int64]


class RunStore(Database):
    """What is written and read of runs."""

    def begin(self, run: RunRecord, inputs: Sequence[InputRecord], lines: pd.DataFrame, changes: pd.DataFrame) -> None:
        """Store a run with its whole plan, in one transaction, before anything is sent."""
        columns = (changes[name].to_numpy() for name in ("seq", "action", "list", "number", "identifiers", "entry_ids"))
        rows = (
            (run.run_id, int(seq), action, kind, int(number), json.dumps(spelled), json.dumps(ids) if ids else "")
            for seq, action, kind, number, identifiers, ids in zip(*columns, strict=True)
            for spelled in (spellings(int(number), identifiers),)
        )
        blob, pages = to_arrow(lines, len(changes)), mention_pages(lines)
        with self.transaction() as db:
            db.execute(
                f"INSERT INTO runs VALUES ({', '.join('?' * 19)})",  # noqa: S608
                (
                    run.run_id,
                    run.command,
                    run.mode,
                    run.account,
                    run.base_url,
                    " ".join(run.lists),
                    json.dumps(run.options),
                    run.started_at,
                    run.reason,
                    run.parent,
                    run.version,
                    run.metadata_version,
                    run.state.value,
                    run.finished_at,
                    run.exit_code,
                    json.dumps(run.summary),
                    run.actor,
                    run.host,
                    run.comment,
                ),
            )
            db.executemany(
                "INSERT INTO inputs VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [(run.run_id, n, i.path, i.sha256, i.size, i.format, i.rows, i.blank) for n, i in enumerate(inputs)],
            )
            store_blob(db, "lines", run.run_id, blob)
            store_pages(db, run.run_id, pages)
            db.executemany("INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def writer(self, run_id: str) -> OutcomeWriter:
        """What appends intents and outcomes to the run."""
        return OutcomeWriter(self.connect, run_id, self.path)

    def set_state(
        self, run_id: str, state: RunState, *, exit_code: int | None = None, finished_at: float | None = None
    ) -> None:
        """Note how far the run came."""
        with self.transaction() as db:
            db.execute(
                "UPDATE runs SET state = ?, exit_code = ?, finished_at = ? WHERE run_id = ?",
                (state.value, exit_code, finished_at, run_id),
            )

    def set_summary(self, run_id: str, summary: dict[str, Any]) -> None:
        """Keep what the run printed as its `--json` object."""
        with self.transaction() as db:
            db.execute("UPDATE runs SET summary = ? WHERE run_id = ?", (json.dumps(summary), run_id))

    def settle(
        self,
        run_id: str,
        seqs: _Seqs,
        status: Status,
        code: Code | None,
        *,
        verified: str = "",
        ids: Mapping[int, str] | None = None,
    ) -> None:
        """Give changes the outcome that the list tells.

        Args:
            run_id: the run.
            seqs: the changes.
            status: how they ended.
            code: the reason; without one they keep what they have.
            verified: `yes` or `no` where the list proves it.
            ids: the entries' ids, where they are known.
        """
        # What failed may still land: it counts from now on, when the list was seen without it.
        ended = time.time() if status is Status.FAILED else None
        with self.transaction() as db:
            db.executemany(
                "UPDATE outcomes SET status = ?, "
                "code = coalesce(?, CASE code WHEN 'OUTCOME_UNKNOWN' THEN 'NETWORK' ELSE code END), "
                "verified = ?, remote_id = coalesce(?, remote_id), finished_at = coalesce(?, finished_at) "
                "WHERE run_id = ? AND seq = ?",
                (
                    (status.value, code and code.value, verified, (ids or {}).get(seq), ended, run_id, seq)
                    for seq in seqs.tolist()
                ),
            )

    def leave_unknown(self, run_id: str) -> None:
        """Note that the list could not be read to settle what is in doubt."""
        with self.transaction() as db:
            db.execute(
                "UPDATE outcomes SET code = 'OUTCOME_UNKNOWN' WHERE run_id = ? AND status = 'unknown'",
                (run_id,),
            )

    def set_verified(self, run_id: str, found: _Seqs) -> None:
        """Mark changes as proven by the list read again."""
        with self.transaction() as db:
            db.executemany(
                "UPDATE outcomes SET verified = 'yes' WHERE run_id = ? AND seq = ?",
                ((run_id, seq) for seq in found.tolist()),
            )

    def resettle(self, run_id: str, outcomes: Iterable[Outcome]) -> None:
        """Store outcomes that were found without sending (`resume`)."""
        with self.writer(run_id) as writer:
            for outcome in outcomes:
                writer.record(outcome)

    def reopen(self, run_id: str, pending: _Seqs, unsent: _Seqs) -> None:
        """Make changes pending again before they are sent once more.

        Args:
            run_id: the run.
            pending: they lose their outcome, so that one which is in the air at the next crash is in doubt again.
            unsent: those that surely were never sent; they lose their intent, too.
        """
        with self.transaction() as db:
            for table, seqs in (("outcomes", pending), ("intents", unsent)):
                db.executemany(
                    f"DELETE FROM {table} WHERE run_id = ? AND seq = ?",  # noqa: S608 - two names of our own
                    ((run_id, seq) for seq in seqs.tolist()),
                )

    def runs(self) -> list[RunRecord]:
        """All runs, the latest first."""
        with journal_errors(self.path):
            rows = self.db.execute("SELECT * FROM runs ORDER BY started_at DESC, run_id DESC").fetchall()
        return [run_of(row) for row in rows]

    def run(self, name: str, *, whole: bool = False) -> RunRecord:
        """One run by its id, or by at least 8 characters of its beginning when no other begins so.

        Args:
            name: the id or its beginning.
            whole: take no beginnings: for what must not hit another run than the one that is meant.

        Raises:
            NoSuchRun: there is none, or several.
        """
        rows = self._runs_named(name)
        if not name.strip():
            raise NoSuchRun(
                _("The name of the run is empty (an unset variable, perhaps); `ptx-bulk runs` lists the runs.")
            )
        if rows and rows[0][0] == name:
            return run_of(rows[0])
        if rows and whole:
            raise NoSuchRun(
                _(
                    '"{name}" is not the whole name of a run, which is needed where nobody is asked; '
                    "`ptx-bulk runs` lists the runs."
                ).format(name=name)
            )
        if len(rows) > 1:
            raise NoSuchRun(_('Several runs begin with "{run_id}"; give more of it.').format(run_id=name))
        if not rows:
            raise NoSuchRun(
                _(
                    'There is no run "{name}"; give its whole name, or {least} characters or more of its beginning. '
                    "`ptx-bulk runs` lists the runs."
                ).format(name=name, least=LEAST_OF_A_NAME)
            )
        return run_of(rows[0])

    def _runs_named(self, name: str) -> list[tuple[Any, ...]]:
        """The rows of the runs that have this name or begin with it, the run of this very name first."""
        if not name.isascii():  # as every run's name is; SQLite takes no half of a character
            return []
        beginning = name if len(name) >= LEAST_OF_A_NAME else ""
        with journal_errors(self.path):
            return self.db.execute(
                "SELECT * FROM runs WHERE run_id = ? OR (? <> '' AND substr(run_id, 1, ?) = ?) ORDER BY run_id <> ?",
                (name, beginning, len(beginning), beginning, name),
            ).fetchall()

    def inputs(self, run_id: str) -> list[InputRecord]:
        """The run's input files in their order."""
        with journal_errors(self.path):
            rows = self.db.execute(
                "SELECT path, sha256, size, format, rows, blank FROM inputs WHERE run_id = ? ORDER BY n",
                (run_id,),
            ).fetchall()
        _check_texts(text for row in rows for text in row[:2])
        return [
            InputRecord(path=path, sha256=sha, size=size, format=form, rows=n, blank=blank)
            for path, sha, size, form, n, blank in rows
        ]

    def lines(self, run_id: str) -> pd.DataFrame:
        """The run's lines as they were planned."""
        with journal_errors(self.path):
            row = self.db.execute("SELECT arrow FROM lines WHERE run_id = ?", (run_id,)).fetchone()
        return from_arrow(row[0])

    def changes(self, run_id: str) -> pd.DataFrame:
        """The run's changes as a `plan` changes frame."""
        with journal_errors(self.path):
            rows = self.db.execute(
                "SELECT seq, action, list, number, identifiers, entry_ids FROM changes WHERE run_id = ? ORDER BY seq",
                (run_id,),
            ).fetchall()
        frame = pd.DataFrame(rows, columns=["seq", "action", "list", "number", "identifiers", "entry_ids"])
        for name in ("identifiers", "entry_ids"):
            frame[name] = pd.Series([tuple(json.loads(text or "[]")) for text in frame[name]], dtype=object)
        frame = frame.astype({"seq": "int32", "action": "category", "list": "category", "number": "int64"})
        _check_texts(word for name in ("action", "list") for word in frame[name].cat.categories)
        return frame

    def changes_to(self, run_id: str, sought: _Seqs) -> pd.DataFrame:
        """The run's changes of these numbers, all looked through: `sought`, `seq`, `list`, `action`."""
        marks = ", ".join("?" * len(sought))
        with journal_errors(self.path):
            rows = self.db.execute(
                f"SELECT number, seq, list, action FROM changes WHERE run_id = ? AND number IN ({marks}) ORDER BY seq",  # noqa: S608
                (run_id, *sought.tolist()),
            ).fetchall()
        _check_texts(text for row in rows for text in row[2:])
        found = pd.DataFrame(rows, columns=["sought", "seq", "list", "action"])
        return found.astype({"sought": "int64", "seq": "int64"})

    def intended(self, run_id: str, seq: int) -> bool:
        """Whether a change may have been sent."""
        with journal_errors(self.path):
            row = self.db.execute("SELECT 1 FROM intents WHERE run_id = ? AND seq = ?", (run_id, seq)).fetchone()
        return row is not None

    def planned(self, run_id: str) -> int:
        """How many changes the run planned."""
        with journal_errors(self.path):
            (n,) = self.db.execute("SELECT count(*) FROM changes WHERE run_id = ?", (run_id,)).fetchone()
        return int(n)

    def intents(self, run_id: str) -> npt.NDArray[np.int64]:
        """The changes that may have been sent."""
        with journal_errors(self.path):
            rows = self.db.execute("SELECT seq FROM intents WHERE run_id = ? ORDER BY seq", (run_id,)).fetchall()
        return np.array([seq for (seq,) in rows], dtype="int64")

    def outcomes(self, run_id: str, seqs: _Seqs | None = None) -> pd.DataFrame:
        """What became of the changes, or of some: one row for each that has an outcome.

        Columns: `seq`, `status`, `code`, `attempts`, `http_status`, `api_code` (0 for none), `message`, `remote_id`,
        `finished_at` (Unix seconds), `verified` (`yes`, `no`, ''), `doubt` (`model.Doubt`).
        """
        names = (
            "seq", "status", "code", "attempts", "http_status", "api_code", "message", "remote_id", "finished_at",
            "verified", "doubt",
        )  # fmt: skip
        with journal_errors(self.path):
            asked = (
                "SELECT seq, status, code, attempts, coalesce(http_status, 0), coalesce(api_code, 0), message, "
                "remote_id, finished_at, verified, doubt FROM outcomes WHERE run_id = ?"
            )
            if seqs is None:
                rows = self.db.execute(f"{asked} ORDER BY seq", (run_id,)).fetchall()
            else:
                found = (self.db.execute(f"{asked} AND seq = ?", (run_id, seq)) for seq in seqs.tolist())
                rows = [row for cursor in found for row in cursor]
        return pd.DataFrame(rows, columns=list(names)).astype(
            {
                "seq": "int64", "status": "str", "code": "str", "attempts": "int64", "http_status": "int64",
                "api_code": "int64", "message": "str", "remote_id": "str", "finished_at": "float64", "verified": "str",
                "doubt": "str",
            }
        )  # fmt: skip


def _check_texts(values: Iterable[object]) -> None:
    """Raise TypeError where one is no text: SQLite gives back whatever another program wrote into a column."""
    if not all(isinstance(value, str) for value in values):
        raise TypeError
