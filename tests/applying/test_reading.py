"""Reading the lists again: lists that lag, never show, or cannot be read."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace

import pandas as pd
import pytest

from ptx_bulk.applying import Patience, fetch, holds, looks
from ptx_bulk.errors import AccessRefused, RemoteError, ServerFault, WrongAddress
from ptx_bulk.model import ListKind
from ptx_bulk.remote import Client
from tests.applying.conftest import QUICK, additions, removals
from tests.faults import Fault, FaultyServer, Reply, always, scripted
from tests.faults import misbehaviour as bad

STOP, NPAI = ListKind.STOP, ListKind.NPAI
PATIENCE = Patience(seconds=30.0, first=0.02, longest=0.05)
BRIEF = Patience(seconds=0.4, first=0.02, longest=0.05)
ONE_LOOK = Patience(seconds=0)


def older(entries: list[str]) -> Fault:
    """A list as it was before."""
    shown = [{"deleted": False, "id": "1", "identifier": identifier} for identifier in entries]
    return Fault("older", lambda _reply: Reply(200, json.dumps(shown).encode()).plain(), processed=True)


def settled(server: FaultyServer, changes, patience: Patience = PATIENCE):
    """What the last look showed, and the error that ended the looking."""
    seen, error = [], None

    async def go():
        async with server, Client("sandbox", base_url=server.url, timeout=1) as client:
            async for look in looks(client, changes, QUICK, patience):
                seen.append(look)  # noqa: PERF401 - what was seen before an error counts

    try:
        asyncio.run(go())
    except RemoteError as caught:
        error = caught
    return (seen[-1].held, seen[-1].lists, error) if seen else (None, None, error)


def reads(server: FaultyServer) -> int:
    return sum(call.request.method == "GET" for call in server.calls)


def test_a_list_that_lags_is_read_until_it_shows():
    """A change that appears late is found, and the list is read no more often than needed."""
    server = FaultyServer(scripted([older([]), older(["+33600000000"])]))
    server.preload(STOP, [f"+3360000000{n}" for n in range(3)])
    held, lists, _error = settled(server, additions(3))
    assert held.tolist() == [True] * 3
    assert len(lists[STOP]) == 3
    assert reads(server) == 3


def test_patience_is_bounded():
    """What never shows is told after the last reading, which comes when the time is over and not before."""
    server = FaultyServer()
    server.preload(STOP, ["+33600000001"])
    start = time.time()
    held, _lists, error = settled(server, additions(3), BRIEF)
    assert (held.tolist(), error) == ([False, True, False], None)
    assert server.calls[-1].at - start >= BRIEF.seconds - 0.01
    assert 3 <= reads(server) <= 3 + BRIEF.seconds / 0.05


def test_no_patience_is_one_look():
    """Without patience the list is read once, whatever is missing."""
    server = FaultyServer()
    held, _lists, _error = settled(server, additions(3), ONE_LOOK)
    assert (held.tolist(), reads(server)) == ([False] * 3, 1)


def test_a_removal_holds_when_every_spelling_is_gone():
    """A removed number must be off the list in every spelling."""
    server = FaultyServer()
    server.preload(NPAI, ["0600000001"])
    held, _lists, _error = settled(server, removals(3, twice=True), ONE_LOOK)
    assert held.tolist() == [True, False, True]


def test_only_lists_with_something_missing_are_read_again():
    """The list that shows everything is read once."""
    server = FaultyServer()
    server.preload(STOP, [f"+3360000000{n}" for n in range(2)])
    server.preload(NPAI, ["+33600000000"])
    held, lists, _error = settled(server, pd.concat([additions(2), removals(2)], ignore_index=True), BRIEF)
    assert held.tolist() == [True, True, False, True]
    assert {kind: len(lists[kind]) for kind in lists} == {STOP: 2, NPAI: 1}
    by_kind = [call.kind for call in server.calls]
    assert by_kind.count(STOP) == 1
    assert by_kind.count(NPAI) >= 3


def test_faults_while_reading_are_repeated():
    """A list that comes cut off, as HTML or not at all is asked for again, never taken for a shorter list."""
    server = FaultyServer(scripted([bad.CUT_CHUNKS, bad.HTML_OK, bad.RESET_AFTER, bad.THROTTLED]))
    server.preload(STOP, ["+33600000000"])

    async def go():
        async with server, Client("sandbox", base_url=server.url, timeout=1) as client:
            return await fetch(client, STOP, replace(QUICK, attempts=6))

    assert len(asyncio.run(go())) == 1


def test_a_list_that_cannot_be_read_again_tells_what_was_read_before():
    """Where the last reading fails an earlier one's word stands, with the error; a first one that fails is an error."""
    server = FaultyServer(scripted([None, *[bad.ERROR] * 1000]))
    server.preload(STOP, ["+33600000001"])
    held, _lists, error = settled(server, additions(2), BRIEF)
    assert held.tolist() == [False, True]
    assert isinstance(error, ServerFault)
    held, _lists, error = settled(FaultyServer(always(bad.ERROR)), additions(1))
    assert (held, type(error)) == (None, ServerFault)


def test_a_reading_that_fails_in_between_is_made_up_for():
    """A later look that fails is no end: the next one that works has the last word."""
    server = FaultyServer(scripted([older([]), *[bad.ERROR] * QUICK.attempts]))
    server.preload(STOP, ["+33600000000"])
    held, _lists, error = settled(server, additions(1))
    assert (held.tolist(), error) == ([True], None)


@pytest.mark.parametrize(
    ("server", "kind"), [({"key": "another"}, AccessRefused), ({"behaviour": always(bad.NO_LIST)}, WrongAddress)]
)
def test_what_every_reading_would_meet_ends_the_looking(server, kind):
    """A refused key or a wrong address is told at the first look, and not asked for again."""
    witness = FaultyServer(**server)
    held, _lists, error = settled(witness, additions(1))
    assert (held, type(error), reads(witness)) == (None, kind, 1)


def test_holds_judges_by_list_and_action():
    """An addition holds where the number is listed, a removal where it is not, each on its own list."""
    server = FaultyServer()
    server.preload(STOP, ["+33600000000"])

    async def go():
        async with server, Client("sandbox", base_url=server.url) as client:
            return {kind: await client.fetch(kind) for kind in ListKind}

    lists = asyncio.run(go())
    assert holds(additions(2), lists).tolist() == [True, False]
    assert holds(removals(2), lists).tolist() == [True, True]
