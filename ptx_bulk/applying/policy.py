"""Retries, in one place: what is repeated, how often, for how long, after which wait (tenacity)."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import tenacity

from ptx_bulk.arguments import SECONDS, TIMES
from ptx_bulk.errors import AnswerTooBig, NetworkFault, RemoteError, ServerFault, Throttled
from ptx_bulk.eventlog import note_often

_REPEATABLE = (Throttled, ServerFault, NetworkFault)
_LONGEST_GROWTH = 30  # doublings; beyond them the backoff is at its maximum whatever it began with
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """Bounds of the repeating, in seconds and counts; throttles and failures are counted apart.

    Attributes:
        attempts: calls for one number that may fail (5xx, lost answers) before it is given up.
        throttles: times that one number may be told to wait before it is given up.
        initial, maximum: first and longest wait of the exponential backoff; each wait is drawn from 0.5 to 1 times it.
        longest_pause: a `Retry-After` beyond this stops the run, to be resumed later.
        longest_failing: so long after its first failure a number is given up, whatever calls are left; pauses that
            the API asked for don't count.
        outage_after: with no success for so long (and many failures) the circuit opens and the run stops.
    """

    attempts: int = 10
    throttles: int = 60
    initial: float = 0.25
    maximum: float = 20.0
    longest_pause: float = 120.0
    longest_failing: float = 90.0
    outage_after: float = 30.0

    def __post_init__(self) -> None:
        """Refuse what bounds nothing.

        Raises:
            ConfigurationError: it names the argument.
        """
        TIMES.check("attempts", self.attempts)
        TIMES.check("throttles", self.throttles)
        for name in ("initial", "maximum", "longest_pause", "longest_failing", "outage_after"):
            SECONDS.check(name, getattr(self, name))

    async def repeat(
        self,
        call: Callable[[], Awaitable[_Answer]],
        sleep: Callable[[float], Awaitable[None]],
        given_up: Callable[[], bool],
    ) -> _Answer:
        """Make a call, and repeat it on the errors that repeating can mend; the last one comes out when it gives up.

        Args:
            call: makes the call.
            sleep: how to wait; wakes early when the run stops.
            given_up: whether the run stops, so that nothing is repeated any more.
        """
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

        tally = _Tally(self, given_up)
        return await tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception(_repeatable),
            after=tally.count,  # comes before the two that ask for what it counts
            wait=tally.wait,
            stop=tally.stop,
            sleep=sleep,
            reraise=True,
        )(again)


class _Tally:
    """What one number has met so far, each kind of trouble with its own count."""

    def __init__(self, policy: RetryPolicy, given_up: Callable[[], bool]) -> None:
        self._policy = policy
        self._given_up = given_up
        self._throttles = self._failures = 0
        self._paused = self._announced_now = 0.0
        self._failing_since = 0.0

    def count(self, state: tenacity.RetryCallState) -> None:
        """Count the last error."""
        error = _error(state)
        if isinstance(error, RemoteError):
            note_often(
                "retry",
                level=logging.WARNING,
                kind=type(error).__name__,
                http_status=error.http_status,
                api_code=error.api_code,
            )
        if isinstance(error, Throttled):
            self._throttles += 1
            return
        self._failures += 1
        if self._failures == 1:
            self._failing_since, self._paused = time.monotonic(), 0.0

    def stop(self, state: tenacity.RetryCallState) -> bool:
        """Whether the last error was one too many."""
        policy, error = self._policy, _error(state)
        if isinstance(error, Throttled):
            over = self._throttles >= policy.throttles
        else:
            # Of a pause that is announced just now nothing has passed yet.
            failing = time.monotonic() - self._failing_since - (self._paused - self._announced_now)
            over = self._failures >= policy.attempts or failing >= policy.longest_failing
        return self._given_up() or over or (_announced(error) or 0) > policy.longest_pause

    def wait(self, state: tenacity.RetryCallState) -> float:
        """Seconds until the next call: what was announced, else a backoff that grows with each kind's own count."""
        policy, error = self._policy, _error(state)
        # Jitter keeps many workers that failed together from coming back together.
        jitter = 0.5 + 0.5 * random.random()  # noqa: S311 - no secret
        announced = _announced(error)
        throttled = isinstance(error, Throttled)
        if announced is None:
            met = self._throttles if throttled else self._failures
            seconds = min(policy.initial * 2.0 ** min(met - 1, _LONGEST_GROWTH), policy.maximum) * jitter
        else:
            seconds = max(announced, policy.initial * jitter)
        self._announced_now = seconds if throttled or announced is not None else 0.0
        self._paused += self._announced_now
        return seconds


def _repeatable(error: BaseException) -> bool:
    return isinstance(error, _REPEATABLE) and not isinstance(error, AnswerTooBig)


def _error(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _announced(error: BaseException | None) -> float | None:
    """The seconds of `Retry-After`, None where the last answer named none."""
    return error.retry_after if isinstance(error, RemoteError) else None
