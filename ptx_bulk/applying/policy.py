"""Retries, in one place: what is repeated, how often, after which wait (tenacity)."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import tenacity

from ptx_bulk.errors import NetworkFault, ServerFault, Throttled


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """Bounds of the repeating, in seconds and counts.

    Attributes:
        attempts: calls for one number that may fail (5xx, lost answers) before it is given up.
        throttles: times that one number may be told to wait before it is given up.
        initial, maximum: first and longest wait of the exponential backoff; each wait is drawn from 0.5 to 1 times it.
        longest_pause: a `Retry-After` beyond this stops the run, to be resumed later.
        outage_after: with no success for so long (and many failures) the circuit opens and the run stops.
    """

    attempts: int = 10
    throttles: int = 60
    initial: float = 0.25
    maximum: float = 20.0
    longest_pause: float = 120.0
    outage_after: float = 30.0

    def retrying(
        self, sleep: Callable[[float], Awaitable[None]], given_up: Callable[[], bool]
    ) -> tenacity.AsyncRetrying:
        """What repeats a call on the errors that repeating can mend and raises the last one when it gives up.

        Args:
            sleep: how to wait; wakes early when the run stops.
            given_up: whether the run stops, so that nothing is repeated any more.
        """
        backoff = tenacity.wait_exponential(multiplier=self.initial, max=self.maximum)

        def wait(state: tenacity.RetryCallState) -> float:
            error = _error(state)
            if isinstance(error, Throttled) and error.retry_after is not None:
                return error.retry_after
            # Jitter keeps many workers that failed together from coming back together.
            return backoff(state) * (0.5 + 0.5 * random.random())  # noqa: S311 - no secret

        def stop(state: tenacity.RetryCallState) -> bool:
            error = _error(state)
            limit = self.throttles if isinstance(error, Throttled) else self.attempts
            pause = error.retry_after if isinstance(error, Throttled) else None
            return given_up() or state.attempt_number >= limit or (pause or 0) > self.longest_pause

        return tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type((Throttled, ServerFault, NetworkFault)),
            wait=wait,
            stop=stop,
            sleep=sleep,
            reraise=True,
        )


def _error(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
