"""The journal: runs, inputs, plans, intents, outcomes and snapshots in one SQLite file of the state folder.

The order that makes a run recoverable: the whole plan is committed before the first call; the intent to send a
change is committed before it is sent; its outcome is committed as it comes. After any stop, what has an outcome is
done, what has an intent but no outcome is in doubt (settled by reading the list), and the rest was never sent.

Durability: WAL with `synchronous=FULL` (and F_FULLFSYNC on macOS), so each commit is flushed to the disk before the
next step: plan and intents are on disk before a call leaves, and a power loss takes back nothing that was relied on.
Outcomes are committed in groups some milliseconds apart; those that a crash takes back are in doubt: the list tells.
"""

from __future__ import annotations

from ptx_bulk import lazy

# Their types stand in __init__.pyi.
_HOMES = {
    "erasing": ("erase",),
    "glancing": (
        "Glimpse",
        "glance",
    ),
    "locks": (
        "Lock",
        "at_work",
    ),
    "rows.records": (
        "LEAST_OF_A_NAME",
        "Erased",
        "InputRecord",
        "NotUndoable",
        "Purged",
        "RunRecord",
        "RunState",
        "SnapshotRecord",
        "new_run_id",
    ),
    "rows.soundness": ("damaged_run",),
    "store": ("Journal",),
    "writer": ("OutcomeWriter",),
}

__getattr__, __all__ = lazy.attach(__name__, _HOMES)
