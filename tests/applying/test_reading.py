"""Reading the lists again: lists that lag, never show, or cannot be read."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pandas as pd
import pytest

from ptx_bulk.applying import Patience, fetch, holds, settle
from ptx_bulk.errors import AccessRefused, RemoteError
from ptx_bulk.model import ListKind
from ptx_bulk.remote import Client
from tests.applying.conftest import QUICK, additions, removals
from tests.faults import Fault, FaultyServer, Reply, always, scripted
from tests.faults import misbehaviour as bad

STOP, NPAI = ListKind.STOP, ListKind.NPAI
PATIENCE = Patience(waits=(0.0, 0.02, 0.02, 0.02))


def older(entries: list[str]) -> Fault:
    """A list as it was before."""
    shown = [{"deleted": False, "id": "1", "identifier": identifier} for identifier in entries]
    return Fault("older", lambda _reply: Reply(200, json.dumps(shown).encode()).plain(), processed=True)


def settled(server: FaultyServer, changes, patience: Patience = PATIENCE):
    async def go():
        async with server, Client("sandbox", base_url=server.url, timeout=1) as client:
            return await settle(client, changes, QUICK, patience)

    return asyncio.run(go())


def reads(server: FaultyServer) -> int:
    return sum(call.request.method == "GET" for call in server.calls)


def test_a_list_that_lags_is_read_until_it_shows():
    """A change that appears late is found, and the list is read no more often than needed."""
    server = FaultyServer(scripted([older([]), older(["+33600000000"])]))
    server.preload(STOP, [f"+3360000000{n}" for n in range(3)])
    held, lists = settled(server, additions(3))
    assert held.tolist() == [True] * 3
    assert len(lists[STOP]) == 3
    assert reads(server) == 3


def test_patience_is_bounded():
    """What never shows is told after the last reading."""
    server = FaultyServer()
    server.preload(STOP, ["+33600000001"])
    held, _lists = settled(server, additions(3))
    assert held.tolist() == [False, True, False]
    assert reads(server) == len(PATIENCE.waits)


def test_a_removal_holds_when_every_spelling_is_gone():
    """A removed number must be off the list in every spelling."""
    server = FaultyServer()
    server.preload(NPAI, ["0600000001"])
    held, _lists = settled(server, removals(3, twice=True), Patience(waits=(0.0,)))
    assert held.tolist() == [True, False, True]


def test_only_lists_with_something_missing_are_read_again():
    """The list that shows everything is read once."""
    server = FaultyServer()
    server.preload(STOP, [f"+3360000000{n}" for n in range(2)])
    server.preload(NPAI, ["+33600000000"])
    held, lists = settled(server, pd.concat([additions(2), removals(2)], ignore_index=True))
    assert held.tolist() == [True, True, False, True]
    assert {kind: len(lists[kind]) for kind in lists} == {STOP: 2, NPAI: 1}
    by_kind = [call.kind for call in server.calls]
    assert (by_kind.count(STOP), by_kind.count(NPAI)) == (1, len(PATIENCE.waits))


def test_faults_while_reading_are_repeated():
    """A list that comes cut off, as HTML or not at all is asked for again, never taken for a shorter list."""
    server = FaultyServer(scripted([bad.CUT_CHUNKS, bad.HTML_OK, bad.RESET_AFTER, bad.THROTTLED]))
    server.preload(STOP, ["+33600000000"])

    async def go():
        async with server, Client("sandbox", base_url=server.url, timeout=1) as client:
            return await fetch(client, STOP, replace(QUICK, attempts=6))

    assert len(asyncio.run(go())) == 1


def test_a_list_that_cannot_be_read_again_tells_what_was_read_before():
    """A later reading that fails leaves the earlier one's word standing; a first one that fails is an error."""
    outage = [bad.ERROR] * 100
    server = FaultyServer(scripted([None, *outage]))
    server.preload(STOP, ["+33600000001"])
    held, _lists = settled(server, additions(2))
    assert held.tolist() == [False, True]
    with pytest.raises(RemoteError):
        settled(FaultyServer(always(bad.ERROR)), additions(1))
    with pytest.raises(AccessRefused):
        settled(FaultyServer(key="another"), additions(1))


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
