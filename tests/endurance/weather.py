"""What a server goes through: phases of good and bad weather, one after the other."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass

FAIR = ("fair", "fair, whole seconds")


@dataclass(frozen=True)
class Phase:
    """A time with one kind of weather.

    Attributes:
        name: what it is called in plot and samples.
        seconds: how long it lasts.
        latency: seconds that an answer takes.
        allowed: calls a second, as a share of the usual rate.
        windows: whether the calls of each whole second are counted; else they are a bucket that fills evenly.
        retry_after: what a 429 says, '' for nothing.
        refused, failed, lost: shares of the calls: 429, 503, and connections that break after the change.
        silent: whether connections are accepted and nothing is ever answered.
        down: whether nobody listens.
        late: seconds after which a change shows in the list.
    """

    name: str
    seconds: float
    latency: float = 0.02
    allowed: float = 1.0
    windows: bool = False
    retry_after: str = ""
    refused: float = 0.0
    failed: float = 0.0
    lost: float = 0.0
    silent: bool = False
    down: bool = False
    late: float = 0.0

    @property
    def fair(self) -> bool:
        """Whether nothing is wrong."""
        return self.name in FAIR


# Half an hour of it; other times are stretched or pressed together.
HALF_AN_HOUR = (
    Phase("fair", 240),
    Phase("429 storm", 40, refused=0.7),
    Phase("fair", 120),
    Phase("429 storm, Retry-After", 40, refused=0.7, retry_after="2"),
    Phase("fair, whole seconds", 180, windows=True, retry_after="1"),
    Phase("slow", 40, latency=0.4),
    Phase("restart", 12, down=True),
    Phase("fair", 120, late=8),
    Phase("503 outage", 150, failed=1.0),
    Phase("fair", 150, late=8),
    Phase("lost answers", 40, lost=0.05, failed=0.05, late=8),
    Phase("half the rate", 60, allowed=0.5),
    Phase("fair, whole seconds", 120, windows=True, retry_after="1"),
    Phase("silence", 120, silent=True, late=8),
    Phase("restart", 20, down=True),
    Phase("fair", 338, late=8),
)


@dataclass(frozen=True)
class Forecast:
    """The phases of a soak, and the rate that is allowed in fair weather."""

    phases: tuple[Phase, ...]
    rate: float

    @classmethod
    def lasting(cls, minutes: float, rate: float) -> Forecast:
        """The usual half an hour in so many minutes."""
        factor = minutes * 60 / sum(phase.seconds for phase in HALF_AN_HOUR)
        phases = (dataclasses.replace(phase, seconds=phase.seconds * factor) for phase in HALF_AN_HOUR)
        return cls(tuple(phases), rate)

    def at(self, seconds: float) -> Phase:
        """The weather so long after the beginning; fair after the last phase."""
        for end, phase in self._ends():
            if seconds < end:
                return phase
        return Phase("fair", float("inf"))

    def fair_for(self, seconds: float) -> float:
        """For how long the weather has not changed and been fair, 0 in any other."""
        began = 0.0
        for end, phase in self._ends():
            if seconds < end:
                return seconds - began if phase.fair else 0.0
            began = end
        return seconds - began

    def _ends(self) -> Iterator[tuple[float, Phase]]:
        end = 0.0
        for phase in self.phases:
            end += phase.seconds
            yield end, phase

    @property
    def text(self) -> str:
        """It in one line."""
        return json.dumps({"rate": self.rate, "phases": [dataclasses.asdict(phase) for phase in self.phases]})

    @classmethod
    def of(cls, text: str) -> Forecast:
        """What `text` says."""
        told = json.loads(text)
        return cls(tuple(Phase(**phase) for phase in told["phases"]), told["rate"])
