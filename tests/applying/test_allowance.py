"""What is learnt of the rate that the API allows, by what it refuses."""

from __future__ import annotations

import random

import pytest

from ptx_bulk.applying.allowance import Allowance
from tests.applying.quotas import Traffic
from tests.faults.limits import Bucket, LastSecond, WholeSeconds

QUICK = pytest.param(0.02, marks=pytest.mark.slow)
LONG = pytest.param(0.4, marks=pytest.mark.endurance)


@pytest.mark.parametrize("retry_after", [None, 1.0])
@pytest.mark.parametrize("quota", [Bucket, WholeSeconds, LastSecond])
@pytest.mark.parametrize("latency", [QUICK, LONG])
def test_in_steady_weather_nearly_all_that_is_allowed_is_used(quota, latency, retry_after):
    """However the calls are counted: 90% of the allowed rate, and fewer than 5% of the calls are refused."""
    traffic = Traffic(quota(50).passes, retry_after=retry_after, latency=latency)
    traffic.flow(90)
    used, refused = traffic.share(50, 30, 90)
    assert used >= 0.9
    assert refused < 0.05


@pytest.mark.slow
@pytest.mark.parametrize("retry_after", [None, 2.0])
def test_after_a_storm_the_rate_is_found_again(retry_after):
    """A storm that refuses seven calls of ten, whatever their rate, is as good as forgotten within fifteen seconds."""
    bucket, chance = Bucket(50), random.Random(2)

    def passes(now: float) -> bool:
        return bucket.passes(now) and not (20 <= now < 40 and chance.random() < 0.7)

    traffic = Traffic(passes, retry_after=retry_after, latency=0.02)
    traffic.flow(80)
    assert traffic.share(50, 25, 40)[0] < 0.4
    used, refused = traffic.share(50, 55, 80)
    assert used >= 0.85
    assert refused < 0.05


@pytest.mark.slow
def test_more_is_found_when_more_is_allowed():
    """A rate that is doubled is found within forty seconds."""
    less, more = Bucket(25), Bucket(50)
    traffic = Traffic(lambda now: (less if now < 30 else more).passes(now), retry_after=None, latency=0.02)
    traffic.flow(90)
    assert traffic.share(25, 10, 30)[0] >= 0.9
    assert traffic.share(50, 70, 90)[0] >= 0.9


def test_less_is_found_at_once_when_less_is_allowed():
    """A rate that is halved is kept within three seconds, with few calls refused."""
    more, less = Bucket(60), Bucket(30)
    traffic = Traffic(lambda now: (more if now < 10 else less).passes(now), retry_after=None, latency=0.02)
    traffic.flow(30)
    assert traffic.share(30, 10, 30)[1] < 0.05
    assert traffic.share(30, 13, 30)[0] >= 0.9


@pytest.mark.slow
@pytest.mark.parametrize(("share", "usual"), [(0.01, 260), (0.05, 118), (0.2, 48)])
def test_refusals_that_no_rate_prevents_are_found_out(share, usual):
    """Where so many calls are refused at any rate, nearly as many come through as without a rate: `usual` a second."""
    chance = random.Random(5)
    traffic = Traffic(lambda _now: chance.random() >= share, retry_after=None, latency=0.05)
    traffic.flow(240)
    assert traffic.share(usual, 10, 240)[0] >= 0.85


def allowed(calls: int, *, first: float = 0.0, rate: float = 100, waited: bool = False, of: Allowance | None = None):
    """An allowance, a new one if none is given, after so many calls at a rate from a moment on; none was refused."""
    allowance = of or Allowance(first)
    for n in range(calls):
        allowance.succeeded(first + n / rate, waited=waited)
    return allowance


def test_nothing_is_known_before_a_refusal():
    """Without a refusal, or where hardly anything was ever let through, there is no rate."""
    assert allowed(1000, waited=True).rate is None
    refused = allowed(19)
    assert not refused.refused(1.0, 0.0, news=True)
    assert refused.rate is None


@pytest.mark.parametrize("start", [0.0, 1000.0])
def test_the_first_rate_is_a_little_less_than_what_was_let_through(start):
    """A call that is refused after a second of others sets the rate; so far that is a guess."""
    allowance = allowed(100, first=start)
    assert not allowance.refused(start + 0.9999, 0.0, news=True)
    assert allowance.rate == pytest.approx(96, rel=1e-3)


@pytest.mark.parametrize("start", [0.0, 1000.0])
def test_a_heap_at_the_start_tells_both_of_more_and_of_less(start):
    """Of forty calls in a tenth of a second nobody knows whether they are all of a second: the middle is tried."""
    allowance = allowed(40, first=start, rate=400)
    allowance.refused(start + 0.1, 0.0, news=True)
    assert allowance.rate == pytest.approx(0.96 * (40 * 400) ** 0.5)


