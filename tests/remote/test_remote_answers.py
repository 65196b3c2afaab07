"""The table of what each answer means."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptx_bulk.errors import AccessRefused, NumberRefused, RemoteError, ServerFault, Throttled, WrongAddress
from ptx_bulk.remote import answers
from ptx_bulk.remote.raw import RawAnswer

ERRORS = (AccessRefused, NumberRefused, ServerFault, Throttled, WrongAddress)
URL = "https://api.test"


def raw(status: int, body: object = b"", **headers: str) -> RawAnswer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return RawAnswer(status, headers, content, "key", URL)


def code(number: object) -> dict[str, object]:
    return {"code": number, "error": "text"}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        *((raw(400, code(n)), NumberRefused) for n in (10, 11, 19, 90, 91, 73, 71, 18, 1000, 4242)),
        *((raw(400, code(n)), AccessRefused) for n in (70, 72, 92, 93)),
        *((raw(400, code(n)), Throttled) for n in (74, 76, "76")),
        *((raw(500, code(n)), ServerFault) for n in (1000, 11, 94)),
        *((raw(n, code(60)), WrongAddress) for n in (200, 400, 404, 500)),
        *((raw(404, code(n)), NumberRefused) for n in (10, 11, 19, 90, 91)),
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
        (raw(404), WrongAddress),
        (raw(404, {"status": 404, "error": "Not Found"}), WrongAddress),
        (raw(404, b"<html>not found</html>"), WrongAddress),
        *((raw(n, body), WrongAddress) for n in (405, 407, 410, 421, 426, 511) for body in (b"", {}, b"<html>")),
        *((raw(n, body), WrongAddress) for n in (300, 301, 302, 303, 307, 308) for body in (b"", {}, b"<html>")),
        *((raw(n, body), ServerFault) for n in (408, 425) for body in (b"", {}, b"<html>")),
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


@pytest.mark.parametrize("answer", [raw(204), raw(200), raw(200, {"deleted": True})])
def test_documented_removals_are_done(answer: RawAnswer) -> None:
    """2xx with an empty or JSON body is a removal that was made."""
    assert answers.removed(answer) == answers.Answer(claimed=False, http_status=answer.status)


@pytest.mark.parametrize(
    "answer",
    [
        raw(404),
        raw(404, {"message": "not found"}),
        raw(404, code(94)),
        raw(404, code(93)),
        raw(404, b"<html>not found</html>"),
        raw(404, b"404 page not found"),
        raw(404, b"[]"),
    ],
)
def test_a_404_to_a_removal_is_a_claim(answer: RawAnswer) -> None:
    """Whoever answers 404 to a removal says that the number is not listed, in their own words, and proves nothing."""
    said = answers.removed(answer)
    assert (said.claimed, said.http_status, said.api_code) == (True, 404, answer.code)
    assert answer.summary in said.message


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 409, 429, 500, 503])
@pytest.mark.parametrize("n", [12, 13, 14, 15, "15"])
def test_listed_already_is_a_claim_at_any_status(status: int, n: object) -> None:
    """Codes 12 to 15 to an addition say that the number was listed, whatever the HTTP status, and prove nothing."""
    said = answers.added(raw(status, {"code": n, "error": "Number already exists", "id": "7"}))
    assert (said.claimed, said.http_status, said.api_code, said.remote_id) == (True, status, int(str(n)), "7")
    assert "Number already exists" in said.message


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (raw(404, code(60)), WrongAddress),
        (raw(404, code(72)), AccessRefused),
        (raw(404, code(76)), Throttled),
        (raw(302), WrongAddress),
        (raw(405), WrongAddress),
        (raw(200, b"<html>welcome</html>"), ServerFault),
        (raw(200, b"OK"), ServerFault),
        (raw(200, code(72)), AccessRefused),
        (raw(400, code(11)), NumberRefused),
        (raw(400, code(15)), NumberRefused),
        (raw(401), AccessRefused),
        (raw(429), Throttled),
        (raw(500, code(94)), ServerFault),
    ],
)
def test_removals_that_do_not_hold(answer: RawAnswer, kind: type[RemoteError]) -> None:
    """A list that is not found, and a 200 that is a web page, are no removal."""
    with pytest.raises(kind):
        answers.removed(answer)


@pytest.mark.parametrize("answer", [raw(404), raw(302), raw(405), raw(407), raw(511), raw(400, code(60))])
def test_a_wrong_address_is_named(answer: RawAnswer) -> None:
    """Whatever was called, the sentence names the base URL; a list or account that is not there is a wrong address."""
    for reading in (answers.added, answers.account):
        with pytest.raises(WrongAddress, match=URL) as caught:
            reading(answer)
        assert caught.value.exit_code == 5


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
    """Whatever the server sends becomes an Answer or one of the five errors, each with a printable sentence."""
    answer = RawAnswer(status, headers, body, "key")
    for reading in (answers.added, answers.removed, answers.account):
        try:
            result = reading(answer)
        except ERRORS as error:
            assert str(error).isprintable()
        else:
            assert 200 <= status < 300 or getattr(result, "claimed", False)


def test_the_account_tells_credits_and_clock() -> None:
    """Credits are a number or None; the Date header gives the server's time."""
    date = "Fri, 08 Jan 2016 15:11:02 GMT"
    assert answers.account(raw(200, {"credits": 7}, date=date)) == answers.Account(7.0, 1452265862.0)
    assert answers.account(raw(200, {"credits": "many", "more": []})) == answers.Account(None, None)
