"""The journal of a state folder, whole."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk.journal.damage import SoundStore
from ptx_bulk.journal.database import journal_errors
from ptx_bulk.journal.locks import forget_killed
from ptx_bulk.journal.rows.records import Purged, RunRecord, SnapshotRecord
from ptx_bulk.journal.salt import lost_sentence, refuse_emptied, salt_of
from ptx_bulk.model import ListKind
from ptx_bulk.numbers.sets import distinct, members

_ROWS = 50_000
_LATE_S = 3600.0  # a change shows in the list within this; how long it really takes is documented nowhere
_OF_THIS_PROCESS = secrets.token_bytes(32)
_names: dict[bytes, str] = {}


class Journal(SoundStore):
    """Runs and snapshots of every account of a state folder; a context manager that closes the file.

    What is asked of all runs together passes over the rows of damaged ones that cannot be right, or tells of them what
    claims the least: a change that may have been made, by no addition of ours.
    """

    def __init__(self, home: Path) -> None:
        refuse_emptied(home)
        super().__init__(home)
        forget_killed(home)
        # A text that is not UTF-8 is damage of its own row and no reason to read no other.
        self.db.text_factory = lambda text: text.decode("utf-8", "replace")

    def account(self, key: str, base_url: str) -> str:
        """The account's name in the journal: a hash of key and URL, salted with a secret of this journal."""
        with self.transaction() as db:
            salt = salt_of(db)
        return _name(f"{base_url}\n{key}".encode(), salt)

    def account_names(self) -> list[str]:
        """Every account that the journal has runs or snapshots of."""
        with journal_errors(self.path):
            rows = self.db.execute("SELECT account FROM runs UNION SELECT account FROM snapshots ORDER BY account")
            return [name for (name,) in rows if isinstance(name, str) and name]

    def salt_lost(self) -> str:
        """What to tell of runs that no key can be matched with any more, '' where there are none."""
        with journal_errors(self.path):
            return lost_sentence(self.db)

    def removals_since(self, account: str, last: SnapshotRecord) -> int:
        """Numbers that our own runs took off a list, or may have taken off, after that snapshot.

        May have: what the run that took the snapshot was about to send when it was cut off, and what the API said
        is gone although the list still showed it. Of what was taken off shortly before, when the list may not have
        shown it yet, the numbers count that the snapshot still holds.
        """
        parts = [np.empty((0, 2), dtype="int64")]
        with journal_errors(self.path):
            rows = self.db.execute(
                "SELECT number, outcomes.finished_at IS NULL OR outcomes.finished_at >= :since "
                "FROM changes JOIN runs USING (run_id) LEFT JOIN outcomes USING (run_id, seq) "
                "LEFT JOIN intents USING (run_id, seq) WHERE account = :account AND list = :list AND action = 'remove' "
                "AND typeof(number) = 'integer' "
                "AND mode <> 'import' AND coalesce(runs.finished_at, :early) >= :early "  # spares looking at most rows
                "AND ((outcomes.status IN ('applied', 'unknown') OR outcomes.code = 'VERIFY_MISMATCH') "
                "AND outcomes.finished_at >= :early "
                "OR outcomes.seq IS NULL AND intents.seq IS NOT NULL AND run_id = :run)",
                {
                    "account": account,
                    "list": last.kind.value,
                    "since": last.taken_at,
                    "early": last.taken_at - _LATE_S,
                    "run": last.run_id,
                },
            )
            while part := rows.fetchmany(_ROWS):  # millions may have been removed
                parts.append(np.array(part, dtype="int64"))
        number, is_after = np.concatenate(parts).T
        erased = int(((number == 0) & (is_after == 1)).sum())  # each was another one
        after = distinct(number[is_after == 1])
        before = distinct(number[is_after == 0])
        before = before[~members(before, after)]
        return erased + len(after) + (int(self.holding(last, before).sum()) if len(before) else 0)

    def last_activity(self, run: RunRecord) -> float:
        """Unix time of the last that is known of a run: its start, its end or an outcome."""
        with journal_errors(self.path):
            (last,) = self.db.execute(
                "SELECT coalesce(max(finished_at), 0) FROM outcomes WHERE run_id = ?", (run.run_id,)
            ).fetchone()
        return max(run.started_at, run.finished_at or 0.0, float(last))

    def changed_since(self, run: RunRecord, moment: float) -> pd.DataFrame:
        """What other runs of the account changed on a run's lists after that Unix time, or may have changed.

        Returns:
            The first such change of each number: columns `run_id`, `list`, `number`, `action` (texts and int64) and
            `entry_ids` (tuple of the ids of the entries that a removal meant; empty where not known).
        """
        with journal_errors(self.path):
            rows = self.db.execute(
                "SELECT CAST(run_id AS TEXT), list, number, CAST(action AS TEXT), entry_ids "
                "FROM runs JOIN changes USING (run_id) "
                "LEFT JOIN outcomes USING (run_id, seq) LEFT JOIN intents USING (run_id, seq) "
                "WHERE account = ? AND run_id <> ? AND typeof(number) = 'integer' "
                "AND (runs.finished_at IS NULL OR runs.finished_at >= ?) "  # most runs need no look at their rows
                "AND (outcomes.status IN ('applied', 'unknown') AND outcomes.finished_at >= ? "
                "OR outcomes.seq IS NULL AND intents.seq IS NOT NULL AND runs.started_at >= ?) "
                "ORDER BY coalesce(outcomes.finished_at, runs.started_at)",
                (run.account, run.run_id, moment, moment, moment),
            ).fetchall()
        rows = [(*row[:4], _entry_ids(row[4])) for row in rows if row[1] in run.lists]
        frame = pd.DataFrame(rows, columns=["run_id", "list", "number", "action", "entry_ids"])
        return frame.astype({"number": "int64"}).drop_duplicates(["list", "number"], ignore_index=True)

    def last_changes(self, account: str, kind: ListKind, numbers: npt.NDArray[np.int64]) -> pd.DataFrame:
        """The last change that the account's runs made, or may have made, of each of these numbers on a list.

        A removal that may have been made counts, an addition must be known to have been: whoever asks wants to know
        whether an entry is ours, and what is not known to be is not.

        Returns:
            A row a number that was ever changed: `number` (int64), `action`, `remote_id`, `run_id` (texts), `at` (Unix
            seconds).
        """
        names = ["number", "action", "remote_id", "run_id", "at"]
        with journal_errors(self.path):
            rows = self.db.execute(
                # One look at the account's rows, whatever the count of numbers, which SQLite keeps sorted meanwhile.
                "SELECT number, CAST(action AS TEXT), CAST(coalesce(remote_id, '') AS TEXT), CAST(run_id AS TEXT), "
                "CAST(coalesce(outcomes.finished_at, runs.started_at) AS REAL) FROM runs JOIN changes USING (run_id) "
                "LEFT JOIN outcomes USING (run_id, seq) LEFT JOIN intents USING (run_id, seq) "
                "WHERE account = ? AND list = ? AND number IN (SELECT value FROM json_each(?)) "
                "AND (outcomes.status = 'applied' OR action = 'remove' "
                "AND (outcomes.status = 'unknown' OR outcomes.seq IS NULL AND intents.seq IS NOT NULL)) "
                "ORDER BY coalesce(outcomes.finished_at, runs.started_at), action",  # at one moment, removals win
                (account, kind.value, json.dumps(numbers.tolist())),
            ).fetchall()
        frame = pd.DataFrame(rows, columns=names).astype({"number": "int64", "at": "float64"})
        return frame.drop_duplicates("number", keep="last", ignore_index=True)

    def applied_between(self, account: str, numbers: npt.NDArray[np.int64], begin: float, end: float) -> pd.DataFrame:
        """What runs of the account surely did with these numbers from one Unix time to another, by time.

        Args:
            account: whose runs.
            numbers: sorted, each once.
            begin: Unix time in seconds, as is `end`.
            end: both belong to the time that is meant.

        Returns:
            Columns `run_id`, `list`, `number` (int64), `action`, `finished_at` (Unix seconds), `verified` (`yes` where
            the run itself has seen it on the list).
        """
        found: list[tuple[object, ...]] = []
        with journal_errors(self.path):
            rows = self.db.execute(
                "SELECT CAST(run_id AS TEXT), CAST(list AS TEXT), number, action, outcomes.finished_at, "
                "CAST(verified AS TEXT) FROM runs JOIN changes USING (run_id) JOIN outcomes USING (run_id, seq) "
                "WHERE account = ? AND typeof(number) = 'integer' AND action IN ('add', 'remove') "
                "AND runs.started_at <= ? "
                "AND (runs.finished_at IS NULL OR runs.finished_at >= ?) "  # most runs need no look at their rows
                "AND outcomes.status = 'applied' AND outcomes.finished_at BETWEEN ? AND ?",
                (account, end, begin, begin, end),
            )
            while part := rows.fetchmany(_ROWS):
                wanted = members(np.array([row[2] for row in part], dtype="int64"), numbers)
                found += [row for row, is_wanted in zip(part, wanted.tolist(), strict=True) if is_wanted]
        frame = pd.DataFrame(found, columns=["run_id", "list", "number", "action", "finished_at", "verified"])
        frame = frame.astype({"number": "int64", "finished_at": "float64"})
        return frame.sort_values("finished_at", kind="stable", ignore_index=True)

    def purge(
        self,
        before: float,
        *,
        abandoned: Collection[str] = (),
        account: str | None = None,
        dry_run: bool = False,
        vacuum: bool = True,
    ) -> Purged:
        """Delete what ended before that Unix time, and these runs, which nobody will resume.

        Every other unfinished run stays, since it can still be resumed, and so do later ended runs that changed its
        lists: resuming it must not undo what they did.

        Args:
            before: Unix time in seconds.
            abandoned: names of unfinished runs to delete, too; none of them may be at work.
            account: only what is of this account; None for every one.
            dry_run: only count.
            vacuum: write the file anew, smaller; what is deleted is overwritten in any case.
        """
        with journal_errors(self.path):
            self.db.execute("PRAGMA secure_delete = ON")
        asked = {"before": before, "account": account}
        with self.transaction() as db:
            db.execute("SAVEPOINT purge")
            for run_id in abandoned:
                db.execute("DELETE FROM runs WHERE run_id = ?", (run_id,))
            order = "ORDER BY started_at DESC, run_id DESC"
            found = db.execute(f"SELECT run_id FROM runs WHERE {_ENDED} AND NOT ({_NEEDED}) {order}", asked).fetchall()  # noqa: S608
            db.executemany("DELETE FROM runs WHERE run_id = ?", found)
            (kept,) = db.execute(f"SELECT count(*) FROM runs WHERE {_ENDED}", asked).fetchone()  # noqa: S608
            # The latest snapshot of each list stays: it is what a list that shrinks overnight is compared with.
            # So do those of runs that can be resumed: they tell which entries the plan meant.
            shots = db.execute(
                "DELETE FROM snapshots WHERE taken_at < :before AND account = coalesce(:account, account) "
                "AND snapshot_id NOT IN (SELECT max(snapshot_id) FROM snapshots GROUP BY account, list) "
                "AND run_id NOT IN (SELECT run_id FROM runs WHERE state IN ('running', 'stopped'))",
                asked,
            ).rowcount
            db.execute(
                "DELETE FROM snapshot_entries "
                "WHERE fingerprint IS NULL OR fingerprint NOT IN (SELECT fingerprint FROM snapshots)"
            )
            if dry_run:
                db.execute("ROLLBACK TO purge")
        if not dry_run and vacuum:
            with journal_errors(self.path):
                self.db.execute("VACUUM")
        return Purged(
            runs=len(found),
            snapshots=shots,
            abandoned=len(abandoned),
            kept=kept,
            run_ids=(*(run_id for (run_id,) in found), *abandoned),
        )