@pytest.mark.parametrize("start", [0.0, 1000.0])
def test_what_came_through_since_the_slowing_down_tells_of_the_next_rate(start):
    """A second refusal after a busy second is no proof; the rate is a little less than what was let through in it."""
    allowance = allowed(100, first=start)
    allowance.refused(start + 0.9999, 0.0, news=True)
    allowed(60, first=start + 1.0, rate=60, of=allowance)
    assert not allowance.refused(start + 1.9999, 0.0, news=True)
    assert allowance.rate == pytest.approx(0.96 * 60, rel=1e-3)


def test_a_call_that_left_before_the_slowing_down_tells_nothing():
    """Refusals of calls that were in the air already change no rate."""
    allowance = allowed(100)
    allowance.refused(1.0, 0.0, news=True)
    allowed(200, first=1.0, of=allowance)
    allowance.refused(3.0, 0.0, news=False)
    assert allowance.rate == pytest.approx(96)


def test_a_rate_that_is_not_used_does_not_grow():
    """Where nobody waits for the rate, that it was not refused says nothing."""
    allowance = allowed(100)
    allowance.refused(1.0, 0.0, news=True)
    allowed(3000, first=1.0, of=allowance)
    assert allowance.rate == pytest.approx(96)


def test_a_rate_grows_after_a_calm_of_some_time_and_many_calls():
    """A guess leaps after two seconds in which a hundred calls and more were let through, and not before."""
    allowance = allowed(100)
    allowance.refused(1.0, 0.0, news=True)
    allowed(95, first=1.0, rate=47, waited=True, of=allowance)
    assert allowance.rate == pytest.approx(96)
    allowed(47, first=1.0 + 95 / 47, rate=47, waited=True, of=allowance)
    assert 98 < (allowance.rate or 0) < 105


def test_a_hundred_calls_make_a_calm_where_few_were_refused():
    """The hundredth call after a refusal is the first by which the rate grows, where nearly all were let through."""
    allowance = allowed(100)
    allowance.refused(0.9999, 0.0, news=True)
    before = allowance.rate
    allowed(99, first=1.0, waited=True, of=allowance)
    assert allowance.rate == before
    allowed(1, first=2.0, waited=True, of=allowance)
    assert allowance.rate > before


def test_few_calls_make_a_calm_where_most_were_refused():
    """Where two of three calls were refused lately, eight that are let through are no chance."""
    allowance = allowed(100)
    for _ in range(50):
        allowance.refused(0.9, 0.0, news=False)
    allowance.refused(0.9999, 0.0, news=True)
    before = allowance.rate
    allowed(7, first=1.0, rate=10, waited=True, of=allowance)
    assert allowance.rate == before
    allowed(1, first=1.7, waited=True, of=allowance)
    assert allowance.rate > before


def test_after_a_long_calm_the_rate_grows_by_one_a_call():
    """However long nothing was refused, no call makes the rate grow by more than one a second."""
    allowance = allowed(100)
    allowance.refused(0.9999, 0.0, news=True)
    allowed(1500, first=1.0, waited=True, of=allowance)
    before = allowance.rate
    allowed(10, first=16.0, waited=True, of=allowance)
    assert allowance.rate == before + 10


def test_growth_doubles_each_second_behind_a_calm():
    """Three seconds behind the calm a call makes the rate grow by eight times what it was at first."""
    allowance = allowed(100)
    allowance.refused(1.0, 0.0, news=True)
    allowed(100, first=1.0, of=allowance)
    before = allowance.rate
    allowed(1, first=3.0, waited=True, of=allowance)
    assert allowance.rate - before == pytest.approx(0.05)
    before = allowance.rate
    allowed(1, first=6.0, waited=True, of=allowance)
    assert allowance.rate - before == pytest.approx(0.4)


def uneven(allowance: Allowance, start: float, early: int, late: int) -> float:
    """Some calls in a second and a half, others in the second after them, then a refusal; the rate after it."""
    allowed(early, first=start, rate=early / 1.5, of=allowance)
    allowed(late, first=start + 1.5001, rate=late, of=allowance)
    allowance.refused(start + 2.5, 0.0, news=True)
    return allowance.rate


def test_after_a_calm_the_last_second_alone_tells():
    """What was let through before the last second of a calm says nothing, were the rate proven or not."""
    allowance = allowed(100)
    allowance.refused(1.0, 0.0, news=True)
    allowed(90, first=1.0, rate=90, of=allowance)
    allowance.refused(2.0, 0.0, news=True)
    assert allowance.rate == pytest.approx(0.96 * 90, rel=0.02)
    assert uneven(allowance, 2.0, 50, 70) == pytest.approx(0.96 * 70, rel=0.02)  # calm, and no proof: 86 is not 90
    proven = allowed(100)
    proven.refused(1.0, 0.0, news=True)
    assert uneven(proven, 1.0, 50, 80) == pytest.approx(0.96 * 80, rel=0.02)
    assert uneven(proven, 3.5, 20, 60) == pytest.approx(0.96 * 60, rel=0.02)  # no calm, but proven before


