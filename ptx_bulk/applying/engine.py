"""Many changes at once: a feeder journals intents, workers send, outcomes are journalled as they come."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ptx_bulk.applying.pace import Pace
from ptx_bulk.applying.policy import RetryPolicy
from ptx_bulk.applying.sending import Attempts, Sender
from ptx_bulk.applying.stopping import Stop
from ptx_bulk.arguments import CONCURRENCY, MAX_RATE
from ptx_bulk.errors import PtxError
from ptx_bulk.i18n import _
from ptx_bulk.journal import OutcomeWriter
from ptx_bulk.model import Change, Code, Outcome, Status
from ptx_bulk.remote import Client

_INTENTS = 256  # changes whose intent is committed together, ahead of their sending
_GRACE_S = 8.0  # how long a soft stop waits for answers that are in the air


class Progress(Protocol):
    """Told of every outcome as it comes."""

    def advance(self, outcome: Outcome) -> None:
        """One change has ended."""


@dataclass(frozen=True, kw_only=True)
class Pacing:
    """How fast to go.

    Attributes:
        concurrency: most calls in the air.
        max_rate: calls a second, None for no limit.
        policy: how failures are repeated.
    """

    concurrency: int = 64
    max_rate: float | None = None
    policy: RetryPolicy = field(default_factory=RetryPolicy)

    def __post_init__(self) -> None:
        """Refuse a pace at which nothing would ever be sent.

        Raises:
            ConfigurationError: it names the argument.
        """
        CONCURRENCY.check("concurrency", self.concurrency)
        if self.max_rate is not None:
            MAX_RATE.check("max_rate", self.max_rate)


async def apply_changes(
    changes: Iterable[Change],
    client: Client,
    writer: OutcomeWriter,
    *,
    pacing: Pacing,
    stop: Stop,
    progress: Progress,
    earlier: Mapping[int, Attempts] | None = None,
) -> None:
    """Send the changes and journal what became of each; returns when all have ended or the run was stopped.

    When this returns, every outcome is on disk. After a stop, changes that were never taken up have no outcome.

    Args:
        changes: what to send.
        client: through what.
        writer: the run's journal.
        pacing: how fast.
        stop: ends the sending early.
        progress: told of every outcome.
        earlier: by `seq`, what an interrupted run has already tried.

    Raises:
        JournalError: an intent or outcome cannot be stored; nothing more is sent, and what is in the air is dropped.
    """
    stop.bind()
    pace = Pace(
        pacing.concurrency,
        max_rate=pacing.max_rate,
        outage_after=pacing.policy.outage_after,
        stop=stop,
    )
    work = _Work(Sender(client, pace, pacing.policy, stop), writer, stop, progress, earlier or {})
    try:
        async with asyncio.TaskGroup() as group:
            workers = [group.create_task(work.guarded(work.work())) for _n in range(pacing.concurrency)]
            group.create_task(work.guarded(work.feed(changes, pacing.concurrency)))
            watches = [group.create_task(_watch(stop, workers)), group.create_task(_watch_journal(writer))]
            await work.guarded(asyncio.wait(workers))
            for watch in watches:
                watch.cancel()
            if writer.failed.done():
                raise writer.failed.result()
    except BaseExceptionGroup as failures:
        # One cause stops all workers; each of them may have met it.
        raise failures.exceptions[0] from None
    await asyncio.wrap_future(writer.flush())


class _Work:
    """What the feeder and the workers of one sending share."""

    def __init__(
        self, sender: Sender, writer: OutcomeWriter, stop: Stop, progress: Progress, earlier: Mapping[int, Attempts]
    ) -> None:
        self._sender = sender
        self._writer = writer
        self._stop = stop
        self._progress = progress
        self._earlier = earlier
        self._waiting: asyncio.Queue[Change | None] = asyncio.Queue(maxsize=_INTENTS)
        self._broken = False

    async def guarded(self, part: Coroutine[Any, Any, object]) -> None:
        """Do a part of the work; if it breaks, nobody waits for the others any more."""
        try:
            await part
        except BaseException:
            self._broken = True
            raise

    async def feed(self, changes: Iterable[Change], workers: int) -> None:
        """Hand out changes whose intent is on disk."""
        try:
            source = iter(changes)
            while not self._stop.requested and (batch := list(itertools.islice(source, _INTENTS))):
                await asyncio.wrap_future(self._writer.intend([change.seq for change in batch]))
                for change in batch:
                    await self._waiting.put(change)
        except PtxError:
            raise
        except Exception as error:
            self._stop.request(Code.INTERRUPTED, unforeseen(error))
        for _n in range(workers):
            await self._waiting.put(None)

    async def work(self) -> None:
        """Send what is handed out until nothing is left."""
        # Once a part has failed nobody hands anything out any more, so nobody may wait for it.
        while not (self._broken or self._writer.failed.done()):
            try:
                change = await self._waiting.get()
            except asyncio.CancelledError:
                if not self._stop.hard:
                    raise
                continue
            if change is None:
                return
            # Its intent is journalled, so a change that is not sent must say so: else it would be in doubt.
            outcome = _unsent(change, self._stop) if self._stop.requested else await self._send(change)
            self._writer.record(outcome)
            try:
                self._progress.advance(outcome)
            except Exception as error:
                self._stop.request(Code.INTERRUPTED, unforeseen(error))

    async def _send(self, change: Change) -> Outcome:
        """What became of the change; in doubt where something happened that nobody foresaw, which ends the run."""
        try:
            return await self._sender.send(change, self._earlier.get(change.seq))
        except Exception as error:
            self._stop.request(Code.INTERRUPTED, unforeseen(error))
            return Outcome(change.seq, Status.UNKNOWN, Code.OUTCOME_UNKNOWN, 1, finished_at=time.time())


def unforeseen(error: Exception) -> PtxError:
    """What nobody foresaw, as what ends the run."""
    ended = PtxError(
        _(
            "Unexpected error while sending ({kind}: {error}); the run was stopped. "
            "Run ptx-bulk resume to go on; if it happens again, run it with -vv and report what is shown."
        ).format(kind=type(error).__name__, error=error)
    )
    ended.__cause__ = error
    return ended


def _unsent(change: Change, stop: Stop) -> Outcome:
    return Outcome(change.seq, Status.NOT_ATTEMPTED, stop.code or Code.INTERRUPTED, finished_at=time.time())


async def _watch_journal(writer: OutcomeWriter) -> None:
    """End the sending as soon as the journal fails, even while everybody waits for an answer."""
    raise await asyncio.wrap_future(writer.failed)


async def _watch(stop: Stop, workers: list[asyncio.Task[None]]) -> None:
    await stop.wait_soft()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_GRACE_S):
            await stop.wait_hard()
    stop.give_up()
    for task in workers:
        task.cancel()
