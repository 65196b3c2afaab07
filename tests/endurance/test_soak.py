"""The soak's own parts, and a short soak."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest

from tests.endurance import figures, plot, soak
from tests.endurance.client import Command
from tests.endurance.server import Allowed, Lists
from tests.endurance.weather import Forecast, Phase

WEATHER = Forecast((Phase("fair", 100), Phase("503 outage", 20, failed=1.0), Phase("fair", 100)), rate=10)


def seconds(**columns: object) -> pd.DataFrame:
    """A line for each of 200 seconds, as the server writes them: all that is allowed, and nothing wrong."""
    names = dict.fromkeys(("already", "refused", "failed", "lost", "unasked", "listed", "other"), 0)
    rows = pd.DataFrame({"second": range(200), "added": 10, **names}).assign(**columns)
    return rows.assign(weather=[WEATHER.at(second).name for second in rows["second"]])


def timeline(folder: Path, told: pd.DataFrame) -> pd.DataFrame:
    """What is made of it, with one command all the time whose memory grows by a MB a second."""
    told.to_csv(folder / "seconds.csv", index=False)
    samples = [figures.Sample(at + 0.5, 1, 100.0 + at, 50, 4, at / 10) for at in range(200)]
    return figures.timeline(folder, samples, [Command(("import",), 0.0, 200.0, 0)], WEATHER)


def test_steady_is_what_is_half_a_minute_away_from_bad_weather_and_from_a_start(tmp_path):
    """Nothing else is judged."""
    rows = timeline(tmp_path, seconds())
    assert rows.loc[rows["steady"], "second"].tolist() == [*range(30, 98), *range(150, 198)]


def test_rate_and_refusals_are_those_of_the_steady_time(tmp_path):
    """Nine of ten allowed calls and one refused in ten are told as that, whatever the storm between."""
    told = seconds(added=9, refused=1)
    told.loc[100:119, ["added", "refused", "failed"]] = [0, 500, 500]
    rows = timeline(tmp_path, told)
    assert figures.reached(rows) == (pytest.approx(0.9), pytest.approx(0.1))
    assert any("10.0% of the calls were refused" in fault for fault in soak.unsteady(rows))


def test_memory_that_grows_is_told(tmp_path):
    """A MB a second is no flat line."""
    rows = timeline(tmp_path, seconds())
    (trend,) = figures.trends(rows, "memory")
    assert trend.growth == pytest.approx(167)
    assert any("memory of process 1 grew" in fault for fault in soak.unsteady(rows))
    assert not any("open files" in fault for fault in soak.unsteady(rows))


def test_what_is_allowed_is_counted():
    """A bucket lets through what it holds, and whole seconds what each may have."""
    moments = (100.0, 100.0625, 101.0)
    for windows, passed in ((False, [100, 6, 94]), (True, [100, 0, 100])):
        times = iter([moments[0], *(moment for moment in moments for _call in range(200))])
        allowed, phase = Allowed(100, lambda times=times: next(times)), Phase("fair", 1, windows=windows)
        found = [sum(allowed.passes(phase) for _call in range(200)) for _moment in moments]
        assert found == passed


def test_a_late_list_shows_what_was_there_before():
    """What was added after that moment is not shown yet."""
    lists = Lists(["+33600000000"])
    assert lists.add("+33600000001", 5.0)
    assert not lists.add("+33600000001", 6.0)
    assert [len(lists.shown(until)) for until in (0.0, 4.9, 5.0)] == [1, 1, 2]


def test_the_picture_is_well_formed(tmp_path):
    """It is XML, with a line for each figure."""
    root = ElementTree.fromstring(plot.drawn(timeline(tmp_path, seconds())))
    assert len(root.findall("{http://www.w3.org/2000/svg}polyline")) == 7


@pytest.mark.endurance
@pytest.mark.timeout(600)
@pytest.mark.skipif(sys.platform == "win32", reason="a port that was left cannot be taken again at once there")
def test_a_soak_of_two_minutes(tmp_path):
    """The list is exact, nobody was added who was not asked for, and nothing lies about."""
    forecast = Forecast.lasting(2, 100)
    late = tuple(dataclasses.replace(phase, late=min(phase.late, 1.0)) for phase in forecast.phases)
    soaked = soak.soak(tmp_path, 6000, dataclasses.replace(forecast, phases=late), say=lambda _text: None)
    assert [fault for fault in soaked.faults if "steady" not in fault] == []
