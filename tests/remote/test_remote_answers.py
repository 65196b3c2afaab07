"""The table of what each answer means."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptx_bulk.errors import AccessRefused, NumberRefused, RemoteError, ServerFault, Throttled
from ptx_bulk.remote import answers
from ptx_bulk.remote.raw import RawAnswer

ERRORS = (AccessRefused, NumberRefused, ServerFault, Throttled)


def raw(status: int, body: object = b"", **headers: str) -> RawAnswer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return RawAnswer(status, headers, content, "key")


def code(number: object) -> dict[str, object]:
    return {"code": number, "error": "text"}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        *((raw(400, code(n)), NumberRefused) for n in (10, 11, 19, 90, 91, 73, 71, 18, 1000, 4242)),
        *((raw(400, code(n)), AccessRefused) for n in (70, 72, 92, 93)),
        *((raw(400, code(n)), Throttled) for n in (74, 76, "76")),
        *((raw(500, code(n)), ServerFault) for n in (1000, 11, 60)),
        (raw(401), AccessRefused),
        (raw(403, b"<html>no</html>"), AccessRefused),
        (raw(403, code(76)), Throttled),
        (raw(429), Throttled),
        (raw(429, b"<html>slow down</html>"), Throttled),
        (raw(429, code(70)), AccessRefused),
        (raw(402, {}), NumberRefused),
        (raw(409, {"message": "conflict"}), NumberRefused),
        (raw(400), ServerFault),
        (raw(400, b"<html>bad request</html>"), ServerFault),
        (raw(400, b"[]"), ServerFault),
        (raw(404), ServerFault),
        (raw(404, code(60)), ServerFault),
        (raw(405, {}), ServerFault),
        (raw(407), ServerFault),
        (raw(408), ServerFault),
        (raw(301, {}), ServerFault),
        (raw(304), ServerFault),
        (raw(502, b"<html>"), ServerFault),
        (raw(503, code(76)), Throttled),
        (raw(200), ServerFault),
        (raw(200, {}), ServerFault),
        (raw(200, {"id": None}), ServerFault),
        (raw(200, {"id": ""}), ServerFault),
        (raw(200, {"id": True}), ServerFault),
        (raw(200, [{"id": "x"}]), ServerFault),
        (raw(200, code(72)), AccessRefused),
        (raw(204), ServerFault),
    ],
    ids=lambda value: getattr(value, "__name__", None) or f"{value.status}-{value.body[:20]!r}",
)
def test_refusals_of_an_addition(answer: RawAnswer, kind: type[RemoteError]) -> None:
    """An addition that is not known to hold raises the error that says what to do about it."""
    with pytest.raises(kind) as caught:
        answers.added(answer)
    assert caught.value.http_status == answer.status


@pytest.mark.parametrize(
    ("answer", "changed"),
    [
        (raw(204), True),
        (raw(200), True),
        (raw(200, {"deleted": True}), True),
        (raw(404), False),
        (raw(404, {"message": "not found"}), False),
        (raw(404, code(94)), False),
        (raw(404, code(93)), False),
    ],
)
def test_removals_that_hold(answer: RawAnswer, changed: bool) -> None:
    """2xx with an empty or JSON body is done; the API's own 404 means it was not there."""
    assert answers.removed(answer).changed is changed


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (raw(404, code(60)), ServerFault),
        (raw(404, b"<html>not found</html>"), ServerFault),
        (raw(404, b"404 page not found"), ServerFault),
        (raw(200, b"<html>welcome</html>"), ServerFault),
        (raw(200, b"OK"), ServerFault),
        (raw(200, code(72)), AccessRefused),
        (raw(400, code(11)), NumberRefused),
        (raw(400, code(15)), NumberRefused),
        (raw(401), AccessRefused),
        (raw(429), Throttled),
    ],
)
def test_removals_that_do_not_hold(answer: RawAnswer, kind: type[RemoteError]) -> None:
    """A 404 from elsewhere than the list, and a 200 that is a web page, are no removal."""
    with pytest.raises(kind):
        answers.removed(answer)


@given(
    status=st.integers(200, 599),
    body=st.one_of(
        st.binary(max_size=300),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["id", "code", "error", "x"]), inner),
            max_leaves=6,
        ).map(lambda value: json.dumps(value).encode()),
    ),
    headers=st.dictionaries(st.sampled_from(["retry-after", "date", "content-type"]), st.text(max_size=30)),
)
def test_every_answer_means_something(status: int, body: bytes, headers: dict[str, str]) -> None:
    """Whatever the server sends becomes an Answer or one of the four errors, each with a printable sentence."""
    answer = RawAnswer(status, headers, body, "key")
    for reading in (answers.added, answers.removed, answers.account):
        try:
            result = reading(answer)
        except ERRORS as error:
            assert str(error).isprintable()
        else:
            assert 200 <= status < 300 or not getattr(result, "changed", True)


def test_the_account_tells_credits_and_clock() -> None:
    """Credits are a number or None; the Date header gives the server's time."""
    date = "Fri, 08 Jan 2016 15:11:02 GMT"
    assert answers.account(raw(200, {"credits": 7}, date=date)) == answers.Account(7.0, 1452265862.0)
    assert answers.account(raw(200, {"credits": "many", "more": []})) == answers.Account(None, None)
