"""The table of what each answer means."""

from __future__ import annotations

import dataclasses
import json
import time
from email.utils import formatdate

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


@pytest.mark.parametrize("status", [200, 201, 299])
@pytest.mark.parametrize(("identity", "told"), [("7", "7"), (7, "7"), ("a-b", "a-b")])
def test_documented_additions_are_done(status: int, identity: object, told: str) -> None:
    """2xx with the entry's id is an addition that was made."""
    expected = answers.Answer(claimed=False, http_status=status, api_code=None, message="", remote_id=told)
    assert answers.added(raw(status, {"id": identity})) == expected


@pytest.mark.parametrize(
    ("status", "kind"),
    [(199, ServerFault), (300, WrongAddress), (401, AccessRefused), (404, WrongAddress), (409, NumberRefused)],
)
def test_an_id_alone_proves_no_addition(status: int, kind: type[RemoteError]) -> None:
    """An id in an answer that is not 2xx is no addition."""
    with pytest.raises(kind):
        answers.added(raw(status, {"id": "7"}))


@pytest.mark.parametrize("answer", [raw(204), raw(200), raw(200, {"deleted": True})])
def test_documented_removals_are_done(answer: RawAnswer) -> None:
    """2xx with an empty or JSON body is a removal that was made."""
    expected = answers.Answer(claimed=False, http_status=answer.status, api_code=None, message="", remote_id="")
    assert answers.removed(answer) == expected


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
        *((raw(404, code(n)), AccessRefused) for n in (70, 72, 92)),
        *((raw(404, code(n)), Throttled) for n in (74, 76)),
        (raw(400, code(93)), AccessRefused),
        (raw(409, {}), NumberRefused),
        (raw(500, {}), ServerFault),
        (raw(500), ServerFault),
        (raw(200, code(12)), ServerFault),
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


@pytest.mark.parametrize("n", [11, 16, 17])
def test_no_other_code_says_that_a_number_is_listed(n: int) -> None:
    """Only codes 12 to 15 claim that a number was listed; the vendor's next ones refuse it."""
    with pytest.raises(NumberRefused) as caught:
        answers.added(raw(400, code(n)))
    assert (caught.value.http_status, caught.value.api_code) == (400, n)
    assert str(caught.value) == f"The API refuses this number (HTTP 400, code {n}: text)."


def test_a_claim_says_whose_words_it_is() -> None:
    """The message of a claim is the API's own words in a sentence; that of a documented answer is empty."""
    said = "The API says that this was so before (HTTP 400, code 15: text)."
    assert answers.added(raw(400, code(15))) == answers.Answer(True, 400, 15, said, "")
    said = "The API says that this was so before (HTTP 404, code 94: text)."
    assert answers.removed(raw(404, code(94))) == answers.Answer(True, 404, 94, said, "")


