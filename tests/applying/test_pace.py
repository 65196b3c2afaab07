"""The pace: how many calls are in the air, when they may leave, and when going on is useless."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

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


class Watched(Stop):
    """A stop whose sleepers turn the clock instead of waiting; `meanwhile` happens in the sleeps, one in each."""

    def __init__(self, clock: Clock, *meanwhile: Callable[[], object]) -> None:
        super().__init__()
        self.clock = clock
        self.meanwhile = list(meanwhile)

    async def sleep(self, seconds: float) -> None:
        assert seconds > 0
        if self.meanwhile:
            self.meanwhile.pop(0)()
        self.clock.now += seconds


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


@pytest.mark.parametrize(("ceiling", "many"), [(1, 20), (10, 20), (11, 22), (30, 60), (50, 100), (51, 100), (512, 100)])
def test_how_many_failures_and_how_long_open_the_circuit(ceiling, many):
    """Twice as many failures as may be in the air, from 20 to 100, and a whole outage's time: both to the last one."""
    for throttles in (0, many - 5):
        clock = Clock()
        pace = Pace(ceiling, stop=Stop(), outage_after=30.0, clock=clock)
        clock.now = 30.0
        for _n in range(throttles):
            pace.throttled(0, None)
        for _n in range(many - 1 - throttles):
            pace.faulted(0)
        assert not pace.tripped
        pace.faulted(0)
        assert pace.tripped
        clock.now = 29.9
        assert not pace.tripped
        pace.succeeded()
        clock.now = 59.9
        for _n in range(many - 1):
            pace.faulted(0)
        assert not pace.tripped


def test_slow_faults_open_the_circuit_at_twice_the_time():
    """Five lost calls are enough from twice the outage's time on; throttled ones are not lost."""
    clock = Clock()
    pace = Pace(64, stop=Stop(), outage_after=30.0, clock=clock)
    for _n in range(4):
        pace.faulted(0)
        pace.throttled(0, None)
    clock.now = 60.0
    assert not pace.tripped
    pace.faulted(0)
    assert pace.tripped
    clock.now = 59.9
    assert not pace.tripped


@pytest.mark.parametrize("report", ["throttled", "faulted"])
def test_pauses_put_the_outage_off_by_the_time_they_add(report):
    """Two pauses that overlap count once: the outage's time begins when the longer one is over."""
    clock = Clock()
    pace = Pace(8, stop=Stop(), outage_after=30.0, clock=clock)
    for _n in range(20):
        getattr(pace, report)(0, None)
    getattr(pace, report)(0, 10.0)
    clock.now = 4.0
    getattr(pace, report)(0, 3.0)
    getattr(pace, report)(0, 8.0)
    getattr(pace, report)(0, 0.0)
    clock.now = 41.9
    assert not pace.tripped
    clock.now = 42.0
    assert pace.tripped


def entries(pace: Pace, clock: Clock, n: int) -> list[float]:
    """When n calls leave, one after the other."""

    async def play() -> list[float]:
        left = []
        for _n in range(n):
            await pace.enter()
            left.append(clock.now)
            pace.leave()
        return left

    return asyncio.run(play())


def test_the_first_call_waits_for_nothing():
    """Without rate or pause calls leave at once; with a rate the first one does."""
    clock = Clock()
    assert entries(Pace(8, stop=Watched(clock), clock=clock), clock, 3) == [0.0, 0.0, 0.0]
    assert entries(Pace(8, stop=Watched(clock), clock=clock, max_rate=2.0), clock, 4) == [0.0, 0.5, 1.0, 1.5]


def test_a_rate_is_no_debt():
    """Time in which nobody called is not made up for: after it the calls are as far apart as before."""
    clock = Clock()
    pace = Pace(8, stop=Watched(clock), clock=clock, max_rate=2.0)
    assert entries(pace, clock, 2) == [0.0, 0.5]
    clock.now = 10.25
    assert entries(pace, clock, 3) == [10.25, 10.75, 11.25]


@pytest.mark.parametrize("report", ["throttled", "faulted"])
@pytest.mark.parametrize(("rate", "left"), [(None, [5.0, 5.0]), (2.0, [5.0, 5.5])])
def test_a_pause_is_kept_to_its_end(report, rate, left):
    """After a pause, whoever announced it, calls leave when it is over, and then at their rate."""
    clock = Clock()
    pace = Pace(8, stop=Watched(clock), clock=clock, max_rate=rate)
    getattr(pace, report)(0, 5.0)
    getattr(pace, report)(0, 2.0)
    assert entries(pace, clock, 2) == left