def test_of_few_calls_a_second_the_last_twenty_tell():
    """A rate that is too slow to be seen in one second is told by the time that twenty calls took."""
    allowance = allowed(20, rate=10)
    allowance.refused(2.0, 0.0, news=True)
    assert allowance.rate == pytest.approx(0.96 * 10)
    allowed(20, first=2.0, rate=8, of=allowance)
    allowance.refused(4.5, 0.0, news=True)
    assert allowance.rate == pytest.approx(0.96 * 8)


@pytest.mark.parametrize(("calls", "seconds", "proves"), [(100, 2.01, True), (99, 2.01, False), (150, 1.99, False)])
def test_a_calm_is_two_seconds_and_a_hundred_calls(calls, seconds, proves):
    """Less time, or fewer calls where few were refused, proves no rate."""
    allowance = allowed(100)
    allowance.refused(0.9999, 0.0, news=True)
    allowed(calls, first=1.0, rate=calls / seconds, of=allowance)
    assert allowance.refused(0.9999 + seconds, 0.0, news=True) is proves


def test_a_second_refusal_tells_nothing_before_the_slower_rate_could_help():
    """Within a second after it was slowed down, the rate stays; then what was let through tells, half at most."""
    allowance = allowed(100)
    allowance.refused(1.0, 0.0, news=True)
    assert not allowance.refused(1.9, 0.0, news=True)
    assert allowance.rate == pytest.approx(96)
    assert not allowance.refused(2.0, 0.0, news=True)
    assert allowance.rate == pytest.approx(0.96 * 96 / 2)


def test_a_refusal_after_a_calm_time_proves_the_rate():
    """What was let through in the last second is the allowed rate; nothing else has to be slowed down."""
    allowance = allowed(100)
    allowance.refused(1.0, 0.0, news=True)
    allowed(300, first=1.0, waited=True, of=allowance)
    assert allowance.refused(4.0, 0.0, news=True)
    assert allowance.rate == pytest.approx(96, rel=0.02)


def test_a_rate_that_proved_right_is_not_lost_by_one_refusal():
    """Where a busy machine sent less than it might, and then a heap of calls, one refusal takes a little."""
    allowance = allowed(100)
    allowance.refused(1.0, 0.0, news=True)
    allowed(660, first=1.0, rate=60, of=allowance)
    allowance.refused(12.0, 0.0, news=True)
    assert allowance.rate == pytest.approx(0.96 * 0.9 * 96)


def in_vain(allowance: Allowance, start: float, times: int = 4) -> float:
    """Refusals at slower and slower rates, each after a second and some calls; when the last of them came."""
    for second in range(times):
        allowed(60, first=start + second, of=allowance)
        allowance.refused(start + second + 1.0, 0.0, news=True)
    return start + times


def test_a_rate_that_helps_nobody_is_given_up_and_not_tried_again_at_once():
    """Four refusals in a row at slower rates: there is no rate, for 15 seconds, the next time for a minute."""
    allowance = allowed(100)
    allowance.refused(1.0, 0.0, news=True)
    now = in_vain(allowance, 1.0, times=3)
    assert allowance.rate is not None
    now = in_vain(allowance, now, times=1)
    for doubt in (15.0, 60.0, 240.0, 300.0, 300.0):
        assert allowance.rate is None
        allowed(100, first=now + doubt - 1.1, of=allowance)
        assert not allowance.refused(now + doubt - 0.1, 0.0, news=True)
        assert allowance.rate is None
        allowance.refused(now + doubt, 0.0, news=True)
        assert allowance.rate is not None
        now = in_vain(allowance, now + doubt)


def test_a_storm_does_not_disprove_for_good_what_was_proven():
    """After a rate was proven once more, the next doubt is as short as the first."""
    allowance = allowed(100)
    allowance.refused(1.0, 0.0, news=True)
    now = in_vain(allowance, 1.0) + 15.0
    allowed(100, first=now - 1.0, of=allowance)
    allowance.refused(now, 0.0, news=True)
    allowed(300, first=now, waited=True, of=allowance)
    assert allowance.refused(now + 3.0, 0.0, news=True)
    now = in_vain(allowance, now + 3.0)
    assert allowance.rate is None
    allowed(100, first=now + 14.0, of=allowance)
    allowance.refused(now + 15.0, 0.0, news=True)
    assert allowance.rate is not None


def test_the_rate_never_falls_to_nothing():
    """However little comes through, a call leaves every two seconds."""
    allowance = allowed(20, rate=0.1)
    allowance.refused(200.0, 0.0, news=True)
    assert allowance.rate == 0.5
    allowed(100, first=201.0, rate=0.5, of=allowance)
    assert allowance.refused(401.0, 0.0, news=True)  # and that rate can be proven, too
