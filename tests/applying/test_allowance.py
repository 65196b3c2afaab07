"""What is learnt of the rate that the API allows, by what it refuses."""

from __future__ import annotations

import random

import pytest

from ptx_bulk.applying.allowance import Allowance
from tests.applying.quotas import Bucket, LastSecond, Traffic, WholeSeconds

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
    """A storm that refuses seven calls of ten, whatever their rate, is forgotten within fifteen seconds."""
    bucket, chance = Bucket(50), random.Random(2)

    def passes(now: float) -> bool:
        return bucket.passes(now) and not (20 <= now < 40 and chance.random() < 0.7)

    traffic = Traffic(passes, retry_after=retry_after, latency=0.02)
    traffic.flow(80)
    assert traffic.share(50, 25, 40)[0] < 0.2
    used, refused = traffic.share(50, 55, 80)
    assert used >= 0.9
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


def test_nothing_is_known_before_a_refusal():
    """Without a refusal, or where nothing was ever let through, there is no rate."""
    allowance = Allowance(0.0)
    for n in range(1000):
        allowance.succeeded(n / 100, waited=True)
    assert allowance.rate is None
    refused = Allowance(0.0)
    assert not refused.refused(1.0, 0.0)
    assert refused.rate is None


def test_the_first_rate_is_what_was_let_through():
    """The first refusal sets the rate a little below what the last second let through."""
    allowance = Allowance(0.0)
    for n in range(100):
        allowance.succeeded(n / 100, waited=False)
    assert not allowance.refused(1.0, 0.0)
    assert allowance.rate == pytest.approx(96)


def test_a_rate_that_is_not_used_does_not_grow():
    """Where nobody waits for the rate, that it was not refused says nothing."""
    allowance = Allowance(0.0)
    for n in range(100):
        allowance.succeeded(n / 100, waited=False)
    allowance.refused(1.0, 0.0)
    for n in range(3000):
        allowance.succeeded(1.0 + n / 100, waited=False)
    assert allowance.rate == pytest.approx(96)


def test_a_second_refusal_tells_nothing_before_the_slower_rate_could_help():
    """Within a second after it was slowed down, the rate stays."""
    allowance = Allowance(0.0)
    for n in range(100):
        allowance.succeeded(n / 100, waited=False)
    allowance.refused(1.0, 0.0)
    assert not allowance.refused(1.9, 0.0)
    assert allowance.rate == pytest.approx(96)
    assert not allowance.refused(2.0, 0.0)
    assert allowance.rate == pytest.approx(0.96 * 96 / 2)  # nothing was let through in the last second: half, at most


def test_a_refusal_after_a_calm_time_is_answered_by_the_rate_alone():
    """What was let through in the last second is the allowed rate; nothing else has to be slowed down."""
    allowance = Allowance(0.0)
    for n in range(100):
        allowance.succeeded(n / 100, waited=False)
    allowance.refused(1.0, 0.0)
    for n in range(270):
        allowance.succeeded(1.0 + n / 90, waited=True)
    assert allowance.refused(4.0, 0.0)
    assert allowance.rate == pytest.approx(0.96 * 90, rel=0.02)


def test_a_rate_that_proved_right_is_not_lost_by_one_refusal():
    """Where a busy machine sent less than it might, and then a heap of calls, one refusal takes a little."""
    allowance = Allowance(0.0)
    for n in range(100):
        allowance.succeeded(n / 100, waited=False)
    allowance.refused(1.0, 0.0)
    for n in range(660):
        allowance.succeeded(1.0 + n / 60, waited=False)
    assert allowance.refused(12.0, 0.0)
    assert allowance.rate == pytest.approx(0.96 * 0.9 * 96)


def test_the_rate_never_falls_to_nothing():
    """However long everything is refused, a call leaves every two seconds."""
    allowance = Allowance(0.0)
    allowance.succeeded(0.0, waited=False)
    for second in range(1, 100):
        allowance.refused(float(second), 0.0)
    assert allowance.rate == 0.5
