"""A thread that commits intents and outcomes in groups, so that the senders never wait for the disk one by one."""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from types import TracebackType
from typing import Self

from ptx_bulk.errors import JournalError
from ptx_bulk.i18n import _
from ptx_bulk.model import Outcome

_GROUP = 2048  # a commit takes at most so many records; what one costs no longer falls beyond that


class OutcomeWriter:
    """Appends to one run of the journal; a context manager whose exit returns when all is on disk.

    Every commit takes all records that came while the one before was flushed: with slow answers an outcome is on
    disk within milliseconds, with fast ones hundreds share a flush.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection], run_id: str) -> None:
        self._connect = connect
        self._run_id = run_id
        self._queue: queue.SimpleQueue[tuple[Sequence[int] | Outcome | None, Future[None]]] = queue.SimpleQueue()
        self._failure: JournalError | None = None
        self._thread = threading.Thread(target=self._work, name="ptx-bulk journal", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _value: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._queue.put((None, Future()))
        self._thread.join()
        if self._failure and kind is None:
            raise self._failure

    def intend(self, seqs: Sequence[int]) -> Future[None]:
        """Note that these changes are about to be sent; they may be sent once the future is done."""
        return self._put(seqs)

    def record(self, outcome: Outcome) -> Future[None]:
        """Note what became of a change; an outcome noted before for the same change is replaced."""
        return self._put(outcome)

    def _put(self, record: Sequence[int] | Outcome) -> Future[None]:
        future: Future[None] = Future()
        self._queue.put((record, future))
        return future

    def _work(self) -> None:
        db = self._connect()
        try:
            ended = False
            while not ended:
                group = self._next_group()
                ended = group[-1][0] is None
                self._commit(db, group)
        finally:
            db.close()

    def _next_group(self) -> list[tuple[Sequence[int] | Outcome | None, Future[None]]]:
        group = [self._queue.get()]
        while group[-1][0] is not None and len(group) < _GROUP:
            try:
                group.append(self._queue.get_nowait())
            except queue.Empty:
                break
        return group

    def _commit(self, db: sqlite3.Connection, group: list[tuple[Sequence[int] | Outcome | None, Future[None]]]) -> None:
        intents = [
            (self._run_id, seq) for record, _f in group if not isinstance(record, Outcome) for seq in record or ()
        ]
        outcomes = [_row(self._run_id, record) for record, _f in group if isinstance(record, Outcome)]
        try:
            if self._failure:
                raise self._failure
            db.execute("BEGIN IMMEDIATE")
            db.executemany("INSERT OR IGNORE INTO intents VALUES (?, ?)", intents)
            db.executemany(
                "INSERT OR REPLACE INTO outcomes (run_id, seq, status, code, attempts, http_status, api_code, message, "
                "remote_id, finished_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                outcomes,
            )
            db.execute("COMMIT")
        except (sqlite3.Error, JournalError) as error:
            # After one failed commit nothing later may seem safe: the run stops, and resume settles the rest.
            self._failure = self._failure or JournalError(
                _(
                    "The journal cannot be written ({error}); the run was stopped. "
                    "Free some disk space, then resume it."
                ).format(error=error)
            )
            if db.in_transaction:
                db.execute("ROLLBACK")
            for _record, future in group:
                future.set_exception(self._failure)
            return
        for _record, future in group:
            future.set_result(None)


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
    )
