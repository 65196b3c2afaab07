"""The journal of a state folder, whole."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ptx_bulk.journal.damage import SoundStore
from ptx_bulk.journal.database import told
from ptx_bulk.journal.records import SnapshotRecord
from ptx_bulk.journal.salt import lost_sentence, refuse_emptied, salt_of


class Journal(SoundStore):
    """Runs and snapshots of every account of a state folder; a context manager that closes the file."""

    def __init__(self, home: Path) -> None:
        refuse_emptied(home)
        super().__init__(home)
        # A text that is not UTF-8 is damage of its own row and no reason to read no other.
        self.db.text_factory = lambda text: text.decode("utf-8", "replace")

    def account(self, key: str, base_url: str) -> str:
        """The account's name in the journal: a hash of key and URL, salted with a secret of this journal."""
        with self.transaction() as db:
            salt = salt_of(db)
        return hashlib.scrypt(f"{base_url}\n{key}".encode(), salt=salt, n=2**14, r=8, p=1, dklen=12).hex()

    def salt_lost(self) -> str:
        """What to tell of runs that no key can be matched with any more, '' where there are none."""
        with told(self.path):
            return lost_sentence(self.db)

    def removals_since(self, account: str, last: SnapshotRecord) -> int:
        """Numbers that our own runs took off a list, or may have taken off, after that snapshot.

        May have: what the run that took the snapshot was about to send when it was cut off.
        """
        with told(self.path):
            row = self.db.execute(
                "SELECT count(*) FROM changes JOIN runs USING (run_id) LEFT JOIN outcomes USING (run_id, seq) "
                "LEFT JOIN intents USING (run_id, seq) WHERE account = :account AND list = :list AND action = 'remove' "
                "AND mode <> 'import' AND coalesce(runs.finished_at, :since) >= :since "  # spares looking at most rows
                "AND (outcomes.status IN ('applied', 'unknown') AND outcomes.finished_at >= :since "
                "OR outcomes.seq IS NULL AND intents.seq IS NOT NULL AND run_id = :run)",
                {"account": account, "list": last.kind.value, "since": last.taken_at, "run": last.run_id},
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
