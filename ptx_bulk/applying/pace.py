"""How many calls may be in the air, and when: adaptive limit and rate, announced pauses, circuit breaker."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

from ptx_bulk.applying.allowance import Allowance
from ptx_bulk.applying.stopping import Stop
from ptx_bulk.eventlog import note_often

_FIRST = 8  # calls in the air at the start
_BURST = 5  # so many faults in a row halve the number in flight
_OVERDUE_S = 0.1  # a busy machine lets calls leave late; so much is made up for, or the rate would never be reached


class Pace:
    """Additive increase, multiplicative decrease of the number in flight, shared by all workers.

    It starts with a few, doubles each round trip until the first throttling, then grows by one a round trip. Calls that
    are refused for being too many leave at the rate that the API seems to allow (`Allowance`); fewer are in the air
    only where that does not help.

    Args:
        ceiling: most calls in the air (`--concurrency`).
        max_rate: calls a second, evenly spaced; None for no limit.
        outage_after: seconds without any success after which, with many failures, the circuit opens; pauses that
            the API asked for don't count.
        stop: ends every waiting when the run stops.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        ceiling: int,
        *,
        stop: Stop,
        max_rate: float | None = None,
        outage_after: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ceiling = ceiling
        self._limit = float(min(ceiling, _FIRST))
        self._threshold = float(ceiling)
        self._in_flight = 0
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._resume_at = 0.0
        self._own_interval = 1 / max_rate if max_rate else 0.0
        self._allowance = Allowance(clock())
        self._moments = asyncio.Lock()
        self._next_moment = 0.0
        self._round = 0
        self._faults = 0
        self._failures = 0
        self._lost = 0
        self._last_good = clock()
        self._outage_after = outage_after
        self._stop = stop
        self._clock = clock

    @property
    def limit(self) -> int:
        """Calls that may be in the air now."""
        return int(self._limit)

    @property
    def in_flight(self) -> int:
        """Places taken: calls in the air, and those that wait for their moment."""
        return self._in_flight

    @property
    def tripped(self) -> bool:
        """Whether so much failed without one success that going on is useless.

        Where each call takes its whole time to fail, few of them in twice the time say as much.
        """
        since = self._clock() - self._last_good
        many = min(100, max(20, 2 * self._ceiling))
        enough = self._failures >= many or (self._lost >= _BURST and since >= 2 * self._outage_after)
        return enough and since >= self._outage_after

    async def enter(self) -> int:
        """Wait for a place and a moment; returns the round that the call belongs to, for `throttled` and `faulted`.

        Every `enter` that returns is followed by `leave`.
        """
        if self._waiters or self._in_flight >= self.limit:
            await self._wait_for_place()
        else:
            self._in_flight += 1
        if self._interval or self._resume_at > self._clock():
            try:
                await self._wait_for_moment()
            except BaseException:
                self.leave()
                raise
        return self._round

    def leave(self) -> None:
        """The call is over."""
        self._in_flight -= 1
        while self._waiters and self._in_flight < self.limit:
            waiter = self._waiters.popleft()
            if not waiter.done():
                # The place is handed over, so that nobody who comes later can take it.
                self._in_flight += 1
                waiter.set_result(None)

    async def _wait_for_place(self) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self.leave()
            raise

    @property
    def _interval(self) -> float:
        """Seconds between two calls, 0 where nobody limits the rate."""
        rate = self._allowance.rate
        return max(self._own_interval, 1 / rate) if rate else self._own_interval

    async def _wait_for_moment(self) -> None:
        """Wait in a queue: the next moment is settled when it comes, by the rate and the pauses of then."""
        waited = self._moments.locked()
        async with self._moments:
            while not self._stop.requested:
                now = self._clock()
                # Time in which nobody wanted to call is not made up for.
                earliest = now - _OVERDUE_S if waited else now
                moment = max(self._next_moment, self._resume_at, earliest)
                if moment <= now:
                    self._next_moment = moment + self._interval
                    return
                await self._stop.sleep(moment - now)
                waited = True

    def succeeded(self) -> None:
        """An answer came that says yes or no to the number itself."""
        self._faults = self._failures = self._lost = 0
        self._last_good = now = self._clock()
        self._allowance.succeeded(now, waited=self._moments.locked())
        if self._limit < self._ceiling:
            growth = 1.0 if self._limit < self._threshold else 1.0 / self._limit
            self._limit = min(self._limit + growth, float(self._ceiling))

    def throttled(self, began: int, pause: float | None) -> None:
        """The API asks to slow down; with `pause` nobody calls before so many seconds are over."""
        self._failures += 1
        self._wait_for_all(pause)
        news = began == self._round
        if not self._allowance.refused(self._clock(), self._resume_at, news=news):
            self._halve(began)
        elif news:
            self._round += 1
            note_often("slower", rate=round(self._allowance.rate or 0.0, 1))

    def faulted(self, began: int, pause: float | None = None) -> None:
        """A 5xx or no answer; several in a row count as a sign of overload, and `pause` is kept as in `throttled`."""
        self._failures += 1
        self._faults += 1
        self._lost += 1
        self._wait_for_all(pause)
        if self._faults >= _BURST:
            self._faults = 0
            self._halve(began)

    def _wait_for_all(self, pause: float | None) -> None:
        if pause:
            now = self._clock()
            until = now + pause
            self._last_good += max(0.0, until - max(now, self._resume_at))
            if until > self._resume_at:
                note_often("pause", seconds=round(pause, 3))
            self._resume_at = max(self._resume_at, until)

    def _halve(self, began: int) -> None:
        # Calls that began before the last halving tell nothing about the new limit.
        if began == self._round:
            self._round += 1
            self._limit = self._threshold = max(1.0, self._limit / 2)
            note_often("slower", in_flight=self.limit)
