"""Carrying out the changes of a journalled run: sending, settling what is in doubt, verification."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
import signal
import threading
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk.applying import Attempts, Pacing, Patience, Stop, apply_changes, settle, unforeseen
from ptx_bulk.errors import AccessRefused, Interrupted, Outage, PtxError, RemoteError, TimeLimitReached
from ptx_bulk.i18n import _
from ptx_bulk.model import Code, ListKind, Outcome, Status
from ptx_bulk.pipeline.account import Account
from ptx_bulk.pipeline.awaiting import awaited
from ptx_bulk.pipeline.requests import Interface, Sending
from ptx_bulk.pipeline.settling import entry_ids
from ptx_bulk.plan import iter_changes
from ptx_bulk.remote import Client
from ptx_bulk.snapshot import Snapshot

_ONE_LOOK = Patience(waits=(0.0,))


@dataclass
class Execution:
    """How the sending of a run ended.

    Attributes:
        stop: why nothing more was sent, if so.
        lists: the lists as last read, of those that were read again.
        error: what ended the run early.
        broken: whether it ended in the middle of something: the journal failed, or something nobody foresaw.
        unsaved: outcomes that the journal could not take.
    """

    stop: Stop = field(default_factory=Stop)
    lists: dict[ListKind, Snapshot] = field(default_factory=dict)
    error: PtxError | None = None
    broken: bool = False
    unsaved: list[Outcome] = field(default_factory=list)

    @property
    def unsent(self) -> Code:
        """What changes without an outcome carry."""
        return self.stop.code or Code.INTERRUPTED


def execute(
    account: Account,
    run_id: str,
    changes: pd.DataFrame,
    sending: Sending,
    interface: Interface,
    *,
    whole: pd.DataFrame | None = None,
    earlier: Mapping[int, Attempts] | None = None,
) -> Execution:
    """Send the changes of a run whose plan is in the journal; every outcome is in the journal when this returns.

    Whatever ends it is in the answer: a journal that fails, or something that nobody foresaw, leaves it `broken`.

    Args:
        account: where to send them.
        run_id: the run.
        changes: the changes to send.
        sending: how to send them.
        interface: told of every outcome.
        whole: all changes of the run, to be settled and verified; those that are sent when None.
        earlier: by `seq`, what an interrupted run has already tried.
    """
    execution = Execution()
    work = _Executing(execution, account, run_id, sending, changes if whole is None else whole)
    with _signals(execution.stop):
        failure = _failure_of(work.run(changes, interface, earlier))
    if failure:
        execution.broken, execution.error = True, failure
        return execution
    # The user's word counts first, then what ended the sending, then what ended the reading afterwards.
    if execution.stop.interrupts:
        execution.error = Interrupted(
            _("Interrupted; everything done so far is recorded. Run ptx-bulk resume to go on.")
        )
    else:
        execution.error = execution.stop.error or execution.error
    return execution


def _failure_of(work: Coroutine[Any, Any, None]) -> PtxError | None:
    """Do the work; what broke it, None when it came to its own end."""
    try:
        awaited(work)
    except PtxError as error:
        return error
    except Exception as error:  # the changes were made all the same, and their report is owed
        return unforeseen(error)
    return None


@dataclass
class _Executing:
    """One sending: what its steps share."""

    execution: Execution
    account: Account
    run_id: str
    sending: Sending
    whole: pd.DataFrame

    async def run(self, changes: pd.DataFrame, interface: Interface, earlier: Mapping[int, Attempts] | None) -> None:
        """Send, then read the lists again."""
        stop, sending = self.execution.stop, self.sending
        stop.bind()
        pacing = Pacing(concurrency=sending.connections, max_rate=sending.max_rate, policy=sending.policy)
        async with self.account.client(timeout=sending.answer_timeout, connections=sending.connections) as client:
            timer = _time_limit(sending.time_limit, stop)
            with self.account.journal.writer(self.run_id) as writer, interface.sending(len(changes)) as progress:
                self.execution.unsaved = writer.unsaved
                send = functools.partial(
                    apply_changes,
                    client=client,
                    writer=writer,
                    pacing=pacing,
                    stop=stop,
                    progress=progress,
                    earlier=earlier,
                )
                source = iter_changes(changes)
                if sending.canary:
                    await send(itertools.islice(source, sending.canary))
                    await self._judge_canary(changes.iloc[: sending.canary], client)
                if not stop.requested:
                    await send(source)
            if timer:
                timer.cancel()
            await self._settle(client)

    async def _judge_canary(self, first: pd.DataFrame, client: Client) -> None:
        """Stop the run unless the first changes all went well and the lists show it."""
        stop = self.execution.stop
        if stop.requested:
            return
        outcomes = self.account.journal.outcomes(self.run_id)
        applied, unchanged = (_rows(first, outcomes, status) for status in (Status.APPLIED, Status.UNCHANGED))
        good = len(applied) + len(unchanged) == len(first)
        if good and len(applied):
            read = await self._read(client, applied, self.sending.patience)
            good = isinstance(read, tuple) and bool(read[0].all())
        if not good:
            stop.request(
                Code.INTERRUPTED,
                Outage(
                    _(
                        "The first {count} changes (--canary) could not all be confirmed by reading the list; "
                        "the rest was not sent."
                    ).format(count=len(first))
                ),
            )

    async def _settle(self, client: Client) -> None:
        """Read the lists again: what is in doubt gets its outcome, what was applied its proof."""
        execution, journal = self.execution, self.account.journal
        outcomes = journal.outcomes(self.run_id)
        unknown = _rows(self.whole, outcomes, Status.UNKNOWN)
        verify = self.sending.verify and not execution.stop.interrupts
        unproven = outcomes[(outcomes["verified"] == "").to_numpy()]
        applied = _rows(self.whole, unproven, Status.APPLIED) if verify else self.whole.iloc[:0]
        wanted = pd.concat([unknown, applied]) if len(applied) else unknown
        if not len(wanted):
            return
        read = await self._read(client, wanted, _ONE_LOOK if execution.stop.interrupts else self.sending.patience)
        if not isinstance(read, tuple):
            execution.error = read
            journal.leave_unknown(self.run_id)
            return
        held, execution.lists = read
        seq, doubtful = wanted["seq"].to_numpy().astype("int64"), len(unknown)
        made = unknown[held[:doubtful]]
        ids = entry_ids(made, execution.lists)
        journal.settle(self.run_id, seq[:doubtful][held[:doubtful]], seq[:doubtful][~held[:doubtful]], ids)
        if verify:
            journal.set_verified(self.run_id, seq[held], seq[doubtful:][~held[doubtful:]])
        for snapshot in execution.lists.values():
            self.account.keep(self.run_id, "after", snapshot)

    async def _read(
        self, client: Client, changes: pd.DataFrame, patience: Patience
    ) -> tuple[npt.NDArray[np.bool_], dict[ListKind, Snapshot]] | PtxError | None:
        """What the lists say of the changes; instead what kept them from being read, None for an interrupt."""
        stop = self.execution.stop
        if stop.interrupts > 1 or stop.code is Code.ACCESS_REFUSED:
            return stop.error
        reading = asyncio.create_task(settle(client, changes, self.sending.policy, patience))
        # Who has already asked to stop waits for one look at the lists, unless they ask once more.
        asked = asyncio.create_task(stop.wait_interrupts(beyond=stop.interrupts))
        try:
            await asyncio.wait({reading, asked}, return_when=asyncio.FIRST_COMPLETED)
            return reading.result() if reading.done() else None
        except AccessRefused as error:
            return error
        except RemoteError as error:
            return Outage(
                _(
                    "The lists could not be read again to verify the changes ({error}); "
                    "run ptx-bulk resume to do it later."
                ).format(error=error)
            )
        finally:
            reading.cancel()
            asked.cancel()
            await asyncio.gather(reading, asked, return_exceptions=True)


def _time_limit(seconds: float | None, stop: Stop) -> asyncio.TimerHandle | None:
    if seconds is None:
        return None
    error = TimeLimitReached(
        _("The time limit of {seconds:g} seconds is over; run ptx-bulk resume to go on.").format(seconds=seconds)
    )
    return asyncio.get_running_loop().call_later(seconds, stop.request, Code.TIME_LIMIT, error)


def _rows(changes: pd.DataFrame, outcomes: pd.DataFrame, status: Status) -> pd.DataFrame:
    seq = outcomes["seq"].to_numpy()[(outcomes["status"] == status.value).to_numpy()]
    return changes[changes["seq"].isin(seq).to_numpy()]


@contextlib.contextmanager
def _signals(stop: Stop) -> Iterator[None]:
    """Ctrl-C and a polite kill stop the run softly, a second one hard; only the main thread can be told."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP")  # SIGBREAK is Windows', SIGHUP is everybody else's
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    # What is ignored stays ignored: `nohup` asks that a closed terminal stops nothing.
    heeded = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, lambda _signal, _frame: stop.interrupt()) for number in heeded}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
