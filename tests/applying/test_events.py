"""What a log that machines read is told of the sending."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from ptx_bulk.applying import RetryPolicy, Stop, fetch
from ptx_bulk.applying.pace import Pace
from ptx_bulk.errors import RemoteError, ServerFault, Throttled, TimeLimitReached
from ptx_bulk.eventlog import note
from ptx_bulk.model import Code, ListKind
from ptx_bulk.remote import Client
from tests.faults import FaultyServer, always
from tests.faults import misbehaviour as bad

QUICK = {"initial": 0.001, "maximum": 0.001}


@pytest.fixture
def events(caplog: pytest.LogCaptureFixture):
    """The events so far: level, name and facts, without those that another test has bound to all events."""
    caplog.set_level(logging.INFO, logger="ptx_bulk.events")
    note("begin")
    bound = caplog.records[0].facts.keys()
    caplog.clear()

    def told() -> list[tuple[str, str, dict[str, Any]]]:
        return [
            (record.levelname, record.getMessage(), {k: v for k, v in record.facts.items() if k not in bound})
            for record in caplog.records
        ]

    return told


def test_a_stop_is_told_once_with_its_reason(events):
    """The first reason is told with the kind of its error; whoever asks again adds nothing."""
    stop = Stop()
    stop.request(Code.TIME_LIMIT, TimeLimitReached("over"))
    stop.interrupt()
    assert events() == [("INFO", "stopping", {"code": "TIME_LIMIT", "kind": "TimeLimitReached"})]


def test_a_stop_by_the_user_has_no_error(events):
    """An interrupt is told with its code alone."""
    Stop().interrupt()
    assert events() == [("INFO", "stopping", {"code": "INTERRUPTED", "kind": ""})]


def test_pauses_and_a_slower_pace_are_told(events):
    """A pause is told in seconds, one that ends sooner than another is not; a halved pace says how many may fly."""
    pace = Pace(501, stop=Stop(), clock=lambda: 100.0)
    for _n in range(491):
        pace.succeeded()
    pace.throttled(0, 7.12345)
    pace.throttled(0, 6.5)
    assert events() == [
        ("INFO", "pause", {"times": 1, "seconds": 7.123}),
        ("INFO", "slower", {"times": 1, "in_flight": 249}),
    ]


@pytest.mark.parametrize(
    "error", [Throttled("wait", http_status=429, api_code=711), ServerFault("no", http_status=597)]
)
def test_every_repeat_is_told_with_what_it_is_for(events, error: RemoteError):
    """A warning names the kind of the error, and the codes of the answer."""
    failing = iter([error])

    async def call() -> str:
        for one in failing:
            raise one
        return "done"

    assert asyncio.run(RetryPolicy(**QUICK).repeat(call, asyncio.sleep, lambda: False)) == "done"
    facts = {"kind": type(error).__name__, "http_status": error.http_status, "api_code": error.api_code}
    assert events() == [("WARNING", "retry", {"times": 1, **facts})]


@pytest.mark.parametrize(
    ("fault", "given", "calls"),
    [
        (bad.ERROR, {"attempts": 10}, 6),
        (bad.ERROR, {"attempts": 3}, 3),
        (bad.THROTTLED, {"throttles": 60}, 10),
        (bad.THROTTLED, {"throttles": 4}, 4),
    ],
)
def test_a_list_is_tried_less_often_than_a_number(fault, given, calls):
    """It is asked for once, not a thousand times: six failures or ten pauses are enough, or fewer if so asked."""
    server = FaultyServer(always(fault))

    async def go() -> None:
        async with server, Client("sandbox", base_url=server.url, timeout=5) as client:
            await fetch(client, ListKind.STOP, RetryPolicy(**QUICK, **given))

    with pytest.raises(RemoteError):
        asyncio.run(go())
    assert len(server.calls) == calls
