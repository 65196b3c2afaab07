"""How many calls a second the API lets through, as far as its refusals tell."""

from __future__ import annotations

import math
from collections import deque

_BELOW = 0.96  # of what was let through: the rate that is kept after a refusal
_STEEPEST = 0.5  # a second that was cut short by a pause tells of too few
# A rate that was right for so long is not far off: a busy machine that sent less, and then a heap, says nothing else.
_GENTLE, _GENTLE_AFTER_S = 0.9, 10.0
_EFFECT_S = 1.0  # quotas are counted in seconds, so a slower rate shows its effect only after one
_SAMPLE = 20  # fewer calls tell no rate
_MOMENT_S = 0.05  # shorter ones tell no rate either
_SLOWEST = 0.5

# What counts calls a second refuses when the rate is where it refused before, and nothing while it is below.
_SAME = 0.99
_IN_VAIN = 4  # so many refusals at slower and slower rates: it counts something else
_DOUBT_S, _LONGEST_DOUBT_S, _MORE_DOUBT = 15.0, 300.0, 4.0  # until the rate is tried again

_CALM_S = 2.0  # so long, and so many calls that chance lets all of them through once in some hundred times
_MEMORY = 50  # calls over which the share of refusals is reckoned
_SIGNIFICANT, _LEAST_SHARE = 5.0, 0.05

_CREEP = 0.0015  # growth in a second while a rate proves right
_PROVING_S = 25.0
_LEAP = 0.05  # growth in the first second after a calm where no rate was proven; it doubles each second
_LONGEST_DOUBLING = 10.0


class Allowance:
    """Learns the rate; nothing is known of it before the first refusal.

    After one, the rate is a little less than what was let through lately. It creeps up until the next one, and after a
    while without one it grows faster and faster, since more may be allowed by now. That what refuses counts calls a
    second is a guess. A calm at the slower rate and a refusal where it was refused before prove it; refusals at slower
    and slower rates disprove it: the rate is given up then, and refusals tell nothing of it for some time.

    Args:
        now: the time, monotonic seconds.

    Attributes:
        rate: calls a second, None while nothing is known of it.
    """

    def __init__(self, now: float) -> None:
        self.rate: float | None = None
        self._proven = False
        self._let_through: deque[float] = deque()
        self._share = 0.0  # of the calls that were refused lately
        self._calm_since, self._calm_calls, self._calm_from = now, 0, 0.0
        self._slowed_at, self._since_slowed = now, 0
        self._refused_at = 0.0  # the rate that was allowed when one was refused
        self._in_vain = 0
        self._doubt_s, self._doubted_until = _DOUBT_S, now

    def succeeded(self, now: float, *, waited: bool) -> None:
        """A call was let through; `waited` tells whether others wait for the rate alone."""
        self._share -= self._share / _MEMORY
        self._calm_calls += 1
        self._since_slowed += 1
        self._let_through.append(now)
        self._forget(now)
        if self.rate is not None and waited:
            self.rate += self._growth(now - self._calm_since)

    def refused(self, now: float, resume_at: float, *, news: bool) -> bool:
        """A call was refused, and nobody calls before `resume_at`; whether a slower rate is answer enough.

        With `news` the call left since the last slowing down; others tell nothing about what came of that.
        """
        self._share += (1.0 - self._share) / _MEMORY
        if news and self.rate is None:
            self._begin(now)
        elif news and self.rate is not None and now - self._slowed_at >= _EFFECT_S:
            self._learn(self.rate, now)
        self._calm_since, self._calm_calls = max(now, resume_at), 0
        return self._proven

    def _begin(self, now: float) -> None:
        many = len(self._let_through)
        if many >= _SAMPLE and now >= self._doubted_until:
            least = many / max(1.0, now - self._let_through[0])
            most = self._calm_calls / max(_MOMENT_S, now - self._calm_since)
            self._in_vain = 0
            self._slow_down(_between(least, max(least, most)), now)
            self._refused_at = 0.0  # nobody knows whether it counts

    def _learn(self, rate: float, now: float) -> None:
        calm_s = now - self._calm_since
        calm = calm_s >= _CALM_S and self._calm_calls >= self._calm_from
        if calm and rate >= _SAME * self._refused_at:
            self._in_vain, self._doubt_s, self._proven = 0, _DOUBT_S, True
        elif not calm or calm_s < _GENTLE_AFTER_S:
            self._in_vain += 1
        if self._in_vain >= _IN_VAIN:
            self._give_up(now)
            return
        lately = self._lately(now)
        if not (calm or self._proven):
            lately = _between(self._since_slowed / (now - self._slowed_at), lately)
        self._proven = self._proven and self._in_vain < 2 and lately >= rate * _STEEPEST
        least = rate * (_GENTLE if calm_s >= _GENTLE_AFTER_S else _STEEPEST)
        self._slow_down(min(max(lately, least), rate), now)

    def _slow_down(self, allowed: float, now: float) -> None:
        self.rate, self._refused_at = max(_SLOWEST, _BELOW * allowed), allowed
        self._slowed_at, self._since_slowed = now, 0
        self._calm_from = _SIGNIFICANT / max(self._share, _LEAST_SHARE)

    def _give_up(self, now: float) -> None:
        self.rate, self._proven = None, False
        self._doubted_until = now + self._doubt_s
        self._doubt_s = min(_MORE_DOUBT * self._doubt_s, _LONGEST_DOUBT_S)

    def _lately(self, now: float) -> float:
        """Calls a second that were let through in the last second, or of the last calls where those are few."""
        self._forget(now)
        return len(self._let_through) / max(1.0, now - self._let_through[0])

    def _forget(self, now: float) -> None:
        while len(self._let_through) > _SAMPLE and self._let_through[0] <= now - 1.0:
            self._let_through.popleft()

    def _growth(self, calm_s: float) -> float:
        """By how much the rate grows with a call; as there are `rate` calls a second, that is its share in a second."""
        if self._calm_calls < self._calm_from:
            return 0.0
        quiet, first = (_PROVING_S, _CREEP) if self._proven else (_CALM_S, _LEAP)
        if calm_s < quiet:
            return _CREEP
        grown: float = first * 2.0 ** min(calm_s - quiet, _LONGEST_DOUBLING)
        return min(1.0, grown)


def _between(least: float, most: float) -> float:
    """What is allowed is not less than what came through in a time with pauses, nor more than in one without."""
    return math.sqrt(least * most)
