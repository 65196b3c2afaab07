"""What two readings of a list show is put down to the run that explains it, and to no other."""

from __future__ import annotations

import pytest

from ptx_bulk.model import Event, ListKind
from ptx_bulk.pipeline.reading_lists.timelines import Reading, reading_events

READINGS = [Reading(100.0, False), Reading(200.0, True), Reading(300.0, False), Reading(400.0, True)]


def ours(at: float, **more: object) -> dict[str, object]:
    """An addition by a run of ours."""
    run = {"run_id": "r", "command": "import", "actor": "", "host": "", "comment": "", "version": "", "reason": ""}
    change = {"number": 1, "list": "stop", "account": "a", "action": "add", "status": "applied", "at": at}
    return {**run, **change, **more}


def causes(*made: dict[str, object]) -> list[tuple[str, str]]:
    """Arrivals and departures with the run that explains each."""
    rows = reading_events(1, ListKind.STOP, "a", READINGS, made)
    return [(row["event"].value, row.get("run_id", "")) for row in rows if row["event"] in (Event.CAME, Event.LEFT)]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ([], ["", "", ""]),
        ([ours(150.0)], ["r", "", ""]),
        ([ours(90.0)], ["", "", ""]),
        ([ours(205.0)], ["r", "", ""]),  # while the list was read
        ([ours(270.0)], ["", "", ""]),
        ([ours(350.0)], ["", "", "r"]),
        ([ours(250.0, action="remove")], ["", "r", ""]),
        ([ours(150.0, status="unknown")], ["r", "", ""]),
        ([ours(150.0, status="unchanged")], ["", "", ""]),
        ([ours(150.0, number=2)], ["", "", ""]),
        ([ours(150.0, list="npai")], ["", "", ""]),
        ([ours(150.0, account="b")], ["", "", ""]),
        ([ours(205.0, run_id="later"), ours(150.0)], ["r", "", ""]),
        ([ours(160.0, run_id="later"), ours(150.0)], ["later", "", ""]),
    ],
)
def test_an_arrival_is_put_down_to_the_last_run_that_explains_it(made, expected):
    """Same number, list, account and direction, between the two readings, and done or perhaps done."""
    assert causes(*made) == list(zip(["came", "left", "came"], expected, strict=True))
