"""The pace: how many calls are in the air, when they may leave, and when going on is useless."""

from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptx_bulk.applying import Pace, Stop
from ptx_bulk.model import Code


class Clock:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def turn() -> None:
    """Let every task run as far as it can."""
    for _n in range(5):
        await asyncio.sleep(0)


@given(
    st.integers(1, 20),
    st.lists(st.sampled_from(["enter", "success", "throttled", "fault", "refused", "cancel"]), max_size=120),
)
def test_never_more_in_flight_than_the_limit_when_a_call_leaves(ceiling, moves):
    """Whatever the answers, the limit stays within 1 and the ceiling, nobody goes beyond it, nobody is forgotten."""

    async def play() -> None:
        stop = Stop()
        stop.bind()
        pace = Pace(ceiling, stop=stop)
        inside: list[int] = []
        waiting: list[asyncio.Task[None]] = []

        async def enter() -> None:
            began = await pace.enter()
            assert pace.in_flight <= pace.limit
            inside.append(began)

        for move in moves:
            if move == "enter":
                waiting.append(asyncio.create_task(enter()))
            elif move == "cancel" and waiting:
                waiting.pop().cancel()
            elif inside and move != "cancel":
                began = inside.pop(0)
                if move == "success":
                    pace.succeeded()
                elif move == "throttled":
                    pace.throttled(began, None)
                elif move == "fault":
                    pace.faulted(began)
                pace.leave()
            await turn()
            assert 1 <= pace.limit <= ceiling
            assert pace.in_flight == len(inside)
        for _n in range(len(moves) + 1):
            if inside:
                inside.pop()
                pace.leave()
            await turn()
        assert all(task.done() for task in waiting)
        assert pace.in_flight == len(inside) == 0
        await asyncio.gather(*waiting, return_exceptions=True)

    asyncio.run(play())


def test_it_starts_with_a_few_and_grows_to_the_ceiling():
    """The number in flight doubles each round trip up to the ceiling, after a throttling it grows by one."""

    async def play() -> None:
        stop = Stop()
        stop.bind()
        pace = Pace(64, stop=stop)
        limits = [pace.limit]
        for _round in range(4):
            for _call in range(pace.limit):
                pace.succeeded()
            limits.append(pace.limit)
        assert limits == [8, 16, 32, 64, 64]
        began = await pace.enter()
        pace.throttled(began, None)
        assert pace.limit == 32
        for _call in range(33):
            pace.succeeded()
        assert pace.limit == 33

    asyncio.run(play())


def test_one_wave_of_throttling_halves_once():
    """Calls that were in the air together when the API said "slow down" count as one sign, not as many."""

    async def play() -> None:
        stop = Stop()
        stop.bind()
        pace = Pace(8, stop=stop)
        wave = [await pace.enter() for _n in range(8)]
        for began in wave:
            pace.throttled(began, None)
            pace.leave()
        assert pace.limit == 4
        pace.throttled(await pace.enter(), None)
        assert pace.limit == 2

    asyncio.run(play())


def test_single_faults_don_t_slow_down_but_a_burst_does():
    """A 5xx now and then leaves the pace alone; five in a row halve it."""
    stop = Stop()
    pace = Pace(8, stop=stop)
    for _n in range(20):
        pace.faulted(0)
        pace.succeeded()
    assert pace.limit == 8
    for _n in range(5):
        pace.faulted(0)
    assert pace.limit == 4


def test_a_pause_holds_everybody():
    """After Retry-After nobody enters before the pause is over: neither late comers nor who waited for a place."""

    async def play() -> list[float]:
        stop = Stop()
        stop.bind()
        pace = Pace(2, stop=stop)
        entered: list[float] = []

        async def work() -> None:
            await pace.enter()
            entered.append(time.monotonic())
            pace.leave()

        first = await pace.enter()
        await pace.enter()
        early = [asyncio.create_task(work()) for _n in range(4)]
        await turn()
        over = time.monotonic() + 0.2
        pace.throttled(first, 0.2)
        pace.leave()
        pace.leave()
        late = [asyncio.create_task(work()) for _n in range(4)]
        await asyncio.gather(*early, *late)
        return [moment - over for moment in entered]

    assert min(asyncio.run(play())) >= 0


def test_max_rate_spaces_the_calls():
    """With a rate, the n-th call leaves no earlier than n-1 intervals after the first, however many are waiting."""

    async def play() -> list[float]:
        stop = Stop()
        stop.bind()
        pace = Pace(10, stop=stop, max_rate=100)
        left: list[float] = []

        async def work() -> None:
            for _n in range(3):
                await pace.enter()
                left.append(time.monotonic())
                pace.leave()

        await asyncio.gather(*(work() for _n in range(10)))
        return left

    left = sorted(asyncio.run(play()))
    assert len(left) == 30
    assert all(moment >= left[0] + 0.01 * n - 0.002 for n, moment in enumerate(left))


@pytest.mark.parametrize("waiting_for", ["place", "rate", "pause"])
def test_a_stop_frees_whoever_waits_for_a_moment(waiting_for):
    """A stop ends the waiting for rate and pause at once, and for a place as soon as a call ends."""

    async def play() -> None:
        stop = Stop()
        stop.bind()
        pace = Pace(1, stop=stop, max_rate=0.001 if waiting_for == "rate" else None)
        began = await pace.enter()
        if waiting_for == "pause":
            pace.throttled(began, 1000)
        if waiting_for != "place":
            pace.leave()
        task = asyncio.create_task(pace.enter())
        await turn()
        assert not task.done()
        stop.request(Code.INTERRUPTED)
        if waiting_for == "place":
            pace.leave()
        await asyncio.wait_for(task, 5)

    asyncio.run(play())


def test_the_circuit_opens_after_many_failures_and_a_while_without_success():
    """Many failures alone, or a while alone, change nothing; both together, without one success, open the circuit."""
    clock = Clock()
    pace = Pace(8, stop=Stop(), outage_after=30, clock=clock)
    for _n in range(100):
        pace.faulted(0)
    assert not pace.tripped
    clock.now = 31
    assert pace.tripped
    pace.succeeded()
    clock.now = 100
    pace.faulted(0)
    assert not pace.tripped


def test_a_pause_that_the_api_asked_for_is_no_outage():
    """The time of announced pauses does not count towards the outage."""
    clock = Clock()
    pace = Pace(8, stop=Stop(), outage_after=30, clock=clock)
    for _n in range(100):
        pace.throttled(0, 60)
    clock.now = 61
    pace.throttled(0, None)
    assert not pace.tripped
    clock.now = 92
    assert pace.tripped


def test_a_few_slow_faults_open_the_circuit():
    """Where every call takes its whole time to fail, five of them in twice the outage's time are enough."""
    clock = Clock()
    pace = Pace(64, stop=Stop(), outage_after=30.0, clock=clock)
    for _n in range(4):
        pace.faulted(0)
    clock.now = 61.0
    assert not pace.tripped
    pace.faulted(0)
    assert pace.tripped
    pace.succeeded()
    assert not pace.tripped