def test_a_pause_that_comes_while_a_call_waits_for_its_moment_holds_it():
    """A moment that falls into a pause is given up for one after the pause."""
    clock = Clock()
    stop = Watched(clock, lambda: pace.throttled(0, 5.0))
    pace = Pace(8, stop=stop, clock=clock, max_rate=1.0)
    assert entries(pace, clock, 3) == [0.0, 5.0, 6.0]


def test_whoever_waits_longest_comes_first():
    """A place that becomes free by growth or by leaving goes to those who wait, in their order, before late comers."""

    async def play() -> list[str]:
        stop = Stop()
        stop.bind()
        pace = Pace(64, stop=stop)
        for _n in range(8):
            await pace.enter()
        order: list[str] = []

        async def enter(name: str) -> None:
            await pace.enter()
            order.append(name)

        tasks = [asyncio.create_task(enter(name)) for name in ("first", "second")]
        await turn()
        pace.succeeded()
        tasks.append(asyncio.create_task(enter("late")))
        await turn()
        assert order == []
        pace.leave()
        await turn()
        assert order == ["first", "second"]
        assert pace.in_flight == pace.limit == 9
        pace.leave()
        await asyncio.gather(*tasks)
        return order

    assert asyncio.run(play()) == ["first", "second", "late"]


@pytest.mark.parametrize("moment", ["in the queue", "when the place is handed over", "in a pause", "for the rate"])
def test_whoever_is_cancelled_gives_the_place_back(moment):
    """A cancelled call ends as cancelled, and takes no place."""

    async def play() -> None:
        stop = Stop()
        stop.bind()
        pace = Pace(1, stop=stop, max_rate=0.001 if moment == "for the rate" else None)
        await pace.enter()
        if moment == "in a pause":
            pace.throttled(0, 1000.0)
        if moment in {"in a pause", "for the rate"}:
            pace.leave()
        task = asyncio.create_task(pace.enter())
        await turn()
        if moment == "when the place is handed over":
            pace.leave()
        assert pace.in_flight == 1
        task.cancel()
        await turn()
        assert task.cancelled()
        assert pace.in_flight == (1 if moment == "in the queue" else 0)

    asyncio.run(play())


def test_a_place_is_not_handed_to_whoever_was_cancelled():
    """Somebody who waited and was cancelled is passed over: the place goes to the next one."""

    async def play() -> None:
        stop = Stop()
        stop.bind()
        pace = Pace(1, stop=stop)
        await pace.enter()
        gone, there = (asyncio.create_task(pace.enter()) for _n in range(2))
        await turn()
        gone.cancel()
        await turn()
        pace.leave()
        await asyncio.wait_for(there, 60)
        assert pace.in_flight == 1

    asyncio.run(play())


def test_a_burst_is_five_faults_in_a_row_and_each_burst_counts_once():
    """Four faults change nothing, nine are one burst, ten are two; a success begins the count anew."""
    pace = Pace(8, stop=Stop())
    limits = []
    for n in range(10):
        pace.faulted(0 if n < 5 else 1)
        limits.append(pace.limit)
    assert limits == [8, 8, 8, 8, 4, 4, 4, 4, 4, 2]


def test_the_pace_never_falls_below_one_call():
    """However often the API asks to slow down, one call may be in the air."""
    pace = Pace(4, stop=Stop())
    limits = []
    for began in range(4):
        pace.throttled(began, None)
        limits.append(pace.limit)
    assert limits == [2, 1, 1, 1]


def test_growth_after_a_throttling_is_one_a_round_trip():
    """Up to the number at which it was halved the pace grows by one a call, beyond it by one a round trip."""
    pace = Pace(16, stop=Stop())
    for _n in range(8):
        pace.succeeded()
    pace.throttled(0, None)
    pace.throttled(1, None)
    assert pace.limit == 4
    limits = []
    for _n in range(10):
        pace.succeeded()
        limits.append(pace.limit)
    # 4 + 1/4 + 1/4.25 + ...: five after five calls, six after five or six more.
    assert limits == [4, 4, 4, 4, 5, 5, 5, 5, 5, 6]
    for _n in range(200):
        pace.succeeded()
    assert pace.limit == 16
