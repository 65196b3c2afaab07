"""What stands beside a number: countries, labels, addresses, dates, other numbers."""

from __future__ import annotations

from datetime import date

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import tried

from .truth import lines, truth

A, B, S = "+33600000001", "+33740000002", "+41791234567"
FLAG = "\N{REGIONAL INDICATOR SYMBOL LETTER C}\N{REGIONAL INDICATOR SYMBOL LETTER H}"
SWISS = "079 123 45 67"
COUNTRIES = ("CH", "BE", "MA", "GB", "DE", "ES", "LU", "DZ", "SN")


@pytest.mark.parametrize(
    "text",
    [
        f"(CH) {SWISS}", f"{SWISS} (CH)", f"{FLAG} {SWISS}", f"{SWISS} {FLAG}", f"{FLAG}{SWISS}", f"Suisse : {SWISS}",
        f"Tél. Suisse {SWISS}", f"{SWISS} (Suisse)", f"{SWISS} (CH - Suisse)", f"CH {SWISS}", f"{SWISS} CH",
        f"CH - {SWISS}", f"[CH] {SWISS}", f"{SWISS} Schweiz", f"mobile (Suisse) {SWISS}", f"Suisse {SWISS} portable",
        f"(CH) +41 {SWISS[1:]}",
    ],
)  # fmt: skip
def test_a_country_beside_the_number_is_its_country(text: str) -> None:
    """A country named in the cell is where its number is read, and the name is left out."""
    assert lines([text]) == [[(S, "LABEL_REMOVED", "")]]


@pytest.mark.parametrize(
    ("text", "number", "code", "suggestion"),
    [
        (f"{SWISS} (Maroc)", "", "REGION_AMBIGUOUS", "+33791234567"),
        ("06 00 00 00 01 (ES)", "", "REGION_AMBIGUOUS", A),
        ("(CH) +33600000001", A, "LABEL_REMOVED", ""),
        ("(FR) 06 00 00 00 01", A, "LABEL_REMOVED", ""),
        ("de 06 00 00 00 01", A, "LABEL_REMOVED", ""),
        ("(Mr) 06 00 00 00 01", A, "LABEL_REMOVED", ""),
        ("06 00 00 00 01 (ma)", A, "LABEL_REMOVED", ""),
        ("06 00 00 00 01 (Jordan)", A, "LABEL_REMOVED", ""),
        ("DE 0151 23456789", "+4915123456789", "LABEL_REMOVED", ""),
        (f"CH Belgique {SWISS}", "", "CONTAINS_LETTERS", "+33791234567"),
        (f"(CH) {SWISS} (BE)", "", "COUNTRY_UNKNOWN", "+33791234567"),
        (f"(CH) {SWISS} Paul", "", "CONTAINS_LETTERS", S),
    ],
)
def test_a_country_beside_the_number_is_never_passed_over(text: str, number: str, code: str, suggestion: str) -> None:
    """Where the named country does not have the number, or two are named, nothing is taken; other words are labels."""
    assert lines([text]) == [[(number, code, suggestion)]]


@pytest.mark.slow
@tried(40)
@given(
    st.sampled_from(COUNTRIES),
    st.sampled_from(("({}) {}", "{1} ({0})", "{} : {}", "{} {}", "{1} {0}", "Tél. {} {}", "[{}] {}", "{} - {}")),
    st.booleans(),
    st.sampled_from(("FR", "BE", "RE", None)),
)
def test_every_writing_of_every_country(country: str, form: str, by_name: bool, default: str | None) -> None:
    """Each country's mobiles are its own beside its code or name, in every order and default region."""
    example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    names = {"CH": "Suisse", "BE": "Belgien", "MA": "Maroc", "GB": "Royaume-Uni", "DE": "Allemagne", "ES": "España",
             "LU": "Luxembourg", "DZ": "Algérie", "SN": "Sénégal"}  # fmt: skip
    national = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)
    text = form.format(names[country] if by_name or (country == "DE" and "Tél." in form) else country, national)
    number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    assert lines([text], default) == [[(number, "LABEL_REMOVED", "")]]
    assert lines([text], default) == [truth(text, default)]


def test_a_country_may_hold_for_the_other_numbers_of_the_cell() -> None:
    """A country beside one number of a cell is that of the others, and where it is not they are ambiguous."""
    assert lines([f"{SWISS} / 078 765 43 21 (CH)"]) == [
        [(S, "SPLIT_CELL", ""), ("+41787654321", "LABEL_REMOVED+SPLIT_CELL", "")]
    ]
    assert lines([f"06 00 00 00 01 / (CH) {SWISS}"]) == [
        [("", "REGION_AMBIGUOUS", A), (S, "LABEL_REMOVED+SPLIT_CELL", "")]
    ]