_ENDED = "finished_at < :before AND account = coalesce(:account, account) AND state IN ('finished', 'refused')"
# Whether an ended run changed lists of a run that began before its end and can still be resumed.
_NEEDED = (
    "EXISTS (SELECT 1 FROM outcomes WHERE outcomes.run_id = runs.run_id AND status IN ('applied', 'unknown')) "
    "AND EXISTS (SELECT 1 FROM runs AS unfinished WHERE unfinished.account = runs.account "
    "AND unfinished.state IN ('running', 'stopped') AND unfinished.started_at <= runs.finished_at "
    "AND (instr(unfinished.lists, 'stop') AND instr(runs.lists, 'stop') "
    "OR instr(unfinished.lists, 'npai') AND instr(runs.lists, 'npai')))"
)


def _name(account: bytes, salt: bytes) -> str:
    """An account's name, worked out once in a process: what is slow to guess is slow for every call of a program."""
    known = hashlib.blake2b(salt + account, key=_OF_THIS_PROCESS).digest()  # no key outlives its call in here
    if known not in _names:
        _names[known] = hashlib.scrypt(account, salt=salt, n=2**14, r=8, p=1, dklen=12).hex()
    return _names[known]


def _entry_ids(stored: object) -> tuple[str, ...]:
    """The ids of a removal's entries; none where they cannot be read, as where they are not known."""
    try:
        found = json.loads(stored or "[]") if isinstance(stored, str) else []
    except (ValueError, RecursionError):
        return ()
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()
