"""Why and how far a run shall stop: softly (nothing new is sent) or hard (what is in the air is given up)."""

from __future__ import annotations

import asyncio
import contextlib
import time

from ptx_bulk.errors import PtxError
from ptx_bulk.eventlog import note
from ptx_bulk.model import Code


class Stop:
    """A request to stop, made from a signal handler, a timer or the senders; the first reason stays.

    Attributes:
        code: what the changes that were not sent carry, None while nobody asked.
        error: what ends the run, None for an interrupt.
        hard: whether what is in the air is given up.
        interrupts: how often the user asked.
        interrupted_at: when the user asked first, on the monotonic clock; None while they did not.
    """

    def __init__(self) -> None:
        self.code: Code | None = None
        self.error: PtxError | None = None
        self.hard = False
        self.interrupts = 0
        self.interrupted_at: float | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._soft, self._hard, self._interrupt = asyncio.Event(), asyncio.Event(), asyncio.Event()

    @property
    def requested(self) -> bool:
        """Whether nothing new may be sent."""
        return self.code is not None

    def bind(self) -> None:
        """Tie the request to the running event loop, so that sleepers wake at once."""
        self._loop = asyncio.get_running_loop()
        self._wake()

    def request(self, code: Code, error: PtxError | None = None) -> None:
        """Ask to stop softly: what is in the air may still land."""
        if self.code is None:
            self.code, self.error = code, error
            note("stopping", code=code.value, kind=type(error).__name__ if error else "")
        self._wake_soon()

    def interrupt(self) -> None:
        """The user asks to stop: softly the first time, hard the second."""
        self.interrupts += 1
        if self.interrupted_at is None:
            self.interrupted_at = time.monotonic()
        self.hard = self.hard or self.interrupts > 1
        self.request(Code.INTERRUPTED)

    def give_up(self) -> None:
        """Stop hard: wait no longer for what is in the air."""
        self.hard = True
        self._wake_soon()

    def _wake_soon(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            with contextlib.suppress(RuntimeError):  # it closes at this very moment
                self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        if self.requested:
            self._soft.set()
        if self.hard:
            self._hard.set()
        # Each interrupt wakes those who wait for it, and the next one those who come later.
        self._interrupt.set()
        self._interrupt = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        """Sleep, but no longer than until somebody asks to stop."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._soft.wait()

    async def wait_soft(self) -> None:
        """Return once somebody asks to stop."""
        await self._soft.wait()

    async def wait_hard(self) -> None:
        """Return once the stop is hard."""
        await self._hard.wait()

    async def wait_interrupts(self, beyond: int) -> None:
        """Return once the user has asked to stop more often than so many times."""
        while self.interrupts <= beyond:
            await self._interrupt.wait()
