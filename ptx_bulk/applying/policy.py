"""Retries, in one place: what is repeated, how often, after which wait (tenacity)."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import tenacity

from ptx_bulk.errors import AnswerTooBig, NetworkFault, RemoteError, ServerFault, Throttled

_REPEATABLE = (Throttled, ServerFault, NetworkFault)
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """Bounds of the repeating, in seconds and counts.

    Attributes:
        attempts: calls for one number that may fail (5xx, lost answers) before it is given up.
        longest: once a call has failed for so long it is not repeated, however few its calls: each may take a minute.
        throttles: times that one number may be told to wait before it is given up.
        initial, maximum: first and longest wait of the exponential backoff; each wait is drawn from 0.5 to 1 times it.
        longest_pause: a `Retry-After` beyond this stops the run, to be resumed later.
        outage_after: with no success for so long (and many failures) the circuit opens and the run stops.
    """

    attempts: int = 10
    longest: float = 90.0
    throttles: int = 60
    initial: float = 0.25
    maximum: float = 20.0
    longest_pause: float = 120.0
    outage_after: float = 30.0

    async def repeat(
        self,
        call: Callable[[], Awaitable[_Answer]],
        sleep: Callable[[float], Awaitable[None]],
        given_up: Callable[[], bool],
    ) -> _Answer:
        """Make a call, and repeat it as `retrying` does once it has failed."""
        first: list[RemoteError] = []
        try:
            return await call()
        except _REPEATABLE as error:
            if not _repeatable(error):
                raise
            first.append(error)

        # Nearly all calls succeed at once, so tenacity is set up only for those that fail.
        async def again() -> _Answer:
            if first:
                raise first.pop()
            return await call()

        return await self.retrying(sleep, given_up)(again)

    def retrying(
        self, sleep: Callable[[float], Awaitable[None]], given_up: Callable[[], bool]
    ) -> tenacity.AsyncRetrying:
        """What repeats a call on the errors that repeating can mend and raises the last one when it gives up.

        Args:
            sleep: how to wait; wakes early when the run stops.
            given_up: whether the run stops, so that nothing is repeated any more.
        """
        began = time.monotonic()
        backoff = tenacity.wait_exponential(multiplier=self.initial, max=self.maximum)

        def wait(state: tenacity.RetryCallState) -> float:
            # Jitter keeps many workers that failed together from coming back together.
            jitter = 0.5 + 0.5 * random.random()  # noqa: S311 - no secret
            announced = _announced(state)
            return backoff(state) * jitter if announced is None else max(announced, self.initial * jitter)

        def stop(state: tenacity.RetryCallState) -> bool:
            throttled = isinstance(_error(state), Throttled)
            limit = self.throttles if throttled else self.attempts
            too_long = not throttled and time.monotonic() - began >= self.longest
            return (
                given_up() or too_long or state.attempt_number >= limit or (_announced(state) or 0) > self.longest_pause
            )

        return tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception(_repeatable),
            wait=wait,
            stop=stop,
            sleep=sleep,
            reraise=True,
        )


def _repeatable(error: BaseException) -> bool:
    return isinstance(error, _REPEATABLE) and not isinstance(error, AnswerTooBig)


def _error(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _announced(state: tenacity.RetryCallState) -> float | None:
    """The seconds of `Retry-After`, None where the last answer named none."""
    error = _error(state)
    return error.retry_after if isinstance(error, RemoteError) else None
