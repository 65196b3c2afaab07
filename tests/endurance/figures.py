"""What came of a soak, in figures: rate and refusals in steady weather, memory and handles over time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from tests.endurance.client import Command, Sample
from tests.endurance.weather import Forecast

SETTLING_S = 30.0  # so long after bad weather, or after a start, weather and pace count as steady
_LEAST_S = 30  # a shorter series says nothing about a trend


@dataclass(frozen=True)
class Trend:
    """How a figure of one process went while it was sending in steady weather.

    Attributes:
        process: which of the commands.
        first, last: the straight line that fits best, at its two ends.
        seconds: how long it is.
    """

    process: int
    first: float
    last: float
    seconds: float

    @property
    def growth(self) -> float:
        """By how much it grew."""
        return self.last - self.first


def timeline(folder: Path, samples: list[Sample], commands: list[Command], forecast: Forecast) -> pd.DataFrame:
    """A row a second: the server's counts, the process's sample, and whether the second counts as steady."""
    seconds = pd.read_csv(folder / "seconds.csv")
    seen = pd.DataFrame([vars(sample) for sample in samples]).assign(second=lambda rows: rows["at"].astype(int))
    seen = seen.drop_duplicates("second", keep="last").drop(columns="at")
    rows = seconds.merge(seen, how="left", on="second")
    rows["answered"] = rows["added"] + rows["already"]
    rows["allowed"] = [forecast.rate * forecast.at(second).allowed for second in rows["second"]]
    # The server's clock may be a moment late: what ends just now is left out, too.
    fair = [min(forecast.fair_for(second), forecast.fair_for(second + 2)) for second in rows["second"]]
    rows["steady"] = _sending(rows, commands) & (np.array(fair) >= SETTLING_S)
    return rows


def _sending(rows: pd.DataFrame, commands: list[Command]) -> pd.Series:
    """Whether a command is in the middle of its sending: not just begun, not at its end."""
    sending = pd.Series(False, index=rows.index)
    for command in commands:
        called = rows[rows["second"].between(command.began, command.ended) & (rows["answered"] + rows["refused"] > 0)]
        if len(called):
            sending |= rows["second"].between(called["second"].iloc[0] + SETTLING_S, called["second"].iloc[-1] - 2)
    return sending


def reached(rows: pd.DataFrame) -> tuple[float, float]:
    """In the steady seconds: the share of the allowed rate that was used, and that of the calls that were refused."""
    steady = rows[rows["steady"]]
    calls = steady[["answered", "refused", "failed", "lost"]].to_numpy().sum()
    return steady["answered"].sum() / steady["allowed"].sum(), steady["refused"].sum() / calls


def trends(rows: pd.DataFrame, column: str) -> list[Trend]:
    """The trend of a figure in each process that was long enough in steady weather."""
    found = []
    for process, steady in rows[rows["steady"] & rows[column].notna()].groupby("process"):
        seconds = steady["second"].to_numpy(dtype=float)
        if len(seconds) >= _LEAST_S:
            slope, start = np.polyfit(seconds, steady[column].to_numpy(dtype=float), 1)
            ends = start + slope * seconds[[0, -1]]
            found.append(Trend(int(process), float(ends[0]), float(ends[1]), float(seconds[-1] - seconds[0])))
    return found
