"""The journal of a state folder, whole."""

from __future__ import annotations

import hashlib
import secrets

from ptx_bulk.journal.database import told
from ptx_bulk.journal.records import SnapshotRecord
from ptx_bulk.journal.runs import RunStore
from ptx_bulk.journal.snapshots import SnapshotStore


class Journal(RunStore, SnapshotStore):
    """Runs and snapshots of every account of a state folder."""

    def account(self, key: str, base_url: str) -> str:
        """The account's name in the journal: a hash of key and URL, salted with a secret of this journal."""
        with self.transaction() as db:
            db.execute("INSERT OR IGNORE INTO meta VALUES ('salt', ?)", (secrets.token_hex(16),))
            salt = db.execute("SELECT value FROM meta WHERE name = 'salt'").fetchone()[0]
        return hashlib.scrypt(
            f"{base_url}\n{key}".encode(), salt=bytes.fromhex(salt), n=2**14, r=8, p=1, dklen=12
        ).hex()

    def removals_since(self, account: str, last: SnapshotRecord) -> int:
        """Numbers that our own runs took off a list, or may have taken off, after that snapshot.

        May have: what the run that took the snapshot was about to send when it was cut off, and what the API said
        is gone although the list still showed it.
        """
        with told(self.path):
            row = self.db.execute(
                "SELECT count(*) FROM changes JOIN runs USING (run_id) LEFT JOIN outcomes USING (run_id, seq) "
                "LEFT JOIN intents USING (run_id, seq) WHERE account = ?1 AND list = ?2 AND action = 'remove' "
                "AND mode <> 'import' AND coalesce(runs.finished_at, ?3) >= ?3 "  # most runs need no look at their rows
                "AND ((outcomes.status IN ('applied', 'unknown') OR outcomes.code = 'VERIFY_MISMATCH') "
                "AND outcomes.finished_at >= ?3 "
                "OR outcomes.seq IS NULL AND intents.seq IS NOT NULL AND run_id = ?4)",
                (account, last.kind.value, last.taken_at, last.run_id),
            ).fetchone()
        return int(row[0])

    def purge(self, before: float) -> tuple[int, int]:
        """Delete what ended before that Unix time; unfinished runs stay, since they can still be resumed.

        Returns:
            How many runs and how many snapshots were deleted.
        """
        with self.transaction() as db:
            runs = db.execute(
                "DELETE FROM runs WHERE finished_at < ? AND state IN ('finished', 'refused')", (before,)
            ).rowcount
            # The latest snapshot of each list stays: it is what a list that shrinks overnight is compared with.
            # So do those of runs that can be resumed: they tell which entries the plan meant.
            shots = db.execute(
                "DELETE FROM snapshots WHERE taken_at < ? "
                "AND snapshot_id NOT IN (SELECT max(snapshot_id) FROM snapshots GROUP BY account, list) "
                "AND run_id NOT IN (SELECT run_id FROM runs WHERE state IN ('running', 'stopped'))",
                (before,),
            ).rowcount
            db.execute("DELETE FROM snapshot_entries WHERE fingerprint NOT IN (SELECT fingerprint FROM snapshots)")
        with told(self.path):
            self.db.execute("VACUUM")
        return runs, shots
