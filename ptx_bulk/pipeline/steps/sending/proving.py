"""Reading the lists after sending: what is in doubt gets its outcome, what was applied its proof."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from ptx_bulk.applying import Look, Patience, Stop, looks
from ptx_bulk.errors import AccessRefused, Outage, PtxError, RemoteError, TimeLimitReached, WrongAddress
from ptx_bulk.i18n import Quantity, _, ngettext
from ptx_bulk.model import Action, Code, Doubt, Status
from ptx_bulk.pipeline.interface import Interface
from ptx_bulk.pipeline.requests import Sending
from ptx_bulk.pipeline.steps.account import Account
from ptx_bulk.pipeline.steps.sending.settling import entry_ids
from ptx_bulk.remote import Client

_LOOK_S = 15.0  # from the moment that a run shall stop, so long one look at the lists may take

_Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Unproven:
    """Changes whose lists are to be read, and what is known of each of them.

    Attributes:
        changes: a changes frame, each change applied or in doubt.
        doubt: for each of them its `Doubt`, '' for a change that the API says is applied.
    """

    changes: pd.DataFrame
    doubt: npt.NDArray[np.object_]

    @property
    def seq(self) -> npt.NDArray[np.int64]:
        """The positions in the plan."""
        return self.changes["seq"].to_numpy().astype("int64")


def question(changes: pd.DataFrame, outcomes: pd.DataFrame, *, verify: bool, claims: bool) -> Unproven:
    """What is to be asked of the lists.

    Args:
        changes: the changes that may be asked about.
        outcomes: a `Journal.outcomes` frame.
        verify: whether to ask for the proof of what was applied.
        claims: whether to settle what the API only claims.
    """
    status, doubt = outcomes["status"].to_numpy(dtype=object), outcomes["doubt"].to_numpy(dtype=object)
    unknown = status == Status.UNKNOWN.value
    if not claims:
        unknown &= doubt != Doubt.CLAIMED.value
    unproven = (status == Status.APPLIED.value) & (outcomes["verified"] == "").to_numpy()
    asked = unknown | unproven if verify else unknown
    reason = np.where(unproven, Doubt.NONE.value, np.where(doubt == "", Doubt.LOST.value, doubt))
    by_seq = pd.Series(reason[asked], index=outcomes["seq"].to_numpy()[asked], dtype=object)
    mine = changes[changes["seq"].isin(by_seq.index).to_numpy()]
    return Unproven(mine, by_seq.reindex(mine["seq"].to_numpy()).to_numpy())


class Prover:
    """Asks the lists of one run until they answer, its patience ends or somebody stops it."""

    def __init__(
        self, account: Account, run_id: str, client: Client, sending: Sending, stop: Stop, interface: Interface
    ) -> None:
        self._account = account
        self._run_id = run_id
        self._client = client
        self._sending = sending
        self._stop = stop
        self._interface = interface
        self.last: Look | None = None

    async def prove(self, asked: Unproven, time_is_up: float | None) -> PtxError | None:
        """Read the lists and journal what they tell; returns what kept them from being read to the end.

        Args:
            asked: the changes.
            time_is_up: when the reading must have ended, on the monotonic clock; None where only patience counts.
        """
        # Noted before anything else happens: an interrupt from here on is one more.
        hurried, interrupts = self._stop.requested, self._stop.interrupts
        patience = replace(self._sending.patience, seconds=0.0) if hurried else self._sending.patience
        error: PtxError | None = None
        finished = False
        if interrupts < 2 and self._stop.code is not Code.ACCESS_REFUSED:
            finished, error = await self._look(asked, patience, interrupts, time_is_up)
        # One hurried look proves what it shows, but not that the rest will never appear.
        hurried = self._stop.interrupts > interrupts or (hurried and self._sending.patience.seconds > 0)
        decided = finished and not hurried
        if self.last is not None:
            self._record(asked, self.last, decided=decided)
            for snapshot in self.last.lists.values():
                self._account.keep(self._run_id, "after", snapshot)
        if not decided:
            self._account.journal.leave_unknown(self._run_id)
        return error

    async def _look(
        self, asked: Unproven, patience: Patience, interrupts: int, time_is_up: float | None
    ) -> tuple[bool, PtxError | None]:
        """Whether the looking came to its own end, and what ended it early."""
        in_doubt = bool((asked.doubt != Doubt.NONE.value).any())
        reading = asyncio.create_task(self._read(asked, patience))
        watching = asyncio.create_task(self._until_stopped(interrupts, time_is_up, in_doubt=in_doubt))
        try:
            await asyncio.wait({reading, watching}, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                return False, None if self._stop.interrupts else time_limit_reached(self._sending.time_limit or 0.0)
            reading.result()
        except (AccessRefused, WrongAddress) as error:
            return False, error
        except RemoteError as error:
            return False, _unreadable(error)
        finally:
            reading.cancel()
            watching.cancel()
            await asyncio.gather(reading, watching, return_exceptions=True)
        return True, None

    async def _read(self, asked: Unproven, patience: Patience) -> None:
        """Look, and look again while something is missing; each look is kept as it comes."""
        seen = looks(self._client, asked.changes, self._sending.policy, patience)
        try:
            with self._interface.stage(_("Reading the lists again")):
                self.last = await anext(seen)
            if self.last.missing and patience.seconds and not self._stop.interrupts:
                with self._interface.waiting(_waiting(self.last.missing)) as tell:
                    async for look in seen:
                        self.last = look
                        tell(_waiting(look.missing))
        finally:
            await seen.aclose()

    async def _until_stopped(self, interrupts: int, time_is_up: float | None, *, in_doubt: bool) -> None:
        """Return when the looking must end: the time is up, or the user asked and got the one look that is theirs."""
        stop, limit = self._stop, time_is_up
        try:
            async with asyncio.timeout(None if limit is None else limit - time.monotonic()):
                await stop.wait_interrupts(beyond=interrupts)
        except TimeoutError:
            return
        if not in_doubt or self.last is not None or stop.interrupts > 1:
            return
        # Something is in doubt and no look has ended: this one may, if it does so soon.
        soon = (stop.interrupted_at or 0.0) + _LOOK_S
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout((soon if limit is None else min(soon, limit)) - time.monotonic()):
                await stop.wait_interrupts(beyond=1)

    def _record(self, asked: Unproven, look: Look, *, decided: bool) -> None:
        """Journal what the lists show; what they don't show only where they were given the time to."""
        journal, seq, held, doubt = self._account.journal, asked.seq, look.held, asked.doubt
        adding = (asked.changes["action"] == Action.ADD.value).to_numpy()
        lost, claimed, both = (doubt == kind.value for kind in (Doubt.LOST, Doubt.CLAIMED, Doubt.BOTH))
        ids = entry_ids(asked.changes[held & (lost | both)], look.lists)
        applied: _Bools = doubt == Doubt.NONE.value
        journal.set_verified(self._run_id, seq[held & applied])
        shown = (
            (lost | both, Status.APPLIED, Code.APPLIED_AFTER_CHECK),
            (claimed & adding, Status.UNCHANGED, Code.ALREADY_LISTED),
            (claimed & ~adding, Status.UNCHANGED, Code.NOT_LISTED),
        )
        for which, status, code in shown:
            journal.settle(self._run_id, seq[held & which], status, code, verified="yes", ids=ids)
        if decided:
            wrong = ~held & (applied | claimed | both)
            journal.settle(self._run_id, seq[wrong], Status.FAILED, Code.VERIFY_MISMATCH, verified="no")
            journal.settle(self._run_id, seq[~held & lost], Status.FAILED, None)


def soonest(sending: Sending, stop: Stop, started: float) -> float | None:
    """When the reading of the lists must end, on the monotonic clock, for a run whose sending began at `started`."""
    moments = []
    if stop.interrupted_at is not None:
        moments.append(stop.interrupted_at + _LOOK_S)
    if sending.time_limit is not None:
        moments.append(started + sending.time_limit + _LOOK_S)
    return min(moments, default=None)


def time_limit_reached(seconds: float) -> TimeLimitReached:
    """The error of a run whose time is over."""
    return TimeLimitReached(
        _("The time limit of {seconds:g} seconds is over; run ptx-bulk resume to go on.").format(seconds=seconds)
    )


def _waiting(missing: int) -> str:
    return ngettext(
        "Waiting for the list to show {count:,} change.", "Waiting for the list to show {count:,} changes.", missing
    ).format(count=Quantity(missing))


def _unreadable(error: RemoteError) -> Outage:
    return Outage(
        _(
            "The lists could not be read again to verify the changes ({error}); run ptx-bulk resume to do it later."
        ).format(error=error)
    )
