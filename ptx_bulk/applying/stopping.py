"""Why and how far a run shall stop: softly (nothing new is sent) or hard (what is in the air is given up)."""

from __future__ import annotations

import asyncio
import contextlib
import threading

from ptx_bulk.errors import PtxError
from ptx_bulk.model import Code


class Stop:
    """A request to stop, made from a signal handler, a timer or the senders; the first reason stays.

    Attributes:
        code: what the changes that were not sent carry, None while nobody asked.
        error: what ends the run, None for an interrupt.
        hard: whether what is in the air is given up.
        interrupted: whether it was the user who asked.
    """

    def __init__(self) -> None:
        self.code: Code | None = None
        self.error: PtxError | None = None
        self.hard = False
        self.interrupted = False
        self._guard = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._soft_event, self._hard_event = asyncio.Event(), asyncio.Event()

    @property
    def requested(self) -> bool:
        """Whether nothing new may be sent."""
        return self.code is not None

    def bind(self) -> None:
        """Tie the request to the running event loop, so that sleepers wake at once."""
        self._loop = asyncio.get_running_loop()
        self._soft_event, self._hard_event = asyncio.Event(), asyncio.Event()
        self._wake()

    def request(self, code: Code, error: PtxError | None = None) -> None:
        """Ask to stop softly: what is in the air may still land."""
        with self._guard:
            if self.code is None:
                self.code, self.error = code, error
        self._wake_soon()

    def interrupt(self) -> None:
        """The user asks to stop: softly the first time, hard the second."""
        self.hard = self.interrupted
        self.interrupted = True
        self.request(Code.INTERRUPTED)

    def give_up(self) -> None:
        """Stop hard: wait no longer for what is in the air."""
        self.hard = True
        self._wake_soon()

    def _wake_soon(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        if self.requested:
            self._soft_event.set()
        if self.hard:
            self._hard_event.set()

    async def sleep(self, seconds: float) -> None:
        """Sleep, but no longer than until somebody asks to stop."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._soft_event.wait()

    async def wait_soft(self) -> None:
        """Return once somebody asks to stop."""
        await self._soft_event.wait()

    async def wait_hard(self) -> None:
        """Return once the stop is hard."""
        await self._hard_event.wait()
