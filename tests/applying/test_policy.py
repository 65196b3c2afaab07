"""Retries: what is repeated, how often, after which waits."""

from __future__ import annotations

import asyncio
import dataclasses
import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptx_bulk.applying import RetryPolicy
from ptx_bulk.errors import (
    AccessRefused,
    AnswerTooBig,
    ConfigurationError,
    NetworkFault,
    NumberRefused,
    RemoteError,
    ServerFault,
    Throttled,
)

FAULT = ServerFault("no", http_status=500)
LOST = NetworkFault("lost", sent=True)


def repeated(policy: RetryPolicy, script: list[RemoteError | str], stop_after: int = 10**6, asleep: int = -1):
    """What a call with this script comes to, the calls made and the waits between them; one of these takes 0.3 s."""
    waits: list[float] = []
    calls = 0

    async def call() -> str:
        nonlocal calls
        calls += 1
        answer = script[min(calls, len(script)) - 1]
        if isinstance(answer, RemoteError):
            raise answer
        return answer

    async def sleep(seconds: float) -> None:
        if len(waits) == asleep:
            await asyncio.sleep(0.3)
        waits.append(seconds)

    async def go():
        try:
            return await policy.repeat(call, sleep, lambda: calls >= stop_after)
        except RemoteError as error:
            return error

    return asyncio.run(go()), calls, waits


@pytest.mark.parametrize("error", [FAULT, LOST, NetworkFault("refused", sent=False), Throttled("slow down")])
def test_what_repeating_can_mend_is_repeated(error):
    """5xx, lost answers, failed connections and throttling are repeated until an answer comes."""
    assert repeated(RetryPolicy(), [error, error, "yes"])[:2] == ("yes", 3)


@pytest.mark.parametrize("error", [AccessRefused("key"), NumberRefused("number"), AnswerTooBig("endless")])
def test_what_repeating_cannot_mend_is_not_repeated(error):
    """A refused key or number, and an answer without end, is final whenever it comes."""
    assert repeated(RetryPolicy(), [error, "yes"]) == (error, 1, [])
    assert repeated(RetryPolicy(), [FAULT, error, "yes"])[:2] == (error, 2)


def test_nothing_is_waited_for_where_the_first_answer_is_good():
    """A call that succeeds is made once."""
    assert repeated(RetryPolicy(), ["yes"]) == ("yes", 1, [])


def test_bounds_by_default():
    """A user who sets nothing gets these bounds, and bounds are given by name and don't change."""
    assert RetryPolicy() == RetryPolicy(
        attempts=10,
        throttles=60,
        initial=0.25,
        maximum=20.0,
        longest_pause=120.0,
        longest_failing=90.0,
        outage_after=30.0,
    )
    with pytest.raises(TypeError):
        RetryPolicy(10)
    with pytest.raises(dataclasses.FrozenInstanceError):
        RetryPolicy().attempts = 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, value) for name in ("attempts", "throttles") for value in (0, 1.5, True)),
        *(
            (name, value)
            for name in ("initial", "maximum", "longest_pause", "longest_failing", "outage_after")
            for value in (-0.1, math.nan, math.inf, "5")
        ),
    ],
)
def test_what_bounds_nothing_is_refused(name, value):
    """A bound that is no number in its range is refused by its name."""
    with pytest.raises(ConfigurationError, match=f"argument {name} needs"):
        RetryPolicy(**{name: value})


def test_attempts_are_bounded():
    """After so many failures the last error comes out; throttling has a bound of its own."""
    policy = RetryPolicy(attempts=3, throttles=5)
    assert repeated(policy, [FAULT])[:2] == (FAULT, 3)
    throttled = Throttled("slow down")
    assert repeated(policy, [throttled])[:2] == (throttled, 5)


@pytest.mark.parametrize("order", ["throttles first", "failures first", "in turn"])
def test_throttles_and_failures_are_counted_apart(order):
    """Neither kind of trouble uses up the other's bound, and each bound is kept to the last call."""
    policy = RetryPolicy(attempts=10, throttles=20)
    throttled = [Throttled("slow down")] * 19
    script = {
        "throttles first": [*throttled, *[FAULT] * 9],
        "failures first": [*[FAULT] * 9, *throttled],
        "in turn": [*[one for pair in zip(throttled, [LOST] * 9, strict=False) for one in pair], *throttled[9:]],
    }[order]
    assert repeated(policy, [*script, "yes"])[:2] == ("yes", 29)
    assert repeated(policy, [*script, FAULT, "yes"])[:2] == (FAULT, 29)
    assert repeated(policy, [*script, throttled[0], "yes"])[:2] == (throttled[0], 29)


