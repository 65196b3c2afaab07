"""A thread that commits intents and outcomes in groups, so that the senders never wait for the disk one by one."""

from __future__ import annotations

import contextlib
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

from ptx_bulk.errors import JournalError
from ptx_bulk.i18n import _
from ptx_bulk.journal.rows.storable import outcome_row
from ptx_bulk.model import Outcome
from ptx_bulk.system.sqlite import transaction

_GROUP = 2048  # a commit takes at most so many records; what one costs no longer falls beyond that
_GATHER_S = 0.005  # a flush costs as much as hundreds of records, so a commit waits a moment for company
_END_S = 90.0  # for the last commits; each waits for other processes no longer than the connection's own time


class OutcomeWriter:
    """Appends to one run of the journal; a context manager whose exit returns when all is on disk.

    Every commit takes all records that came since the one before: an outcome is on disk within some ten milliseconds,
    and with fast answers hundreds share a flush.

    After the first failure, of whatever kind, nothing later is stored and everybody who waits is told: the run ends,
    and `resume` settles the rest.

    Attributes:
        failed: done with the failure, as its result, as soon as something cannot be stored.
        unsaved: outcomes that could not be stored, for a last report.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection], run_id: str, path: Path) -> None:
        self.failed: Future[JournalError] = Future()
        self.failed.set_running_or_notify_cancel()  # who gives up waiting for it must not cancel it for the others
        self.unsaved: list[Outcome] = []
        self._connect = connect
        self._run_id = run_id
        self._path = path
        self._queue: queue.SimpleQueue[_Record] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="ptx-bulk journal", daemon=True)

    def __enter__(self) -> Self:
        self._db = self._connect()
        self._file = _identity(self._path)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _value: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._queue.put(None)
        self._thread.join(_END_S)
        if self._thread.is_alive():
            self._fail(TimeoutError(_("it does not answer")))
        if kind is None:
            self._check()

    def intend(self, seqs: Sequence[int]) -> Future[None]:
        """Note that these changes are about to be sent; they may be sent once the future is done."""
        intent = _Intent(seqs)
        self._queue.put(intent)
        return intent.stored

    def record(self, outcome: Outcome) -> None:
        """Note what became of a change; an outcome noted before for the same change is replaced.

        Values that the file cannot hold are stored as near as it can (see `storable`).

        Raises:
            JournalError: an earlier record could not be stored; this one is kept in `unsaved`.
        """
        self._queue.put(outcome)
        self._check()

    def flush(self) -> Future[None]:
        """Done once everything noted so far is on disk."""
        return self.intend(())

    def _check(self) -> None:
        if self.failed.done():
            raise self.failed.result()

    def _work(self) -> None:
        ended = False
        while not ended:
            group: list[_Record] = []
            try:
                self._gather(group)
                self._commit(group)
            except BaseException as error:  # nobody sees an exception in a thread, and those who wait would wait on
                self._fail(error)
            self._tell(group)
            ended = None in group
        with contextlib.suppress(sqlite3.Error):
            self._db.close()

    def _gather(self, group: list[_Record]) -> None:
        group.append(self._queue.get())
        if isinstance(group[0], Outcome):
            time.sleep(_GATHER_S)
        while group[-1] is not None and len(group) < _GROUP:
            try:
                group.append(self._queue.get_nowait())
            except queue.Empty:
                break

    def _commit(self, group: list[_Record]) -> None:
        if self.failed.done():
            return
        with transaction(self._db) as db:
            db.executemany(
                "INSERT OR IGNORE INTO intents VALUES (?, ?)",
                [(self._run_id, seq) for intent in group if isinstance(intent, _Intent) for seq in intent.seqs],
            )
            db.executemany(
                "INSERT OR REPLACE INTO outcomes (run_id, seq, status, code, attempts, http_status, api_code, "
                "message, remote_id, finished_at, doubt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [(self._run_id, *outcome_row(outcome)) for outcome in group if isinstance(outcome, Outcome)],
            )
        # POSIX lets go on with a file that was deleted: what is written then is nowhere.
        if _identity(self._path) != self._file:
            raise FileNotFoundError(_("it was deleted or replaced while the run was at work"))

    def _fail(self, error: BaseException) -> None:
        # After one failed commit nothing later may seem safe: the run stops, and resume settles the rest.
        text = _(
            "The journal cannot be written ({error}); the run was stopped. "
            "Check the state folder's rights and free disk space, then resume the run."
        )
        with contextlib.suppress(InvalidStateError):  # an earlier failure is the cause
            self.failed.set_result(JournalError(text.format(error=str(error) or type(error).__name__)))

    def _tell(self, group: list[_Record]) -> None:
        """Wake those who wait for this group's intents; keep the outcomes that were not stored."""
        failure = self.failed.result() if self.failed.done() else None
        for record in group:
            if isinstance(record, _Intent):
                record.tell(failure)
            elif failure and record is not None:
                self.unsaved.append(record)


class _Intent:
    """Changes that are about to be sent, and who waits for them to be stored."""

    __slots__ = ("seqs", "stored")

    def __init__(self, seqs: Sequence[int]) -> None:
        self.seqs = seqs
        self.stored: Future[None] = Future()

    def tell(self, failure: JournalError | None) -> None:
        """It is on disk, or never will be; who was cancelled does not wait any more."""
        if not self.stored.set_running_or_notify_cancel():
            return
        if failure:
            self.stored.set_exception(failure)
        else:
            self.stored.set_result(None)


_Record: TypeAlias = Outcome | _Intent | None  # None is the end


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells a file from another one of its name; None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
