"""Histories of entries: the dates and campaigns that the API gives, whatever else stands in their place."""

from __future__ import annotations

import asyncio
import json
import math
import time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ptx_bulk.model import ListKind
from ptx_bulk.remote import Client
from ptx_bulk.remote.listing import Listing, ListParser
from ptx_bulk.snapshot import Snapshot
from tests.faults import FaultyServer
from tests.faults.misbehaviour import Fault, Reply, Request

JANUARY = 1_769_854_830_500  # 2026-01-31T10:20:30.5Z
# What stands where a date or a campaign should: none of it is one.
ODD_DATES = (0, -1, 1, 1_700_000_000, 10**15, 10**30, 1e300, True, None, "1700000000000", [], {})
CAMPAIGNS = st.sampled_from(["", "a", "camp-1", "é\u2028", "},{", "5a"])
DATES = st.one_of(
    st.integers(946_684_800_000, 1_796_000_000_000),
    st.floats(946_684_800_000, 1_796_000_000_000),
    st.sampled_from(ODD_DATES),
)
MOMENTS = st.fixed_dictionaries(
    {},
    optional={
        "date": DATES,
        "campaignId": st.one_of(CAMPAIGNS, st.sampled_from([None, True, [], {}, "x" * 500, 77])),
        "by": st.one_of(st.none(), st.recursive(st.integers(), st.lists)),
    },
)
ODD_ITEMS = st.sampled_from([None, 1, "x", [], [[]], True])
HISTORIES = st.one_of(
    st.lists(MOMENTS, max_size=4),
    st.lists(st.one_of(MOMENTS, ODD_ITEMS), max_size=4),
    st.sampled_from([None, "none", {}, {"date": JANUARY}, 5, [{}], [[{"date": JANUARY}]]]),
)


def is_date(value: object) -> bool:
    usable = isinstance(value, int | float) and not isinstance(value, bool)
    return usable and 946_684_800_000 <= value <= (time.time() + 86_400) * 1000


