"""Carrying out the changes of a journalled run: sending, canary, settling and verification."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ptx_bulk import eventlog
from ptx_bulk.applying import Attempts, Pacing, Stop, apply_changes, unforeseen
from ptx_bulk.errors import AccessRefused, Interrupted, Outage, PtxError, WrongAddress
from ptx_bulk.i18n import _, ngettext
from ptx_bulk.model import Code, ListKind, Outcome, Status
from ptx_bulk.pipeline.interface import Interface
from ptx_bulk.pipeline.requests import Sending
from ptx_bulk.pipeline.steps.account import Account
from ptx_bulk.pipeline.steps.awaiting import awaited
from ptx_bulk.pipeline.steps.sending.proving import Prover, question, soonest, time_limit_reached
from ptx_bulk.plan import iter_changes
from ptx_bulk.remote import Client

_GOODBYE_S = 2.0  # connections that don't close by then are dropped
_DONE = (Status.APPLIED.value, Status.UNCHANGED.value)


@dataclass
class Execution:
    """How the sending of a run ended.

    Attributes:
        stop: why nothing more was sent, if so.
        sizes: how many entries each list had when it was last read, of those that were read again.
        unproven: what kept the lists from being read again.
        failure: what broke it in the middle of something: the journal failed, or something nobody foresaw.
        unsaved: outcomes that the journal could not take.
    """

    stop: Stop = field(default_factory=Stop)
    sizes: dict[ListKind, int] = field(default_factory=dict)
    unproven: PtxError | None = None
    failure: PtxError | None = None
    unsaved: list[Outcome] = field(default_factory=list)

    @property
    def broken(self) -> bool:
        """Whether it ended in the middle of something."""
        return self.failure is not None

    @property
    def unsent(self) -> Code:
        """What changes without an outcome carry."""
        return self.stop.code or Code.INTERRUPTED

    @property
    def error(self) -> PtxError | None:
        """What ended the run early: what broke it, else an interrupt, else a refused key, else the first of all."""
        if self.failure is not None:
            return self.failure
        if self.stop.interrupts:
            return interrupted()
        found = [error for error in (self.stop.error, self.unproven) if error is not None]
        return max(found, key=lambda error: error.exit_code, default=None)


def interrupted() -> Interrupted:
    """What a run that the user stopped ends with."""
    return Interrupted(_("Interrupted; everything done so far is recorded. Run ptx-bulk resume to go on."))


def execute(
    account: Account,
    run_id: str,
    changes: pd.DataFrame,
    sending: Sending,
    interface: Interface,
    *,
    stop: Stop,
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
        stop: ends it early; see `interrupts.held`.
        whole: all changes of the run, to be settled and verified; those that are sent when None.
        earlier: by `seq`, what an interrupted run has already tried.
    """
    eventlog.bind(run_id=run_id)
    execution = Execution(stop)
    work = _Executing(execution, account, run_id, sending, changes if whole is None else whole, interface)
    execution.failure = _failure_of(work.run(changes, earlier))
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
    interface: Interface
    started: float = field(default_factory=time.monotonic)

    async def run(self, changes: pd.DataFrame, earlier: Mapping[int, Attempts] | None) -> None:
        """Send, then read the lists again."""
        stop, sending = self.execution.stop, self.sending
        stop.bind()
        client = self.account.client(timeout=sending.answer_timeout, connections=sending.connections)
        async with _entered(client):
            timer = _time_limit(sending.time_limit, stop)
            if sending.canary and not stop.requested:
                first = changes.iloc[: sending.canary]
                await self._send(first, client, earlier)
                await self._judge_canary(first, client)
            if not stop.requested:
                await self._send(changes.iloc[sending.canary :], client, earlier)
            if timer:
                timer.cancel()
            await self._prove(client)

    async def _send(self, changes: pd.DataFrame, client: Client, earlier: Mapping[int, Attempts] | None) -> None:
        sending = self.sending
        writer, shown = self.account.journal.writer(self.run_id), self.interface.sending(len(changes))
        try:
            with writer as journalled, shown as progress:
                await apply_changes(
                    iter_changes(changes),
                    client,
                    journalled,
                    pacing=Pacing(concurrency=sending.connections, max_rate=sending.max_rate, policy=sending.policy),
                    stop=self.execution.stop,
                    progress=progress,
                    earlier=earlier,
                )
        finally:
            self.execution.unsaved.extend(writer.unsaved)

    async def _judge_canary(self, first: pd.DataFrame, client: Client) -> None:
        """Stop the run unless the first changes all went well and the lists show it."""
        stop, journal = self.execution.stop, self.account.journal
        if stop.requested:
            return
        outcomes = _of(first, journal.outcomes(self.run_id))
        error: PtxError | None = None
        if outcomes["status"].isin([*_DONE, Status.UNKNOWN.value]).all():
            error = await self._ask(first, outcomes, client, verify=True, claims=True)
            outcomes = _of(first, journal.outcomes(self.run_id))
        applied = outcomes[(outcomes["status"] == Status.APPLIED.value).to_numpy()]
        if stop.requested or (outcomes["status"].isin(_DONE).all() and (applied["verified"] == "yes").all()):
            return
        if isinstance(error, AccessRefused):
            stop.request(Code.ACCESS_REFUSED, error)
            return
        unconfirmed = Outage(
            ngettext(
                "The first {count} change (--canary) could not be confirmed by reading the list; the rest was "
                "not sent.",
                "The first {count} changes (--canary) could not all be confirmed by reading the list; the rest was "
                "not sent.",
                len(first),
            ).format(count=len(first))
        )
        stop.request(Code.INTERRUPTED, error if isinstance(error, WrongAddress) else unconfirmed)

    async def _prove(self, client: Client) -> None:
        """Read the lists again: what is in doubt gets its outcome, what was applied its proof."""
        outcomes, sending = self.account.journal.outcomes(self.run_id), self.sending
        verify = sending.verify and not self.execution.stop.interrupts
        self.execution.unproven = await self._ask(self.whole, outcomes, client, verify=verify, claims=sending.verify)

    async def _ask(
        self, changes: pd.DataFrame, outcomes: pd.DataFrame, client: Client, *, verify: bool, claims: bool
    ) -> PtxError | None:
        """Settle and prove these changes by the lists; returns what kept the lists from being read."""
        asked = question(changes, outcomes, verify=verify, claims=claims)
        if not len(asked.changes):
            return None
        stop = self.execution.stop
        prover = Prover(self.account, self.run_id, client, self.sending, stop, self.interface)
        error = await prover.prove(asked, soonest(self.sending, stop, self.started))
        if prover.last is not None:
            self.execution.sizes.update({kind: len(snapshot) for kind, snapshot in prover.last.lists.items()})
        return error


@contextlib.asynccontextmanager
async def _entered(client: Client) -> AsyncIterator[None]:
    """The client, entered; closing it takes no longer than a moment, whatever its connections do."""
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(client)
        closing = stack.pop_all()
    try:
        yield
    finally:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GOODBYE_S):
                await closing.aclose()


def _time_limit(seconds: float | None, stop: Stop) -> asyncio.TimerHandle | None:
    if seconds is None:
        return None
    return asyncio.get_running_loop().call_later(seconds, stop.request, Code.TIME_LIMIT, time_limit_reached(seconds))


def _of(changes: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    return outcomes[outcomes["seq"].isin(changes["seq"]).to_numpy()]
