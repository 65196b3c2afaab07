"""Carrying out the changes of a journalled run: sending, settling what is in doubt, verification."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd

from ptx_bulk.applying import Pacing, Patience, Stop, apply_changes, settle
from ptx_bulk.errors import Interrupted, Outage, PtxError, RemoteError, TimeLimitReached
from ptx_bulk.i18n import _
from ptx_bulk.model import Code, ListKind, Status
from ptx_bulk.pipeline.account import Account
from ptx_bulk.pipeline.requests import Interface, Sending
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
    """

    stop: Stop = field(default_factory=Stop)
    lists: dict[ListKind, Snapshot] = field(default_factory=dict)
    error: PtxError | None = None

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
) -> Execution:
    """Send the changes of a run whose plan is in the journal; every outcome is in the journal when this returns.

    Args:
        account: where to send them.
        run_id: the run.
        changes: the changes to send.
        sending: how to send them.
        interface: told of every outcome.
        whole: all changes of the run, to be settled and verified; those that are sent when None.

    Raises:
        JournalError: the journal cannot be written; what was in the air is settled when the run is resumed.
    """
    execution = Execution()
    with _signals(execution.stop):
        asyncio.run(
            _execute(execution, account, run_id, changes, changes if whole is None else whole, sending, interface)
        )
    if execution.stop.interrupted:
        execution.error = Interrupted(_("Interrupted; everything done so far is recorded."))
    elif execution.error is None:
        execution.error = execution.stop.error
    return execution


async def _execute(
    execution: Execution,
    account: Account,
    run_id: str,
    changes: pd.DataFrame,
    whole: pd.DataFrame,
    sending: Sending,
    interface: Interface,
) -> None:
    stop = execution.stop
    pacing = Pacing(concurrency=sending.concurrency, max_rate=sending.max_rate, policy=sending.policy)
    async with account.client(timeout=sending.timeout, connections=sending.concurrency) as client:
        timer = _time_limit(sending.time_limit, stop)
        with account.journal.writer(run_id) as writer, interface.sending(len(changes)) as progress:
            source = iter_changes(changes)
            if sending.canary:
                first = itertools.islice(source, sending.canary)
                await apply_changes(first, client, writer, pacing=pacing, stop=stop, progress=progress)
                await _judge_canary(execution, account, run_id, changes.iloc[: sending.canary], sending, client)
            if not stop.requested:
                await apply_changes(source, client, writer, pacing=pacing, stop=stop, progress=progress)
        if timer:
            timer.cancel()
        await _settle(execution, account, run_id, whole, sending, client)


def _time_limit(seconds: float | None, stop: Stop) -> asyncio.TimerHandle | None:
    if seconds is None:
        return None
    error = TimeLimitReached(
        _("The time limit of {seconds:g} seconds is over; run ptx-bulk resume to go on.").format(seconds=seconds)
    )
    return asyncio.get_running_loop().call_later(seconds, stop.request, Code.TIME_LIMIT, error)


async def _judge_canary(
    execution: Execution, account: Account, run_id: str, first: pd.DataFrame, sending: Sending, client: Client
) -> None:
    """Stop the run unless the first changes all went well and the lists show it."""
    outcomes = account.journal.outcomes(run_id)
    applied, unchanged = (_rows(first, outcomes, status) for status in (Status.APPLIED, Status.UNCHANGED))
    good = len(applied) + len(unchanged) == len(first)
    if good and len(applied):
        try:
            held, _lists = await settle(client, applied, sending.policy, sending.patience)
            good = bool(held.all())
        except RemoteError:
            good = False
    if not good:
        execution.stop.request(
            Code.INTERRUPTED,
            Outage(
                _(
                    "The first {count} changes (--canary) could not all be confirmed by reading the list; "
                    "the rest was not sent."
                ).format(count=len(first))
            ),
        )


async def _settle(
    execution: Execution,
    account: Account,
    run_id: str,
    changes: pd.DataFrame,
    sending: Sending,
    client: Client,
) -> None:
    """Read the lists again: what is in doubt gets its outcome, what was applied its proof."""
    if execution.stop.hard or execution.stop.code is Code.ACCESS_REFUSED:
        return
    outcomes = account.journal.outcomes(run_id)
    unknown = _rows(changes, outcomes, Status.UNKNOWN)
    verify = sending.verify and not execution.stop.interrupted
    applied = _rows(changes, outcomes, Status.APPLIED) if verify else changes.iloc[:0]
    wanted = pd.concat([unknown, applied]) if len(applied) else unknown
    if not len(wanted):
        return
    patience = _ONE_LOOK if execution.stop.interrupted else sending.patience
    try:
        held, execution.lists = await settle(client, wanted, sending.policy, patience)
    except RemoteError as error:
        execution.error = Outage(
            _(
                "The lists could not be read again to verify the changes ({error}); run ptx-bulk resume to do it later."
            ).format(error=error)
        )
        account.journal.leave_unknown(run_id)
        return
    seq, doubtful = wanted["seq"].to_numpy().astype("int64"), len(unknown)
    account.journal.settle(run_id, seq[:doubtful][held[:doubtful]], seq[:doubtful][~held[:doubtful]])
    if verify:
        account.journal.set_verified(run_id, seq[held], seq[doubtful:][~held[doubtful:]])
    for snapshot in execution.lists.values():
        account.journal.add_snapshot(account.name, run_id, "after", snapshot)


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
    before = {number: signal.signal(number, lambda _signal, _frame: stop.interrupt()) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
