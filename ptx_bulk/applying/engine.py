"""Many changes at once: a feeder journals intents, workers send, outcomes are journalled as they come."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from ptx_bulk.applying.pace import Pace
from ptx_bulk.applying.policy import RetryPolicy
from ptx_bulk.applying.sending import Sender
from ptx_bulk.applying.stopping import Stop
from ptx_bulk.journal import OutcomeWriter
from ptx_bulk.model import Change, Code, Outcome, Status
from ptx_bulk.remote import Client

_INTENTS = 256  # changes whose intent is committed together, ahead of their sending
_GRACE_S = 15.0  # how long a soft stop waits for answers that are in the air


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


async def apply_changes(
    changes: Iterable[Change],
    client: Client,
    writer: OutcomeWriter,
    *,
    pacing: Pacing,
    stop: Stop,
    progress: Progress,
) -> None:
    """Send the changes and journal what became of each; returns when all have ended or the run was stopped.

    After a stop, changes that were never taken up have no outcome.

    Raises:
        JournalError: an intent or outcome cannot be stored; nothing more is sent.
    """
    stop.bind()
    pace = Pace(
        pacing.concurrency,
        max_rate=pacing.max_rate,
        outage_after=pacing.policy.outage_after,
        stop=stop,
    )
    sender = Sender(client, pace, pacing.policy, stop)
    waiting: asyncio.Queue[Change | None] = asyncio.Queue(maxsize=_INTENTS)
    async with asyncio.TaskGroup() as group:
        workers = [
            group.create_task(_work(waiting, sender, writer, stop, progress)) for _n in range(pacing.concurrency)
        ]
        group.create_task(_feed(changes, waiting, writer, stop, pacing.concurrency))
        watch = group.create_task(_watch(stop, workers))
        await asyncio.wait(workers)
        watch.cancel()


async def _feed(
    changes: Iterable[Change],
    waiting: asyncio.Queue[Change | None],
    writer: OutcomeWriter,
    stop: Stop,
    workers: int,
) -> None:
    source = iter(changes)
    while not stop.requested and (batch := list(itertools.islice(source, _INTENTS))):
        await asyncio.wrap_future(writer.intend([change.seq for change in batch]))
        for change in batch:
            await waiting.put(change)
    for _n in range(workers):
        await waiting.put(None)


async def _work(
    waiting: asyncio.Queue[Change | None],
    sender: Sender,
    writer: OutcomeWriter,
    stop: Stop,
    progress: Progress,
) -> None:
    change: Change | None = None
    while True:
        try:
            if (change := await waiting.get()) is None:
                return
            # Its intent is journalled, so a change that is not sent must say so: else it would be in doubt.
            outcome = _unsent(change, stop) if stop.requested else await sender.send(change)
        except asyncio.CancelledError:
            if not stop.hard:
                raise
            if change is None:
                continue
            outcome = Outcome(change.seq, Status.UNKNOWN, Code.OUTCOME_UNKNOWN, 1, finished_at=time.time())
        writer.record(outcome)
        progress.advance(outcome)
        change = None


def _unsent(change: Change, stop: Stop) -> Outcome:
    return Outcome(change.seq, Status.NOT_ATTEMPTED, stop.code or Code.INTERRUPTED, finished_at=time.time())


async def _watch(stop: Stop, workers: list[asyncio.Task[None]]) -> None:
    await stop.wait_soft()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_GRACE_S):
            await stop.wait_hard()
    stop.give_up()
    for task in workers:
        task.cancel()