@pytest.mark.parametrize(
    "text",
    [
        "T. 06 00 00 00 01", "T . 06 00 00 00 01", "P. 06 00 00 00 01", "M. 06 00 00 00 01", "Port. 06 00 00 00 01",
        "GSM 06 00 00 00 01", "Tél portable 06 00 00 00 01", "t.0600000001", "Port. 06 00 00 00 01 - mail a1@x.fr",
        "a1@x.fr 0600000001", "0600000001 <a.b@x.fr>", "0600000001; e-mail : a12@x.co.uk", "0600000001, a1@x.fr",
    ],
)  # fmt: skip
def test_labels_and_addresses_go(text: str) -> None:
    """Words for a phone, short ones with a full stop included, and e-mail addresses beside a number are left out."""
    assert lines([text]) == [[(A, "LABEL_REMOVED", "")]]


@tried(40)
@given(
    st.sampled_from(("+33", "0033", "00 33", "[+33]", "[0033]", "(+33)", "(00 33)", "+ 33")),
    st.sampled_from((" - ", "-", " ", " / ", "/", "")),
    st.sampled_from(("6 00 00 00 01", "600000001", "(0)6 00 00 00 01", "6.00.00.00.01")),
)
def test_signs_behind_the_country_code(code: str, sign: str, rest: str) -> None:
    """A dash, slash or bracket between country code and number changes nothing."""
    assert lines([code + sign + rest]) == [[(A, "", "")]]


@pytest.mark.parametrize(
    "text",
    [
        "RDV 12/06/2019 10:00", "Tél. 06.12.1978 10h", "le 06-12-19 78 10", "tel 06.12.1978 10", "Né le 12/06/1978",
        "appel du 06/12/2019 14", "12/06/2019 à 10:00", "le 12/06/2019 vers 14 h", "12.06.2019 at 2:30 pm",
        "(RDV 12/06/2019)", "STOP reçu le 12.06.2019 14:05:33", "RDV 10h30", "am 12.06.2019 um 10 uhr",
        "06.12.1978 portable", "06.12.1978 10 portable", "06/12 (bureau)", "mobile 06.12.1978 (Mme Exemple)",
    ],
)  # fmt: skip
def test_dates_among_words_are_dates(text: str) -> None:
    """A date or an hour in any writing is a date, labels or not."""
    assert lines([text]) == [[("", "DATE_OR_TIME", "")]]


def test_a_date_before_a_label_is_no_number_of_a_region_with_short_numbers() -> None:
    """A date is a date where a label follows it, though its digits are a mobile of the region."""
    assert lines(["51220 portable", "5-12-20 portable"], "FK") == [
        [("+50051220", "LABEL_REMOVED", "")],
        [("", "DATE_OR_TIME", "")],
    ]


@tried(40)
@given(
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.sampled_from(("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y-%m-%d")),
    st.sampled_from(("", "tel ", "Tél. ", "le ", "RDV ", "appel du ", "Portable : ")),
    st.sampled_from(("", " 10", " 10h", " 10h30", " 10:30", " à 10:30", " 10:30:00", " at 10")),
)
def test_no_date_is_a_number(day: date, form: str, label: str, hour: str) -> None:
    """No date, behind any label and before any hour, is read as a number."""
    text = label + day.strftime(form) + hour
    assert lines([text]) == [[("", "DATE_OR_TIME", "")]]


@tried(30)
@given(
    st.text("0123456789", min_size=8, max_size=8),
    st.sampled_from(". -/"),
    st.sampled_from(("", "Tél. ", "le ", "Port : ")),
)
def test_five_groups_of_two_with_one_sign_are_a_phone(rest: str, sign: str, label: str) -> None:
    """Five groups of two digits with one sign throughout are never a date."""
    text = label + sign.join(["06", *(rest[place : place + 2] for place in range(0, 8, 2))])
    [[(_, code, _)]] = lines([text])
    assert code != "DATE_OR_TIME"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("06 00 00 00 01 Paul, 07 40 00 00 02 Marie", "CONTAINS_LETTERS"),
        ("appeler 0600000001 puis si absent 0740000002", "CONTAINS_LETTERS"),
        ("0600000001 et Paul 0740000002 / 79", "MULTIPLE_NUMBERS"),
        ("0600000001 / 0740000002 / 79", "MULTIPLE_NUMBERS"),
        ("06 00 00 00 01 / 79 / 07 40 00 00 02", "MULTIPLE_NUMBERS"),
    ],
)
def test_every_complete_mobile_is_suggested(text: str, code: str) -> None:
    """A refused cell suggests all complete mobiles in it."""
    assert lines([text]) == [[("", code, f"{A};{B}")]]


@pytest.mark.parametrize("sign", ["Ê", "ÿ"])
def test_blanks_of_another_encoding_are_told(sign: str) -> None:
    """A no-break blank of cp850 or Mac Roman read as a letter is refused, and the number is suggested."""
    assert lines([sign.join(("06", "00", "00", "00", "01"))]) == [[("", "CONTAINS_LETTERS", A)]]
