"""Callers of a server that allows so many calls a second; their time passes at once."""

from __future__ import annotations

import asyncio
import random
import selectors
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

from ptx_bulk.applying import Pace, RetryPolicy, Stop
from ptx_bulk.errors import Throttled

WORKERS = 64


class _AtOnce(selectors.DefaultSelector):
    """Waits for nothing but files that are ready; time that would pass is added up."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready and timeout:
            self.now += timeout + 1e-9
        return ready


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._passing = _AtOnce()
        super().__init__(self._passing)

    def time(self) -> float:
        return self._passing.now


def at_once(work: Coroutine[Any, Any, object]) -> None:
    """As `asyncio.run`, in no time."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        runner.run(work)


class Traffic:
    """Many workers that call at one pace, for so many seconds.

    Args:
        passes: whether the server lets a call of this moment through.
        retry_after: what its refusals say.
        latency: seconds of an answer, give or take a fifth.
    """

    def __init__(self, passes: Callable[[float], bool], *, retry_after: float | None, latency: float) -> None:
        self.passes, self.retry_after, self.latency = passes, retry_after, latency
        self.chance = random.Random(1)
        self.answered: Counter[int] = Counter()
        self.refused: Counter[int] = Counter()

    def flow(self, seconds: int) -> None:
        at_once(self._flow(seconds))

    def share(self, rate: float, first: int, last: int) -> tuple[float, float]:
        """From one second to another: the share of the allowed rate, and the share of the calls that was refused."""
        let, not_let = (sum(counts[at] for at in range(first, last)) for counts in (self.answered, self.refused))
        return let / (rate * (last - first)), not_let / max(1, let + not_let)

    async def _flow(self, seconds: int) -> None:
        loop, stop = asyncio.get_running_loop(), Stop()
        stop.bind()
        pace = Pace(WORKERS, stop=stop, clock=loop.time)
        policy = RetryPolicy(throttles=1_000_000)

        async def call() -> None:
            began = await pace.enter()
            try:
                await self._call(pace, began)
            finally:
                pace.leave()

        async def work() -> None:
            while loop.time() < seconds:
                await policy.repeat(call, stop.sleep, lambda: False)

        await asyncio.gather(*(work() for _worker in range(WORKERS)))

    async def _call(self, pace: Pace, began: int) -> None:
        now = asyncio.get_running_loop().time()
        passed = self.passes(now)
        (self.answered if passed else self.refused)[int(now)] += 1
        await asyncio.sleep(self.latency * self.chance.uniform(0.8, 1.2))
        if passed:
            pace.succeeded()
            return
        pace.throttled(began, self.retry_after)
        raise Throttled("too many", retry_after=self.retry_after)