def campaign_of(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ""
    text = str(value)
    return text if len(text) <= 128 else text[:127] + "…"


def expected(history: object) -> tuple[int, str]:
    """What a history says, by the rule: the earliest date, and the earliest campaign, undated ones last."""
    moments = [item for item in history if isinstance(item, dict)] if isinstance(history, list) else []
    told = [
        (int(one["date"]) if is_date(one.get("date")) else 0, campaign_of(one.get("campaignId"))) for one in moments
    ]
    in_order = sorted(told, key=lambda moment: moment[0] or math.inf)
    return next((date for date, _campaign in in_order), 0), next((name for _date, name in in_order if name), "")


def parse(body: bytes, part: int = 7, piece: int = 16) -> Listing:
    parser = ListParser(piece)
    for at in range(0, len(body), part):
        parser.feed(body[at : at + part])
    return parser.close()


def told(found: Listing, count: int) -> list[tuple[int, str]]:
    if found.stopped_at is None or found.campaign_ids is None:
        return [(0, "")] * count
    return list(zip(found.stopped_at.tolist(), found.campaign_ids.to_pylist(), strict=True))


@example([(False, [{"date": JANUARY}, {"date": JANUARY + 1, "campaignId": "a"}])], 7, 16)
@given(
    st.lists(st.tuples(st.booleans(), st.one_of(st.just("absent"), HISTORIES)), max_size=8),
    st.integers(1, 60),
    st.integers(2, 400),
)
def test_every_history_gives_its_earliest_date_and_odd_ones_give_blanks(
    drawn: list[tuple[bool, Any]], part: int, piece: int
) -> None:
    """The earliest date and the earliest campaign count, what cannot be one is blank, and no entry is lost or moved."""
    entries = [
        {"identifier": f"+3360000000{at}", "deleted": deleted} | ({} if history == "absent" else {"history": history})
        for at, (deleted, history) in enumerate(drawn)
    ]
    found = parse(json.dumps(entries).encode(), part, piece)
    live = [entry for entry in entries if not entry["deleted"]]
    assert found.identifiers.to_pylist() == [entry["identifier"] for entry in live]
    assert told(found, len(live)) == [expected(entry.get("history")) for entry in live]


@pytest.mark.parametrize("date", ODD_DATES)
def test_what_cannot_be_a_date_is_blank(date: object) -> None:
    """Texts, truths, negatives, seconds, the far future and numbers without end are no dates; the campaign stays."""
    body = json.dumps([{"history": [{"date": date, "campaignId": "a"}]}, {"history": [{"date": JANUARY}]}])
    assert told(parse(body.encode()), 2) == [(0, "a"), (JANUARY, "")]


@pytest.mark.parametrize("number", ["1e400", "-1e999", "123456789012345678901234567890123", "1" * 400])
def test_a_date_that_fits_nowhere_is_blank(number: str) -> None:
    """A date beyond what any number type holds costs neither the reading nor the other dates."""
    body = '[{"history":[{"date":%s,"campaignId":"a"}]},{"history":[{"date":%d,"campaignId":"b"}]}]'
    assert [date for date, _campaign in told(parse((body % (number, JANUARY)).encode()), 2)] == [0, JANUARY]


def test_what_is_no_text_in_a_history_is_blank() -> None:
    """Bytes that are no UTF-8 cost neither the reading nor the other entries."""
    body = b'[{"history":[{"campaignId":"\xff"}]},{"history":[{"date":%d,"campaignId":"a"}]}]' % JANUARY
    assert told(parse(body), 2) == [(0, ""), (JANUARY, "a")]


def test_long_histories_cost_no_memory() -> None:
    """Of thousands of moments of an entry, one date and one campaign are kept."""
    moments = json.dumps([{"date": JANUARY + at, "campaignId": "c" * 100} for at in range(2000)])[1:-1]
    parser = ListParser()
    parser.feed(f'[{{"history":[{moments}]}}'.encode())
    for at in range(20):
        parser.feed(f',{{"identifier":"+336000000{at:02}","history":[{moments}]}}'.encode())
    parser.feed(b"]")
    found = parser.close()
    assert found.stopped_at is not None
    assert found.stopped_at.tolist() == [JANUARY] * 21
    assert parser.kept < 8000


def test_what_is_kept_of_a_list_is_counted() -> None:
    """The bytes that are told to be kept are those that numbers, ids, dates and campaigns take, roughly."""
    entries = [
        {"identifier": f"+336{at:08}", "id": f"{at:024}", "history": [{"date": JANUARY, "campaignId": f"{at:0100}"}]}
        for at in range(2000)
    ]
    parser = ListParser(8192)
    parser.feed(json.dumps(entries).encode())
    found = parser.close()
    assert found.stopped_at is not None
    assert found.campaign_ids is not None
    columns = (found.identifiers, found.remote_ids, found.stopped_at, found.campaign_ids)
    size = sum(column.nbytes for column in columns)
    assert size <= parser.kept <= 1.2 * size


class Told:
    """A list as the server words it."""

    def __init__(self) -> None:
        self.body = b"[]"

    def __call__(self, request: Request) -> Fault | None:
        listed = request.method == "GET" and "contacts" in request.target
        return (
            Fault("told", lambda _reply: Reply(200, self.body).plain(), processed=True, then="keep") if listed else None
        )


def fetched(url: str) -> Snapshot:
    async def go() -> Snapshot:
        async with Client("sandbox", base_url=url) as api:
            return await api.fetch(ListKind.STOP)

    return asyncio.run(go())


def test_histories_come_through_http_and_the_journals_blob() -> None:
    """Whatever histories the server answers, the snapshot holds the right dates, and its blob gives them back."""
    words = Told()
    with FaultyServer(words).running() as server:

        @settings(max_examples=25)
        @given(st.lists(st.one_of(st.just("absent"), HISTORIES), max_size=8))
        def holds(histories: list[Any]) -> None:
            entries = [
                {"identifier": f"+3360000000{at}", "id": f"{at:024x}"}
                | ({} if history == "absent" else {"history": history})
                for at, history in enumerate(histories)
            ]
            words.body = json.dumps(entries).encode()
            taken = fetched(server.url)
            columns = ("stopped_at", "campaign_id")
            read = list(zip(*(taken.entries[name].tolist() for name in columns), strict=True))
            assert read == [expected(entry.get("history")) for entry in entries]
            kept = Snapshot.from_blob(ListKind.STOP, taken.taken_at, b"".join(taken.blob_pieces()))
            assert kept.entries.equals(taken.entries)

        holds()
