"""The fast path gives what the slow path gives, and no text is too strange for either."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptx_bulk.model import REJECTED_CODES, Accept
from tests.conftest import tried

from .truth import lines, truth

DEFAULTS = (
    "FR",
    "RE",
    "YT",
    "GP",
    "GF",
    "MQ",
    "PM",
    "BE",
    "CH",
    "MC",
    "US",
    "IT",
    "DE",
    "BR",
    "CI",
    "AU",
    "KR",
    "SG",
    None,
)
DIGITS = "0123456789"
FAMILY_CODES = ("33", "262", "590", "594", "596", "508")
HEADS = ("6", "7", "69", "639", "690", "691", "692", "693", "694", "696", "697", "708", "709", "7090", "7091", "7092",
         "1", "262", "263", "269", "508", "590", "594", "596", "80", "81", "89", "9")  # fmt: skip
ABROAD = (f"{sign}{code}{trunk}" for sign in ("+", "00", "00 ", "") for code in FAMILY_CODES
          for trunk in ("", " ", "0", "(0)", " (0)"))  # fmt: skip
PREFIXES = ("0", "", "(0)", "+-", "-", "+00", *ABROAD)
SEPARATORS = ("", " ", ".", "-", "/", "\xa0", "\u202f", "  ", " - ", " / ", ". ", ",")
ENDINGS = ("", "", "", ".0", ",0", ".00", ",00", ".5", " ", ".", "\xa0", "'", " (x)", "/79")
KINDS = range(11)
STYLES = range(4)


def examples() -> list[tuple[str, str]]:
    """Each region's example numbers in every usual writing, with the region."""
    found = []
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in KINDS:
            number = phonenumbers.example_number_for_type(region, kind)
            if number is None:
                continue
            digits = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)[1:]
            texts = {phonenumbers.format_number(number, style) for style in STYLES}
            texts |= {digits, f"00{digits}", f"{digits}.0", phonenumbers.national_significant_number(number)}
            found += [(text, region) for text in sorted(texts)]
    return found


@st.composite
def french(draw: st.DrawFn) -> str:
    """A number of the French family, right or nearly, in some writing."""
    head = draw(st.sampled_from(HEADS))
    length = draw(st.sampled_from((9, 9, 9, 9, 8, 10, 6)))
    number = (head + draw(st.text(DIGITS, min_size=length, max_size=length)))[:length]
    prefix, separator = draw(st.sampled_from(PREFIXES)), draw(st.sampled_from(SEPARATORS))
    groups = [number[:1], *(number[place : place + 2] for place in range(1, length, 2))]
    return prefix + separator.join(groups) + draw(st.sampled_from(ENDINGS))


MIXES = st.text("0123456789 .-/+(),:;#'=\n\t\xa0\u202faeExhT", max_size=22)
ACCEPTS = st.sampled_from(Accept)


@pytest.mark.slow
@tried(30)
@given(st.lists(french(), min_size=8, max_size=40), st.sampled_from(DEFAULTS), ACCEPTS)
def test_on_the_french_family(texts: list[str], region: str | None, accept: Accept) -> None:
    """Numbers of the French family in every writing are read alike by both paths."""
    assert lines(texts, region, accept) == [truth(text, region, accept) for text in texts]


@pytest.mark.parametrize(
    "region", ["FR", "BE", None, *(pytest.param(one, marks=pytest.mark.slow) for one in ("RE", "CH"))]
)
def test_on_the_examples_of_every_region(region: str | None) -> None:
    """Every region's example numbers in every usual writing are read alike by both paths."""
    texts = [text for text, _ in examples()][:: 2 if region == "FR" else 6]
    assert lines(texts, region) == [truth(text, region) for text in texts]


@tried(25)
@given(st.data(), ACCEPTS)
def test_on_neighbours_of_the_examples(data: st.DataObject, accept: Accept) -> None:
    """What a number taught the fast path holds for the numbers that begin like it, in any default region."""
    text, region = data.draw(st.sampled_from(EXAMPLES))
    free = data.draw(st.integers(1, 7))
    tails = data.draw(st.lists(st.text(DIGITS, min_size=free, max_size=free), min_size=5, max_size=25))
    sign, digits = ("+" if text.startswith("+") else ""), "".join(char for char in text if char in DIGITS)
    texts = [sign + digits[:-free] + tail for tail in tails]
    assert lines(texts, region, accept) == [truth(text, region, accept) for text in texts]


@tried(30)
@given(st.lists(MIXES, min_size=5, max_size=30), st.sampled_from(DEFAULTS), ACCEPTS)
def test_on_digits_and_punctuation(texts: list[str], region: str | None, accept: Accept) -> None:
    """Any mix of digits and punctuation is read alike by both paths."""
    assert lines(texts, region, accept) == [truth(text, region, accept) for text in texts]


@tried(30)
@given(st.lists(st.text(st.characters(), max_size=30), min_size=1, max_size=20))
def test_no_text_raises(texts: list[str]) -> None:
    """Any Unicode text, lone surrogates and NUL included, ends as lines with a number or one reason."""
    for text, found in zip(texts, lines(texts), strict=True):
        assert found == truth(text)
        assert all(number or code for number, code, _ in found)


@pytest.mark.parametrize(
    "piece", ["0", "06", ".", "- ", "(0)", "+", "x", "06 00 00 00 01, ", "1.", "(", "ext ", "e", "/", ":", "٠"]
)
def test_long_texts_are_settled_at_once(piece: str) -> None:
    """A cell as long as Excel allows is rejected, and quickly."""
    text = (piece * 32_767)[:32_767]
    [[(number, code, _)]] = lines([text])
    assert not number
    assert code in REJECTED_CODES
    assert lines([text[:990]]) == [truth(text[:990])]


@pytest.mark.slow
@tried(30)
@given(st.lists(french() | MIXES, min_size=8, max_size=40), st.sampled_from(DEFAULTS), ACCEPTS)
def test_the_answer_is_its_own_answer(texts: list[str], region: str | None, accept: Accept) -> None:
    """Normalising an accepted number again gives the number itself, without a code."""
    numbers = [number for of_text in lines(texts, region, accept) for number, _, _ in of_text if number]
    assert lines(numbers, region, accept) == [[(number, "", "")] for number in numbers]


EXAMPLES = examples()
