"""How many calls a second the API lets through, as far as its refusals tell."""

from __future__ import annotations

from collections import deque

_BELOW = 0.96  # of what was let through: the rate that is kept after a refusal
_STEEPEST = 0.5  # a second that was cut short by a pause tells of too few
# A rate that was right for so long is not far off: a busy machine that sent less, and then a heap, says nothing else.
_GENTLE, _GENTLE_AFTER_S = 0.9, 10.0
_EFFECT_S = 1.0  # quotas are counted in seconds, so a slower rate shows its effect only after one
_SAMPLE = 20  # fewer calls tell no rate
_CALM_S, _CALM_CALLS = 2.0, 10  # so long and so many without a refusal: the rate was right until then
_IN_VAIN = 4  # so many slower rates in a row that were refused all the same: it is not the rate
_CREEP = 0.0015  # growth in a second while a rate proves right
_PROVING_S = 25.0
_LEAP = 0.05  # growth in the first second after `_CALM_S` where no rate helped; it doubles each second
_LONGEST_DOUBLING = 10.0
_SLOWEST = 0.5


class Allowance:
    """Learns the rate; nothing is known of it before the first refusal.

    After one, the rate is a little less than what was let through lately. It creeps up until the next one, and after a
    while without one it grows faster and faster, since more may be allowed by now. Where slower rates don't help, what
    refuses is no quota: the rate is no knowledge then, and is given up soon after the last refusal.

    Args:
        now: the time, monotonic seconds.

    Attributes:
        rate: calls a second, None while it is not known.
    """

    def __init__(self, now: float) -> None:
        self.rate: float | None = None
        self._known = False
        self._calm_since = now
        self._calm_calls = 0
        self._let_through: deque[float] = deque()
        self._slowed_at = now
        self._in_vain = 0

    def succeeded(self, now: float, *, waited: bool) -> None:
        """A call was let through; `waited` tells whether others wait for the rate alone."""
        self._calm_calls += 1
        self._let_through.append(now)
        self._forget(now)
        if self.rate is not None and waited:
            self.rate += self._growth(now - self._calm_since)

    def refused(self, now: float, resume_at: float) -> bool:
        """A call was refused, and nobody calls before `resume_at`; whether a slower rate is answer enough."""
        calm = now - self._calm_since >= _CALM_S and self._calm_calls >= _CALM_CALLS
        if self.rate is None:
            self._begin(now)
        elif now - self._slowed_at >= _EFFECT_S:
            self._slow_down(self.rate, now, calm=calm)
        self._calm_since, self._calm_calls = max(now, resume_at), 0
        return self._known

    def _begin(self, now: float) -> None:
        if self._let_through:
            seconds = min(1.0, max(now - self._let_through[0], 0.01))
            self.rate, self._slowed_at = max(_SLOWEST, _BELOW * len(self._let_through) / seconds), now

    def _slow_down(self, rate: float, now: float, *, calm: bool) -> None:
        self._in_vain = 0 if calm else self._in_vain + 1
        lately = self._lately(now) or (rate if calm else rate * 0.7)
        self._known = lately >= rate * _STEEPEST and self._in_vain <= _IN_VAIN
        least = rate * (_GENTLE if now - self._calm_since >= _GENTLE_AFTER_S else _STEEPEST)
        self.rate = max(_SLOWEST, _BELOW * min(max(lately, least), rate))
        self._slowed_at = now

    def _lately(self, now: float) -> float:
        """Calls a second that were let through in the last second, or of the last calls; 0 where they are too few."""
        self._forget(now)
        few = len(self._let_through) < _SAMPLE
        return 0.0 if few else len(self._let_through) / max(1.0, now - self._let_through[0])

    def _forget(self, now: float) -> None:
        while len(self._let_through) > _SAMPLE and self._let_through[0] <= now - 1.0:
            self._let_through.popleft()

    def _growth(self, calm: float) -> float:
        """By how much the rate grows with a call; as there are `rate` calls a second, that is its share in a second."""
        quiet, first = (_PROVING_S, _CREEP) if self._known else (_CALM_S, _LEAP)
        if calm < quiet:
            return _CREEP
        grown: float = first * 2.0 ** min(calm - quiet, _LONGEST_DOUBLING)
        return min(1.0, grown)
