"""What allows so many calls a second: each counts them in its own way, and its `rate` may change."""

from __future__ import annotations

from collections import deque


class Bucket:
    """Fills evenly, and holds what is allowed in so many seconds."""

    def __init__(self, rate: float, seconds: float = 0.1) -> None:
        self.rate, self.seconds = rate, seconds
        self.left, self.filled = max(1.0, rate * seconds), 0.0

    def passes(self, now: float) -> bool:
        self.left = min(max(1.0, self.rate * self.seconds), self.left + (now - self.filled) * self.rate)
        self.filled = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class WholeSeconds:
    """Counts the calls of each second of the clock, those that it refuses included."""

    def __init__(self, rate: float) -> None:
        self.rate, self.second, self.counted = rate, -1, 0

    def passes(self, now: float) -> bool:
        if int(now) != self.second:
            self.second, self.counted = int(now), 0
        self.counted += 1
        return self.counted <= self.rate


class LastSecond:
    """Counts the calls of the last second that it let through."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.passed: deque[float] = deque()

    def passes(self, now: float) -> bool:
        while self.passed and self.passed[0] <= now - 1:
            self.passed.popleft()
        if len(self.passed) >= self.rate:
            return False
        self.passed.append(now)
        return True