@pytest.mark.parametrize(
    ("answer", "kind", "sentence"),
    [
        (raw(429, code(76)), Throttled, "The API asks to slow down (HTTP 429, code 76: text)."),
        (
            raw(400, code(72)),
            AccessRefused,
            "The API refuses the key or the account (HTTP 400, code 72: text); check PTX_API_KEY and the account.",
        ),
        (raw(402, {"error": "text"}), NumberRefused, "The API refuses this number (HTTP 402: text)."),
        (raw(500, code(94)), ServerFault, "The API failed (HTTP 500, code 94: text)."),
        (raw(400, b"text"), ServerFault, "The API failed (HTTP 400: text)."),
        (
            raw(200, b"text"),
            ServerFault,
            "The answer is not one that the API documents (HTTP 200: text); check the base URL and the proxy.",
        ),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_each_refusal_says_what_happened(answer: RawAnswer, kind: type[RemoteError], sentence: str) -> None:
    """The sentence has the status, the vendor's code and the API's own words, and what to check; so do the fields."""
    error = answers.refusal(answer)
    assert type(error) is kind
    assert str(error) == sentence
    assert (error.http_status, error.api_code) == (answer.status, answer.code)


@pytest.mark.parametrize(
    ("answers_of", "sentence"),
    [
        (
            (raw(407), raw(511, {}), raw(407, code(60))),
            (
                "The way to {url} is barred by a proxy or by the network, which wants a login ({said}); "
                "check HTTPS_PROXY, NO_PROXY and the network."
            ),
        ),
        (
            (raw(300), raw(302, {}), raw(399), raw(308, code(60))),
            (
                "The server at {url} redirects elsewhere ({said}), and redirects are not followed; "
                "check the base URL (--base-url, PTX_BASE_URL, profile) and the proxy."
            ),
        ),
        (
            (raw(404), raw(405), raw(410, {}), raw(421), raw(426), *(raw(n, code(60)) for n in (200, 299, 400, 500))),
            (
                "The server at {url} does not know this address of the API ({said}); "
                "check the base URL (--base-url, PTX_BASE_URL, profile) and the proxy."
            ),
        ),
    ],
    ids=["login", "redirect", "unknown"],
)
def test_a_wrong_address_says_what_is_wrong_with_it(answers_of: tuple[RawAnswer, ...], sentence: str) -> None:
    """A proxy that wants a login, a redirect and an address that is not there are told apart."""
    for answer in answers_of:
        error = answers.refusal(answer)
        assert type(error) is WrongAddress
        said = f"HTTP {answer.status}" + (", code 60: text" if answer.code else "")
        assert str(error) == sentence.format(url=URL, said=said)
        assert (error.http_status, error.api_code) == (answer.status, answer.code)


def test_an_address_that_is_not_known_is_called_the_base_url() -> None:
    """Where nobody said whence the answer came, the sentence says so in words."""
    assert "The server at the base URL does not know" in str(answers.refusal(RawAnswer(404, {}, b"", "key")))


SERVER = "Fri, 08 Jan 2016 15:11:02 GMT"


@pytest.mark.parametrize(
    ("announced", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("+7", 7.0),
        ("1.5", 1.5),
        ("2.", 2.0),
        ("-5", 0.0),
        ("123456789", 123456789.0),
        ("1234567890", None),
        ("1e3", None),
        (".5", None),
        ("soon", None),
        ("", None),
        ("nan", None),
        ("Fri, 08 Jan 2016 15:11:32 GMT", 30.0),
        ("Fri, 08 Jan 2016 15:11:32 -0000", 30.0),
        ("Fri, 08 Jan 2016 16:11:32 +0100", 30.0),
        ("Fri, 08 Jan 2016 15:11:00 GMT", 0.0),
        ("Fri, 08 Jan 2016 15:99:00 GMT", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_is_read_in_seconds_or_as_a_date(status: int, announced: str, seconds: float | None) -> None:
    """Retry-After is a number of seconds, or a date by the server's own clock; never negative, None if unreadable."""
    error = answers.refusal(raw(status, **{"retry-after": announced, "date": SERVER}))
    assert error.retry_after == seconds
    assert answers.refusal(raw(status, date=SERVER)).retry_after is None


def test_a_pause_until_a_date_is_counted_by_this_clock_where_the_server_tells_none() -> None:
    """Without a Date header the seconds until the date are counted from now."""
    until = formatdate(time.time() + 5000, usegmt=True)
    for headers in ({}, {"date": "yesterday"}):
        error = answers.refusal(raw(429, **{"retry-after": until}, **headers))
        assert 4000 < error.retry_after <= 5000
    past = formatdate(time.time() - 5000, usegmt=True)
    assert answers.refusal(raw(429, **{"retry-after": past})).retry_after == 0.0


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a Windows process cannot be set")
def test_dates_without_a_zone_are_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP dates are UTC wherever this machine stands."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "XYZ-5")
        time.tzset()
        told = answers.account(raw(200, {}, date="Fri, 08 Jan 2016 15:11:02 -0000"))
    time.tzset()
    assert told.server_time == 1452265862.0


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (raw(500, {"credits": 7}), ServerFault),
        (raw(400, {"credits": 7}), NumberRefused),
        (raw(302, {"credits": 7}), WrongAddress),
        (raw(200, {"credits": 7, "code": 72}), AccessRefused),
        (raw(200, {"credits": 7, "code": 0}), ServerFault),
        (raw(200, []), ServerFault),
        (raw(204), ServerFault),
        (raw(200, b"7"), ServerFault),
    ],
    ids=lambda value: getattr(value, "__name__", None) or f"{value.status}-{value.body[:20]!r}",
)
def test_what_is_not_the_accounts_state_is_refused(answer: RawAnswer, kind: type[RemoteError]) -> None:
    """Only 2xx with a JSON object and no code of the vendor's is the account's state."""
    with pytest.raises(kind):
        answers.account(answer)


def test_answers_are_values() -> None:
    """What an answer meant cannot be changed, and is kept without a dictionary: a run holds many of them."""
    for made, name in ((answers.Answer(False, 200), "claimed"), (answers.AccountState(7.0, None), "credits")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(made, name, True)
        assert not hasattr(made, "__dict__")


def test_the_account_tells_credits_and_clock() -> None:
    """Credits are a number or None; the Date header gives the server's time."""
    date = "Fri, 08 Jan 2016 15:11:02 GMT"
    assert answers.account(raw(200, {"credits": 7}, date=date)) == answers.AccountState(7.0, 1452265862.0)
    assert answers.account(raw(200, {"credits": "many", "more": []})) == answers.AccountState(None, None)