def test_a_failure_after_many_throttles_waits_as_the_first_one():
    """Each kind's backoff grows with its own count."""
    policy = RetryPolicy(initial=0.25, maximum=20.0)
    _result, _calls, waits = repeated(policy, [*[Throttled("slow down")] * 12, FAULT, "yes"])
    assert waits[11] >= 10.0
    assert waits[12] <= 0.25


def test_failing_is_bounded_in_time():
    """A number is given up when it has failed for so long, after one repeat at least; announced pauses don't count."""
    hopeless = RetryPolicy(longest_failing=0.0)
    assert repeated(hopeless, [FAULT])[:2] == (FAULT, 1)
    policy = RetryPolicy(attempts=10**6, initial=0.0, longest_failing=0.2)
    began = time.monotonic()
    assert repeated(policy, [FAULT])[0] is FAULT
    assert 0.2 <= time.monotonic() - began < 20
    paused = ServerFault("back soon", http_status=503, retry_after=100.0)
    assert repeated(RetryPolicy(longest_failing=0.2), [paused, paused, "yes"])[:2] == ("yes", 3)
    assert repeated(hopeless, [paused])[:2] == (paused, 1)


def test_time_that_is_waited_after_throttling_is_no_failing():
    """A wait after "slow down" is not counted as failing, announced or not; one after a failure is."""
    policy = RetryPolicy(initial=60.0, maximum=60.0, longest_failing=0.25)
    for throttled in (Throttled("slow down"), Throttled("slow down", retry_after=60.0)):
        assert repeated(policy, [FAULT, throttled, FAULT, "yes"], asleep=1)[:2] == ("yes", 4)
    assert repeated(policy, [FAULT, FAULT, "yes"], asleep=0)[:2] == (FAULT, 2)
    # What was waited before the first failure is no credit for later ones.
    assert repeated(policy, [Throttled("slow down"), FAULT, FAULT, "yes"], asleep=1)[:2] == (FAULT, 3)


def test_nothing_is_repeated_once_the_run_stops():
    """A stop ends the repeating with the error that was met last."""
    assert repeated(RetryPolicy(), [FAULT], stop_after=2)[:2] == (FAULT, 2)


@given(st.integers(2, 12), st.floats(0.01, 1), st.floats(1, 30))
def test_waits_grow_exponentially_with_jitter(attempts, initial, maximum):
    """The n-th wait lies between half and all of `initial` times 2^n, never beyond the longest."""
    policy = RetryPolicy(attempts=attempts, initial=initial, maximum=maximum)
    _result, _calls, waits = repeated(policy, [LOST])
    assert len(waits) == attempts - 1
    for n, wait in enumerate(waits):
        full = min(initial * 2**n, maximum)
        assert 0.5 * full <= wait <= full


def test_retry_after_counts_before_the_backoff():
    """An announced pause is waited for exactly, a pause of nothing at least as long as the first backoff."""
    policy = RetryPolicy(initial=0.25)
    _result, _calls, waits = repeated(policy, [Throttled("", retry_after=7.0), Throttled("", retry_after=0.0), "yes"])
    assert waits[0] == 7.0
    assert 0.125 <= waits[1] <= 0.25


def test_a_pause_beyond_the_longest_is_given_up():
    """A pause that is longer than the run may wait is not waited for."""
    for error in (Throttled("", retry_after=121.0), ServerFault("", http_status=503, retry_after=120.5)):
        assert repeated(RetryPolicy(longest_pause=120.0), [error]) == (error, 1, [])
    longest = Throttled("", retry_after=120.0)
    assert repeated(RetryPolicy(longest_pause=120.0), [longest, "yes"]) == ("yes", 2, [120.0])
    assert repeated(RetryPolicy(longest_pause=0.0), [FAULT, "yes"])[:2] == ("yes", 2)


def test_a_throttle_waits_as_long_as_its_own_count_says():
    """The n-th throttling without an announced pause waits from half to all of `initial` times 2^n."""
    _result, _calls, waits = repeated(RetryPolicy(initial=0.25), [FAULT, *[Throttled("slow down")] * 4, "yes"])
    for wait, full in zip(waits, [0.25, 0.25, 0.5, 1.0, 2.0], strict=True):
        assert 0.5 * full <= wait <= full


def test_waits_are_drawn_anew_for_everybody():
    """Workers that failed together don't come back together: their waits differ."""
    waits = [wait for _n in range(20) for wait in repeated(RetryPolicy(initial=1.0), [FAULT, "yes"])[2]]
    assert len(set(waits)) > 10
    assert max(waits) - min(waits) > 0.1
