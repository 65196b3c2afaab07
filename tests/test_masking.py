"""What may be kept in a log: no number in any writing, no key, and still what a reader needs."""

from __future__ import annotations

import json
import logging
import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptx_bulk import eventlog
from ptx_bulk.masking import hide, masked, masked_value
from ptx_bulk.settings import Secret

_FORMATS = [
    phonenumbers.PhoneNumberFormat.E164,
    phonenumbers.PhoneNumberFormat.INTERNATIONAL,
    phonenumbers.PhoneNumberFormat.NATIONAL,
    phonenumbers.PhoneNumberFormat.RFC3966,
]


@st.composite
def written_numbers(draw: st.DrawFn) -> str:
    """A valid number of some country, as somebody may write it."""
    region = draw(st.sampled_from(["FR", "BE", "GP", "RE", "DE", "GB", "US", "CH", "MA"]))
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    text = phonenumbers.format_number(example, draw(st.sampled_from(_FORMATS)))
    between = draw(st.sampled_from(["", " ", ".", "-", "/", "\u00a0", "\u202f", "  ", " - "]))
    return re.sub(r"(?<=\d)[\s.-](?=\d)", between, text)


texts = st.text(st.characters(exclude_categories=["Nd", "Cs"]), max_size=12).filter(lambda text: text[-1:] != "+")


@given(texts, written_numbers(), texts)
def test_no_number_survives(before: str, number: str, after: str) -> None:
    """Of a number in any writing, in any text, no more than the first two and the last two digits are left."""
    left = re.sub(r"\D", "", masked(before + number + after))
    assert len(left) == 4


@given(st.integers(10**8, 10**15))
def test_no_number_survives_as_an_integer(number: int) -> None:
    """A number that somebody notes as a whole number, or as a key of an object, is masked, too."""
    told = json.dumps(masked_value({"n": number, str(number): [number], "f": float(number)}))
    assert not re.search(r"\d{7}", told)


@given(st.integers(0, 10**8 - 1))
def test_counts_stay(count: int) -> None:
    """Counts are no numbers of people and stay as they are."""
    assert masked_value({"counts": {"applied": count}}) == {"counts": {"applied": count}}


@pytest.mark.parametrize(
    "text",
    [
        "stops.20261123-190333-k3f9.results.csv",
        "Run 20261123-190333-k3f9 was stopped on 2026-11-23 19:03.",
        "2026-11-23T19:03:33Z, 12:30, 1,234,567 rows, HTTP 400, code 15",
        "Reading stops.csv: 3 rows; country FR.",
    ],
)
def test_names_of_runs_and_dates_stay(text: str) -> None:
    """What a reader needs to find a run again is not masked."""
    assert masked(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+33612345678 is listed", "+33…78 is listed"),
        ("06.12.34.56.78", "06…78"),
        ("20261123-190333-k3f9 0612345678", "20261123-190333-k3f9 06…78"),
        ("id2026-11-230612345678x", None),
        ("0033 6 12 34 56 78", "00…78"),
    ],
)
def test_what_is_left_of_a_number(text: str, expected: str | None) -> None:
    """A masked number shows its first and last two digits."""
    assert expected is None or masked(text) == expected
    assert "612345678" not in re.sub(r"\D", "", masked(text))


def test_every_secret_is_masked() -> None:
    """A text that was ever held as a Secret is masked from then on, and the sandbox's public key is not."""
    Secret(" k3y-Of-An-Account ", source="a test")
    Secret("sandbox", source="a test")
    hide("abc")
    assert masked("says k3y-Of-An-Account, abc, sandbox") == "says ***, abc, sandbox"


def test_events_are_masked_for_every_listener(caplog: pytest.LogCaptureFixture) -> None:
    """Facts of an event are masked where they are noted, and carry what was bound before."""
    with caplog.at_level(logging.DEBUG, "ptx_bulk.events"):
        eventlog.bind(run_id="20261123-190333-k3f9")
        eventlog.note("notice", text="+33612345678")
        for _n in range(5):
            eventlog.note_often("retry", kind="a test's own")
    assert [record.getMessage() for record in caplog.records] == ["notice", "retry"]
    assert caplog.records[0].facts == {"run_id": "20261123-190333-k3f9", "text": "+33…78"}
