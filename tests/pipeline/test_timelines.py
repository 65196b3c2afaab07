"""What two readings of a list show is put down to the run that explains it, and to no other."""

from __future__ import annotations

import pytest

from ptx_bulk.model import Event, ListKind
from ptx_bulk.pipeline.reading_lists.number_search import explained
from ptx_bulk.pipeline.reading_lists.timelines import Sighting, reading_events

READINGS = [Sighting(1000.0, False), Sighting(2000.0, True), Sighting(3000.0, False), Sighting(4000.0, True)]


def ours(at: float, **more: object) -> dict[str, object]:
    """An addition by a run of ours."""
    run = {"run_id": "r", "command": "import", "actor": "", "host": "", "comment": "", "version": "", "reason": ""}
    change = {"number": 1, "list": "stop", "account": "a", "action": "add", "status": "applied", "at": at}
    return {**run, **change, **more}


def causes(*made: dict[str, object]) -> list[tuple[str, str]]:
    """Arrivals and departures with the run that explains each."""
    rows = explained(list(reading_events(1, ListKind.STOP, "a", READINGS)), made)
    return [(row["event"].value, row.get("run_id", "")) for row in rows if row["event"] in (Event.CAME, Event.LEFT)]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ([], ["", "", ""]),
        ([ours(1500.0)], ["r", "", ""]),
        ([ours(650.0)], ["", "", ""]),
        ([ours(750.0)], ["r", "", ""]),  # a list may show a little late what was done
        ([ours(750.0, verified="yes")], ["", "", ""]),  # it had shown it before
        ([ours(2100.0)], ["r", "", ""]),  # while the list was read
        ([ours(2600.0)], ["", "", ""]),
        ([ours(3500.0)], ["", "", "r"]),
        ([ours(2500.0, action="remove")], ["", "r", ""]),
        ([ours(1500.0, status="unknown")], ["r", "", ""]),
        ([ours(1500.0, status="unchanged")], ["", "", ""]),
        ([ours(1500.0, number=2)], ["", "", ""]),
        ([ours(1500.0, list="npai")], ["", "", ""]),
        ([ours(1500.0, account="b")], ["", "", ""]),
        ([ours(2100.0, run_id="later"), ours(1500.0)], ["r", "", ""]),
        ([ours(3500.0, run_id="later"), ours(1500.0)], ["r", "", "later"]),
    ],
)
def test_an_arrival_is_put_down_to_the_run_that_explains_it(made, expected):
    """Same number, list, account and direction, between the two readings or a little beside, and perhaps done."""
    assert causes(*made) == list(zip(["came", "left", "came"], expected, strict=True))
