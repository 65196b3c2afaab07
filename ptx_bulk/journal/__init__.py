"""The journal: runs, inputs, plans, intents, outcomes and snapshots in one SQLite file of the state folder.

The order that makes a run recoverable: the whole plan is committed before the first call; the intent to send a
change is committed before it is sent; its outcome is committed as it comes. After any stop, what has an outcome is
done, what has an intent but no outcome is in doubt (settled by reading the list), and the rest was never sent.

Durability: WAL with `synchronous=FULL` (and F_FULLFSYNC on macOS), so each commit is flushed to the disk before the
next step: plan and intents are on disk before a call leaves, and a power loss takes back nothing that was relied on.
Outcomes are committed in groups some milliseconds apart; those that a crash takes back are in doubt: the list tells.
"""

from __future__ import annotations

from ptx_bulk.journal.locks import Lock, at_work
from ptx_bulk.journal.records import (
    LEAST_OF_A_NAME,
    InputRecord,
    Purged,
    RunRecord,
    RunState,
    SnapshotRecord,
    new_run_id,
)
from ptx_bulk.journal.store import Journal
from ptx_bulk.journal.writer import OutcomeWriter

__all__ = [
    "LEAST_OF_A_NAME",
    "InputRecord",
    "Journal",
    "Lock",
    "OutcomeWriter",
    "Purged",
    "RunRecord",
    "RunState",
    "SnapshotRecord",
    "at_work",
    "new_run_id",
]
