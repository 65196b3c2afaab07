"""A thread that commits intents and outcomes in groups, so that the senders never wait for the disk one by one."""

from __future__ import annotations

import contextlib
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from types import TracebackType
from typing import Self, TypeAlias

from ptx_bulk.errors import JournalError
from ptx_bulk.i18n import _
from ptx_bulk.model import Outcome

_GROUP = 2048  # a commit takes at most so many records; what one costs no longer falls beyond that
_GATHER_S = 0.005  # a flush costs as much as hundreds of records, so a commit waits a moment for company


class OutcomeWriter:
    """Appends to one run of the journal; a context manager whose exit returns when all is on disk.

    Every commit takes all records that came since the one before: an outcome is on disk within some ten milliseconds,
    and with fast answers hundreds share a flush.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection], run_id: str) -> None:
        self._connect = connect
        self._run_id = run_id
        self._queue: queue.SimpleQueue[_Record] = queue.SimpleQueue()
        self._failure: JournalError | None = None
        self._thread = threading.Thread(target=self._work, name="ptx-bulk journal", daemon=True)

    def __enter__(self) -> Self:
        self._db = self._connect()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _value: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._queue.put(None)
        self._thread.join()
        if self._failure and kind is None:
            raise self._failure

    def intend(self, seqs: Sequence[int]) -> Future[None]:
        """Note that these changes are about to be sent; they may be sent once the future is done."""
        intent = _Intent(seqs)
        self._queue.put(intent)
        return intent.stored

    def record(self, outcome: Outcome) -> None:
        """Note what became of a change; an outcome noted before for the same change is replaced.

        Raises:
            JournalError: an earlier record could not be stored.
        """
        if self._failure:
            raise self._failure
        self._queue.put(outcome)

    def flush(self) -> Future[None]:
        """Done once everything noted so far is on disk."""
        return self.intend(())

    def _work(self) -> None:
        with contextlib.closing(self._db):
            group: list[_Record] = []
            while not (group and group[-1] is None):
                group = self._next_group()
                self._commit(group)

    def _next_group(self) -> list[_Record]:
        group = [self._queue.get()]
        if isinstance(group[0], Outcome):
            time.sleep(_GATHER_S)
        while group[-1] is not None and len(group) < _GROUP:
            try:
                group.append(self._queue.get_nowait())
            except queue.Empty:
                break
        return group

    def _commit(self, group: list[_Record]) -> None:
        intents = [record for record in group if isinstance(record, _Intent)]
        outcomes = [_row(self._run_id, record) for record in group if isinstance(record, Outcome)]
        db = self._db
        try:
            if self._failure is None:
                db.execute("BEGIN IMMEDIATE")
                db.executemany(
                    "INSERT OR IGNORE INTO intents VALUES (?, ?)",
                    [(self._run_id, seq) for intent in intents for seq in intent.seqs],
                )
                db.executemany(
                    "INSERT OR REPLACE INTO outcomes (run_id, seq, status, code, attempts, http_status, api_code, "
                    "message, remote_id, finished_at, doubt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    outcomes,
                )
                db.execute("COMMIT")
        except sqlite3.Error as error:
            self._fail(error)
            if db.in_transaction:
                db.execute("ROLLBACK")
        for intent in intents:
            if self._failure:
                intent.stored.set_exception(self._failure)
            else:
                intent.stored.set_result(None)

    def _fail(self, error: sqlite3.Error) -> None:
        # After one failed commit nothing later may seem safe: the run stops, and resume settles the rest.
        self._failure = JournalError(
            _(
                "The journal cannot be written ({error}); the run was stopped. Free some disk space, then resume it."
            ).format(error=error)
        )


class _Intent:
    """Changes that are about to be sent, and who waits for them to be stored."""

    __slots__ = ("seqs", "stored")

    def __init__(self, seqs: Sequence[int]) -> None:
        self.seqs = seqs
        self.stored: Future[None] = Future()


_Record: TypeAlias = Outcome | _Intent | None  # None is the end


def _row(run_id: str, outcome: Outcome) -> tuple[object, ...]:
    return (
        run_id,
        outcome.seq,
        outcome.status.value,
        outcome.code.value,
        outcome.attempts,
        outcome.http_status,
        outcome.api_code,
        outcome.message,
        outcome.remote_id,
        outcome.finished_at,
        outcome.doubt.value,
    )
