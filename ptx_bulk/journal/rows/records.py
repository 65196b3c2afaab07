"""What the journal keeps of a run, its inputs and its snapshots."""

from __future__ import annotations

import secrets
import string
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ptx_bulk.model import ListKind

LEAST_OF_A_NAME = 8  # characters of the beginning of a run's name that may stand for it: its day


class RunState(StrEnum):
    """How far a run came."""

    RUNNING = "running"  # at work, or killed: no process holds its lock then
    STOPPED = "stopped"  # ended early and can be resumed
    FINISHED = "finished"
    REFUSED = "refused"  # a safeguard said no; nothing was sent
    DAMAGED = "damaged"  # never stored: what the journal holds of it cannot be right


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """One run as the journal has it.

    Attributes:
        run_id: sortable, unique, fit for a file name.
        command: `import`, `remove`, `sync`, `apply` or `undo`.
        mode: the plan's mode.
        account: salted hash of API key and base URL; never the key.
        lists: the lists that the plan may change.
        options: the command's options as JSON values, without any secret.
        started_at, finished_at: Unix time in seconds; None while unfinished.
        parent: the run that this one undoes, '' for none.
        actor, host: who gave the command, and on which machine; '' in runs from before they were noted.
        comment: what they said of it.
        fault: what of it is damaged, in words, '' where nothing is; what cannot be read is left empty then.
    """

    run_id: str
    command: str
    mode: str
    account: str
    base_url: str
    lists: tuple[ListKind, ...]
    options: dict[str, Any]
    started_at: float
    reason: str = ""
    parent: str = ""
    version: str = ""
    metadata_version: str = ""
    state: RunState = RunState.RUNNING
    finished_at: float | None = None
    exit_code: int | None = None
    summary: dict[str, Any] = field(default_factory=dict)
    actor: str = ""
    host: str = ""
    comment: str = ""
    fault: str = ""

    @property
    def who(self) -> str:
        """The person and the machine in one text, '' where neither is known."""
        return "@".join(filter(None, (self.actor, self.host)))


@dataclass(frozen=True, kw_only=True)
class InputRecord:
    """A file that a run read: its path as given, SHA-256, size in bytes and how many rows it held."""

    path: str
    sha256: str
    size: int
    format: str
    rows: int
    blank: int


@dataclass(frozen=True, kw_only=True)
class SnapshotRecord:
    """A list as it was read, without its entries: `taken_at` in Unix seconds, `entries` live ones.

    `identity` is `Snapshot.identity`; snapshots of journals from before version 2 have a key that leaves out the ids.
    """

    snapshot_id: int
    run_id: str
    kind: ListKind
    moment: str
    taken_at: float
    entries: int
    identity: str


@dataclass(frozen=True, kw_only=True)
class Purged:
    """What was deleted from the journal, or would be.

    Attributes:
        runs: ended runs.
        snapshots: snapshots.
        abandoned: unfinished runs, deleted on demand.
        kept: ended runs that are old, too, but stay since an unfinished run must know of them.
        left: unfinished runs that are old, too, but stay since they can be resumed, or since their lists are at work.
        run_ids: the ended and abandoned runs, the latest first.
        reports: files that the runs had written and that were as they left them.
    """

    runs: int
    snapshots: int
    abandoned: int = 0
    kept: int = 0
    left: int = 0
    run_ids: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NotUndoable:
    """What undoing a run can no longer do: so many additions to take back, so many removals to put back."""

    run_id: str
    additions: int
    removals: int


@dataclass(frozen=True, kw_only=True)
class Erased:
    """What numbers were taken out of, or would be.

    Attributes:
        runs: the runs that held them, the latest first.
        lines: lines, which stay with their codes but without number and raw value.
        changes: changes, which stay without number.
        snapshots: snapshots of lists, whose entries stay without number.
        texts: further texts: reasons, options, messages, names of files.
        readings: saved readings of rejects files, which were deleted.
        not_undoable: of each run that changed a list by one of the numbers.
    """

    runs: tuple[str, ...]
    lines: int
    changes: int
    snapshots: int
    texts: int
    readings: int = 0
    not_undoable: tuple[NotUndoable, ...] = ()


_LETTERS = string.ascii_lowercase + string.digits


def new_run_id(now: float | None = None) -> str:
    """A run id such as `20261123-190333-k3f9`: UTC time of the start and four random characters."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(time.time() if now is None else now))
    return f"{stamp}-{''.join(secrets.choice(_LETTERS) for _n in range(4))}"
