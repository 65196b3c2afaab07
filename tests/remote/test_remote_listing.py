"""The list parser: the whole list or an error, however the body arrives."""

from __future__ import annotations

import json
import sys
from types import FrameType
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptx_bulk.remote.listing import Listing, ListParser, MalformedListError

IDENTIFIERS = st.one_of(st.from_regex(r"\+[1-9][0-9]{4,14}", fullmatch=True), st.text(max_size=8))
ENTRIES = st.lists(
    st.fixed_dictionaries(
        {"identifier": IDENTIFIERS, "id": st.text("0123456789abcdef", min_size=24, max_size=24)},
        optional={
            "deleted": st.booleans(),
            "history": st.lists(st.fixed_dictionaries({"at": st.integers(), "why": st.sampled_from(["},{", "]"])})),
        },
    ),
    max_size=12,
)


def parse(body: bytes, part: int = 7, piece: int = 16) -> Listing:
    parser = ListParser(piece)
    for at in range(0, len(body), part):
        parser.feed(body[at : at + part])
    return parser.close()


@given(ENTRIES, st.integers(1, 60), st.integers(2, 200), st.sampled_from([None, 1]))
def test_the_list_is_the_same_however_it_arrives(
    entries: list[dict[str, Any]], part: int, piece: int, indent: int | None
) -> None:
    """Parts of any size, nested entries and blanks give the live entries in the server's order."""
    found = parse(json.dumps(entries, indent=indent).encode(), part, piece)
    live = [entry for entry in entries if not entry.get("deleted")]
    assert found.identifiers.to_pylist() == [entry["identifier"] for entry in live]
    assert found.remote_ids.to_pylist() == [entry["id"] for entry in live]
    assert found.deleted == len(entries) - len(live)


@given(ENTRIES.filter(bool), st.data())
def test_no_part_of_a_list_is_a_list(entries: list[dict[str, Any]], data: st.DataObject) -> None:
    """A body cut anywhere before its closing bracket is refused."""
    body = json.dumps(entries, separators=(",", ":")).encode()
    cut = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(MalformedListError):
        parse(body[:cut])


@pytest.mark.parametrize("escape", ["\\ud800", "\\udc00", "\\ud800x"])
def test_half_a_character_makes_no_list(escape: str) -> None:
    """A text with half of a surrogate pair is no text, so what follows it is not relied on either."""
    for name in ("identifier", "id", "campaignId"):
        history = f'"history": [{{"campaignId": "{escape}"}}]'
        entry = f'"{name}": "{escape}"' if name != "campaignId" else history
        with pytest.raises(MalformedListError):
            parse(f'[{{{entry}}}, {{"identifier": "+33600000000"}}]'.encode())


@pytest.mark.parametrize("letter", ["a", "é"])
@pytest.mark.parametrize(("length", "cut"), [(127, False), (128, False), (129, True)])
def test_texts_of_up_to_128_characters_are_whole(letter: str, length: int, cut: bool) -> None:
    """A longer text is cut to 128 characters of which the last one tells it, bytes do not count."""
    text = letter * length
    found = parse(json.dumps([{"identifier": text, "id": text, "history": [{"campaignId": text}]}]).encode())
    assert found.campaign_ids is not None
    for column in (found.identifiers, found.remote_ids, found.campaign_ids):
        assert column.to_pylist() == [text[:127] + "…" if cut else text]


@pytest.mark.parametrize(
    "body",
    [
        "",
        " ",
        "null",
        "{}",
        '{"a":[]}',
        "[1]",
        "[[]]",
        "[{}",
        "[{},]",
        "[,{}]",
        "[]]",
        "[][]",
        "[{}] x",
        '"[]"',
        "<h1>",
    ],
)
def test_what_is_no_array_of_objects_is_refused(body: str) -> None:
    """Only one complete JSON array of objects is a list."""
    with pytest.raises(MalformedListError):
        parse(body.encode())


def decodings(parser: ListParser, body: bytes, part: int) -> int:
    """How often JSON is decoded until the list is read."""
    count = 0

    def called(_frame: FrameType, event: str, function: Any) -> None:
        nonlocal count
        count += event == "c_call" and isinstance(getattr(function, "__self__", None), msgspec.json.Decoder)

    sys.setprofile(called)
    try:
        for at in range(0, len(body), part):
            parser.feed(body[at : at + part])
        parser.close()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(("opened", "between"), [("[", ","), ("[ ", ","), ("[\n  ", ",\n  "), ("[\t", " , ")])
def test_long_histories_do_not_make_a_list_be_read_again(opened: str, between: str) -> None:
    """Where a piece ends is seen at once, though histories are full of what looks like the end of an entry."""
    history = [{"campaignId": f"{at}", "date": 1_700_000_000_000 + at} for at in range(40)]
    entries = [json.dumps({"identifier": f"+336{at:08}", "history": history}) for at in range(100)]
    body = (opened + between.join(entries) + "]").encode()
    piece = 16_384
    assert decodings(ListParser(piece), body, 4096) <= 2 * len(body) / piece


def test_odd_entries_are_kept_as_they_are() -> None:
    """Missing, null and numeric identifiers or ids make no list unreadable."""
    body = (
        '[{}, {"identifier": null, "id": null}, {"identifier": 33600000000, "id": 5, "blacklistId": "x"},'
        ' {"identifier": 3.36e10}, {"identifier": ["+336"], "deleted": null}, {"identifier": "+1", "deleted": "true"}]'
    )
    found = parse(body.encode())
    assert found.identifiers.to_pylist() == ["", "", "33600000000", "33600000000", ""]
    assert found.remote_ids.to_pylist() == ["", "", "5", "", ""]
    assert found.deleted == 1
