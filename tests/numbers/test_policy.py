"""The policy for numbers, rule by rule: raw cell, default region, expected lines."""

from __future__ import annotations

import pandas as pd
import pytest

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.model import REJECTED_CODES, Accept, CellKind
from ptx_bulk.numbers import normalise

from .truth import lines, truth

A, B = "+33600000001", "+33740000002"
WIDE = "\N{NARROW NO-BREAK SPACE}"

CLEAN = [
    "0600000001", "06 00 00 00 01", "06.00.00.00.01", "06-00-00-00-01", "06/00/00/00/01", "0600 000 001",
    "+33600000001", "+33 6 00 00 00 01", "0033600000001", "00 33 6 00 00 00 01", "(+33)600000001", "+(33)600000001",
    "+33.6.00.00.00.01", "+33-6-00-00-00-01", "+33.600000001", "0-600000001", "(06) 00 00 00 01",
    "+33 (0)6 00 00 00 01", "+33(0)600000001", "0033(0)600000001", "(0)6 00 00 00 01", "++33600000001",
    "06\xa000\xa000\xa000\xa001", f"06{WIDE}00{WIDE}00{WIDE}00{WIDE}01", "06\u200900\u200900\u200900\u200901",
    "06\u200b00\u200b00\u200b00\u200b01", "\u202a+33600000001\u202c", "\ufeff0600000001",
    "０６０００００００１", "٠٦٠٠٠٠٠٠٠١",
    "06‑00‑00‑00‑01", "06·00·00·00·01", "06_00_00_00_01", "06,00,00,00,01", "  0600000001\t", "0600000001\n",
    "0600000001\x00", "'0600000001", "’0600000001", '="0600000001"', "=0600000001", '"0600000001"', "« 0600000001 »",
    "tel:+33600000001", "0600000001.", "0600000001;", "06 00 00 00 01 /", "0600000001_x000D_", "%2B33600000001",
    "06%2000%2000%2000%2001", "tel:%2B33%206%2000%2000%2000%2001", " 06%2000000001 ",
    "&#43;33600000001", "06&nbsp;00&nbsp;00&nbsp;00&nbsp;01", "06Â\xa000Â\xa000Â\xa000Â\xa001",
    "06\ufffd00\ufffd00\ufffd00\ufffd01", "0️⃣6️⃣0️⃣0️⃣0️⃣0️⃣0️⃣0️⃣0️⃣1️⃣", "06 00 00\n00 01", "06 - 00 - 00 - 00 - 01",
]  # fmt: skip

REPAIRED = [
    ("600000001", "ZERO_RESTORED"),
    ("600 000 001", "ZERO_RESTORED"),
    ("600,000,001", "ZERO_RESTORED"),
    ("33600000001", "PLUS_RESTORED"),
    ("33 6 00 00 00 01", "PLUS_RESTORED"),
    ("(33) 6 00 00 00 01", "PLUS_RESTORED"),
    ("33 (0)6 00 00 00 01", "PLUS_RESTORED"),
    ("+330600000001", "TRUNK_ZERO_REMOVED"),
    ("0033 0 600000001", "TRUNK_ZERO_REMOVED"),
    ("+33 0 6 00 00 00 01", "TRUNK_ZERO_REMOVED"),
    ("330600000001", "PLUS_RESTORED+TRUNK_ZERO_REMOVED"),
    ("600000001.0", "ZERO_RESTORED+FLOAT_REPAIRED"),
    ("600000001,00", "ZERO_RESTORED+FLOAT_REPAIRED"),
    ("33600000001.0", "PLUS_RESTORED+FLOAT_REPAIRED"),
    ("33 600 000 001,00", "PLUS_RESTORED+FLOAT_REPAIRED"),
    ("0600000001.0", "FLOAT_REPAIRED"),
    ("6,00000001E+08", "ZERO_RESTORED+FLOAT_REPAIRED"),
    ("3.3600000001e10", "PLUS_RESTORED+FLOAT_REPAIRED"),
    ("+3.3600000001E+10", "FLOAT_REPAIRED"),
    ("Tél. 06 00 00 00 01", "LABEL_REMOVED"),
    ("Portable : 06 00 00 00 01", "LABEL_REMOVED"),
    ("Tel 2 : 06 00 00 00 01", "LABEL_REMOVED"),
    ("N°06.00.00.00.01", "LABEL_REMOVED"),
    ("GSM0600000001", "LABEL_REMOVED"),
    ("0600000001 (bureau)", "LABEL_REMOVED"),
    ("06 00 00 00 01 (Mme Exemple)", "LABEL_REMOVED"),
    ("0600000001 portable", "LABEL_REMOVED"),
    ("☎ 06 00 00 00 01", "LABEL_REMOVED"),
    ("📱0600000001", "LABEL_REMOVED"),
    ("p:+33600000001", "LABEL_REMOVED"),
    ("Portable : 600000001.0", "ZERO_RESTORED+FLOAT_REPAIRED+LABEL_REMOVED"),
    ("whatsapp:+33600000001", "LABEL_REMOVED"),
    ("sms:+33600000001", "LABEL_REMOVED"),
    ("https://wa.me/33600000001", "LABEL_REMOVED"),
    ("https://wa.me/33600000001?text=STOP", "LABEL_REMOVED"),
]

REJECTED = [
    ("", "EMPTY"), ("\xa0", "EMPTY"), ("N/A", "EMPTY"), ("na", "EMPTY"), ("NULL", "EMPTY"), ("None", "EMPTY"),
    ("nan", "EMPTY"), ("-", "EMPTY"), ("--", "EMPTY"), ("—", "EMPTY"), ('=""', "EMPTY"), (r"\N", "EMPTY"),
    ("néant", "NOT_A_NUMBER"), ("?", "NOT_A_NUMBER"), ("x", "NOT_A_NUMBER"), ("VRAI", "NOT_A_NUMBER"),
    ("-600000001", "NOT_A_NUMBER"), ("-33600000001", "NOT_A_NUMBER"), ("−600000001", "NOT_A_NUMBER"),
    ("(-600000001)", "NOT_A_NUMBER"), ("0%20 600000001", "NOT_A_NUMBER"), ("06 %2000 000 001", "NOT_A_NUMBER"),
    ("0‑%20600000001", "NOT_A_NUMBER"),
    ("06******01", "NOT_A_NUMBER"), ("06²", "NOT_A_NUMBER"), ("12 %", "NOT_A_NUMBER"), ("061234567(8)", "NOT_A_NUMBER"),
    ("3.36E-10", "NOT_A_NUMBER"), ("-3.36E+10", "NOT_A_NUMBER"), ("6.000000015E+08", "NOT_A_NUMBER"),
    ("060000CALL", "CONTAINS_LETTERS"), ("06 00 00 00 0A", "CONTAINS_LETTERS"), ("06 00 XX XX XX", "CONTAINS_LETTERS"),
    ("@SUM(1+9)*0600000001", "CONTAINS_LETTERS"),
    ("06 00 00 00 0", "TOO_SHORT"), ("60000000", "TOO_SHORT"), ("60000000.0", "TOO_SHORT"),
    ("+33 60000000", "TOO_SHORT"),
    ("0600000 pro", "TOO_SHORT"), ("3949", "TOO_SHORT"), ("0", "TOO_SHORT"),
    ("06000000012", "TOO_LONG"), ("6000000012", "TOO_LONG"), ("+336000000012", "TOO_LONG"),
    ("81234567800012", "TOO_LONG"),
    ("0712345678", "INVALID_FOR_REGION"), ("0639981234", "INVALID_FOR_REGION"), ("0691991234", "INVALID_FOR_REGION"),
    ("0000000000", "INVALID_FOR_REGION"), ("+999 123 456 789", "INVALID_FOR_REGION"),
    ("01 00 00 00 01", "NOT_MOBILE"), ("0977000001", "NOT_MOBILE"), ("0800000001", "NOT_MOBILE"),
    ("0806000001", "NOT_MOBILE"), ("0262905050", "NOT_MOBILE"), ("0590276027", "NOT_MOBILE"),
    ("+39 06 67611", "NOT_MOBILE"), ("+800 1234 5678", "NOT_MOBILE"),
    ("3.36E+10", "PRECISION_LOST"), ("3,36E+10", "PRECISION_LOST"), ("6.1234567E8", "PRECISION_LOST"),
    ("2,62692E+11", "PRECISION_LOST"), ("6E+08", "PRECISION_LOST"), ("1e9999", "PRECISION_LOST"),
    ("06/12/1978", "DATE_OR_TIME"), ("2006-12-06", "DATE_OR_TIME"), ("1978-06-12 00:00:00", "DATE_OR_TIME"),
    ("06.12.1978 10h", "DATE_OR_TIME"), ("06.12.1978 10", "DATE_OR_TIME"), ("12:34:56", "DATE_OR_TIME"),
    ("10h30", "DATE_OR_TIME"), ("06-déc", "DATE_OR_TIME"), ("12 juin 1978", "DATE_OR_TIME"), ("6-Dec", "DATE_OR_TIME"),
    ("#N/A", "EXCEL_ERROR"), ("#REF!", "EXCEL_ERROR"), ("#VALEUR!", "EXCEL_ERROR"), ("#NOM?", "EXCEL_ERROR"),
    ("#DIV/0!", "EXCEL_ERROR"), ("#########", "EXCEL_ERROR"), ("Err:502", "EXCEL_ERROR"), ("#¡VALOR!", "EXCEL_ERROR"),
    ('=CONCATENATE("06";"00000001")', "FORMULA_NOT_CALCULATED"),
    ("06 00 00 00 01 / 79", "MULTIPLE_NUMBERS"), ("0600000001/79", "MULTIPLE_NUMBERS"),
    ("06 00 00 00 01 ou 79", "MULTIPLE_NUMBERS"), ("06;00;00;00;01", "MULTIPLE_NUMBERS"),
    ("0600000001 poste 12", "HAS_EXTENSION"), ("0100000001 ext 12", "HAS_EXTENSION"),
    ("0600000001 #2", "HAS_EXTENSION"),
    ("0600000001;ext=12", "HAS_EXTENSION"), ("0600000001x12", "HAS_EXTENSION"),
]  # fmt: skip

SUGGESTED = [
    ("+0600000001", "INVALID_FOR_REGION", A),
    ("+600000001", "TOO_SHORT", A),
    ("00033600000001", "TOO_LONG", A),
    ("033600000001", "TOO_LONG", A),
    ("33600000001.000004", "NOT_A_NUMBER", A),
    ("600000001.5", "NOT_A_NUMBER", ""),
    ("60000000.1", "NOT_A_NUMBER", A),
    ("Portable : 60000000.1", "NOT_A_NUMBER", A),
    ("33.600000001", "NOT_A_NUMBER", A),
    ("O600000001", "CONTAINS_LETTERS", A),
    ("(O)6 00 00 00 01", "CONTAINS_LETTERS", A),
    ("[O] 6 00 00 00 01", "CONTAINS_LETTERS", A),
    ("06 00 00 00 0(l)", "CONTAINS_LETTERS", ""),
    ("06 00 00 00 01 Mme Exemple", "CONTAINS_LETTERS", A),
    ("0600000001?", "NOT_A_NUMBER", A),
    ("06 00 00 00 01 07 40 00 00 02", "MULTIPLE_NUMBERS", f"{A};{B}"),
    ("0600000001 / 12", "MULTIPLE_NUMBERS", A),
    ("0600000001 / 99", "MULTIPLE_NUMBERS", A),
    ("0600000001 poste 12", "HAS_EXTENSION", A),
    ("0049 151 23456789 poste 12", "HAS_EXTENSION", "+4915123456789"),
    ("0262692123456", "TOO_LONG", "+262692123456"),
    ("33690001234", "REGION_AMBIGUOUS", "+590690001234"),
    ("0033692123456", "REGION_AMBIGUOUS", "+262692123456"),
    ("+596690001234", "REGION_AMBIGUOUS", "+590690001234"),
    ("+269639012345", "REGION_AMBIGUOUS", "+262639012345"),
    ("376312345", "REGION_AMBIGUOUS", "+376312345"),
]

OVERSEAS = [
    ("0690001234", "+590690001234"), ("0691221234", "+590691221234"), ("0692123456", "+262692123456"),
    ("0693123456", "+262693123456"), ("0639012345", "+262639012345"), ("0694201234", "+594694201234"),
    ("0696201234", "+596696201234"), ("0697101234", "+596697101234"), ("0709001234", "+590709001234"),
    ("0708401234", "+508708401234"), ("0508551234", "+508551234"),
]  # fmt: skip

REGIONS = [
    ("0600000001", "RE", A, "OVERSEAS_RESOLVED"),
    ("0692123456", "RE", "+262692123456", ""),
    ("0639012345", "RE", "+262639012345", ""),
    ("0470 12 34 56", "BE", "+32470123456", ""),
    ("470123456", "BE", "+32470123456", "ZERO_RESTORED"),
    ("079 123 45 67", "CH", "+41791234567", ""),
    ("07911 123456", "GB", "+447911123456", ""),
    ("612345678", "ES", "+34612345678", ""),
    ("712345678", "CI", "+2250712345678", "ZERO_RESTORED"),
    ("011 33 6 00 00 00 01", "US", A, ""),
    ("0033600000001", "US", A, ""),
    ("0011 33 6 00 00 00 01", "AU", A, ""),
    ("0033600000001", "AU", A, ""),
    ("001 33 6 00 00 00 01", "TH", A, ""),
    ("006581234567", "SG", "+6581234567", ""),
    ("0033600000001", None, A, ""),
    ("+33600000001", None, A, ""),
    ("33600000001", None, A, "PLUS_RESTORED"),
    ("447911123456", "FR", "+447911123456", "PLUS_RESTORED"),
    ("590690001234", "FR", "+590690001234", "PLUS_RESTORED"),
    ("687751234", "FR", "+33687751234", "ZERO_RESTORED"),
    ("+262 0692 12 34 56", "FR", "+262692123456", "TRUNK_ZERO_REMOVED"),
    ("+262(0)692123456", "FR", "+262692123456", ""),
    ("+1 201 555 0123", "FR", "+12015550123", ""),
    ("+225 07 12 34 56 78", "FR", "+2250712345678", ""),
    ("0600000001", None, "", "REGION_AMBIGUOUS"),
]


@pytest.mark.parametrize("text", CLEAN)
def test_ordinary_writings_need_no_code(text: str) -> None:
    """An ordinary writing of a French mobile is accepted and nothing is reported about it."""
    assert lines([text]) == [[(A, "", "")]]


@pytest.mark.parametrize(("text", "code"), REPAIRED)
def test_certain_repairs_are_made_and_said(text: str, code: str) -> None:
    """A repair that loses nothing is made, and every repair is named."""
    assert lines([text]) == [[(A, code, "")]]


@pytest.mark.parametrize(("text", "code"), REJECTED)
def test_what_is_no_mobile_has_its_reason(text: str, code: str) -> None:
    """What cannot be taken is one rejected line with one reason."""
    [[(number, found, _)]] = lines([text])
    assert (number, found) == ("", code)


@pytest.mark.parametrize(("text", "code", "suggestion"), SUGGESTED)
def test_a_guess_is_only_suggested(text: str, code: str, suggestion: str) -> None:
    """Where a person would guess the number is suggested, never taken."""
    assert lines([text]) == [[("", code, suggestion)]]


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("0086013123456784", "CN", "+8613123456784"),
        ("00 86 01 31 23 45 67 84", "CN", "+8613123456784"),
        ("00-234-0802-169-4372", "FR", "+2348021694372"),
        ("011 86 0131 2345 6784", "US", "+8613123456784"),
    ],
)
def test_what_is_dialled_before_a_number_does_not_make_it_several(text: str, region: str, number: str) -> None:
    """Two zeros, country code and trunk zero may have more digits than a number, in groups as in one piece."""
    assert lines([text], region) == [[(number, "TRUNK_ZERO_REMOVED", "")]]


def test_a_plan_that_grew_is_suggested() -> None:
    """A number of a plan that grew is rejected with its new writing; the code depends on the age of the plan known."""
    [[(number, code, suggestion)]] = lines(["+229 97 12 34 56"])
    assert (number, suggestion) == ("", "+2290197123456")
    assert code in {"TOO_SHORT", "INVALID_FOR_REGION"}


@pytest.mark.parametrize(("text", "number"), OVERSEAS)
def test_overseas_mobiles_get_their_own_country_code(text: str, number: str) -> None:
    """A national writing of an overseas mobile belongs to its own region, with or without its zero."""
    assert lines([text]) == [[(number, "OVERSEAS_RESOLVED", "")]]
    if not number.startswith("+508551"):
        assert lines([text[1:]]) == [[(number, "ZERO_RESTORED+OVERSEAS_RESOLVED", "")]]


@pytest.mark.parametrize(("text", "region", "number", "code"), REGIONS)
def test_the_default_region_is_where_national_writings_are_read(
    text: str, region: str | None, number: str, code: str
) -> None:
    """National digits are read in the default region first, then as country code and number."""
    assert lines([text], region) == [[(number, code, "")]]


@pytest.mark.parametrize(
    ("text", "region", "suggestions"),
    [
        ("008201020001908", "KR", "+821020001908;+201020001908"),
        ("00251911234567", "SG", "+251911234567;+51911234567"),
    ],
)
def test_00_that_begins_a_longer_prefix_of_the_region_may_mean_two_numbers(
    text: str, region: str, suggestions: str
) -> None:
    """Where 00 and the region's own international prefix say two numbers, neither is taken."""
    assert lines([text], region) == [[("", "REGION_AMBIGUOUS", suggestions)]]


@pytest.mark.parametrize(
    "text",
    [
        "0600000001 / 0740000002", "0600000001,,0740000002", "0600000001 ou 0740000002", "0600000001\n0740000002",
        "+33600000001 ::: +33740000002", "0600000001;0740000002", "0600000001 0740000002",
        "06 00 00 00 01 - 07 40 00 00 02",
        "+33600000001+33740000002", "0600000001|0740000002", "0600000001 & 0740000002", "0600000001-0740000002",
    ],
)  # fmt: skip
def test_complete_numbers_of_a_cell_get_a_line_each(text: str) -> None:
    """Every complete number of a cell is a line of its own, in order."""
    assert lines([text]) == [[(A, "SPLIT_CELL", ""), (B, "SPLIT_CELL", "")]]


def test_labels_stay_with_their_part() -> None:
    """Each number of a cell may have its own label; a part that is no mobile is a rejected line."""
    assert lines(["Port : 06 00 00 00 01 / Fixe : 01 00 00 00 01"]) == [
        [(A, "LABEL_REMOVED+SPLIT_CELL", ""), ("", "NOT_MOBILE", "")]
    ]


def test_a_number_twice_in_a_cell_is_two_lines_of_one_number() -> None:
    """The same number twice in a cell stays two lines, for the pipeline to call the second a duplicate."""
    assert lines(["0600000001 0600000001"]) == [[(A, "SPLIT_CELL", ""), (A, "SPLIT_CELL", "")]]


def test_a_monaco_writing_is_taken_and_called_ambiguous() -> None:
    """A mobile written nationally in Monaco may be a French one: taken as Monaco's, said, the other suggested."""
    assert lines(["0612345678"], "MC") == [[("+377612345678", "REGION_AMBIGUOUS", "+33612345678")]]


@pytest.mark.parametrize(
    ("text", "number", "code"),
    [
        ("01 00 00 00 01", "+33100000001", ""),
        ("0262905050", "+262262905050", "OVERSEAS_RESOLVED"),
        ("0596501234", "+596596501234", "OVERSEAS_RESOLVED"),
        ("+33 2 62 90 50 50", "", "INVALID_FOR_REGION"),
        ("+33 5 96 50 12 34", "", "REGION_AMBIGUOUS"),
        ("376312345", "", "REGION_AMBIGUOUS"),
        ("0806000001", "+33806000001", ""),
        ("Tél. 01 00 00 00 01", "+33100000001", "LABEL_REMOVED"),
        ("0600000001 poste 12", "", "HAS_EXTENSION"),
    ],
)
def test_any_valid_number_may_be_asked_for(text: str, number: str, code: str) -> None:
    """With `accept any` landlines count, overseas ones under their own code; ambiguity is refused all the same."""
    [[(found, found_code, _)]] = lines([text], accept=Accept.ANY)
    assert (found, found_code) == (number, code)


@pytest.mark.parametrize(
    ("region", "number"), [("FR", "+33807483378"), ("RE", "+262807483378"), ("GP", "+590807483378")]
)
def test_what_several_regions_of_the_family_have_is_the_own_ones(region: str, number: str) -> None:
    """A number that is valid under several codes of the French family has the code of the default region."""
    assert lines(["0807 48 33 78"], region, Accept.ANY) == [[(number, "", "")]]


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (CellKind.BOOLEAN, "NOT_A_NUMBER"),
        (CellKind.DATE, "DATE_OR_TIME"),
        (CellKind.ERROR, "EXCEL_ERROR"),
        (CellKind.FORMULA, "FORMULA_NOT_CALCULATED"),
        (CellKind.EMPTY, "EMPTY"),
    ],
)
def test_the_kind_of_a_cell_comes_before_its_text(kind: CellKind, code: str) -> None:
    """What the spreadsheet says about a cell is believed, whatever its text looks like."""
    kinds = pd.Series([kind, CellKind.TEXT, CellKind.NUMBER]).astype("category")
    frame = normalise(pd.Series(["0600000001", "0600000001", "600000001"]), kinds)
    assert frame["code"].tolist() == [code, "", "ZERO_RESTORED"]
    assert frame["number"].tolist() == [0, 33600000001, 33600000001]


def test_a_region_for_each_row() -> None:
    """With a Series each cell is read in its own region; empty ones count as none, unknown ones as unknown."""
    regions = pd.Series(["FR", "be", "", "XX", None])
    frame = normalise(pd.Series(["0470123456"] * 5), region=regions)
    assert frame["code"].tolist() == ["NOT_MOBILE", "", "REGION_AMBIGUOUS", "COUNTRY_UNKNOWN", "REGION_AMBIGUOUS"]


def test_an_unknown_region_is_a_mistake_of_the_caller() -> None:
    """A region that does not exist is refused in one sentence that names it."""
    with pytest.raises(ConfigurationError, match="XX"):
        normalise(pd.Series(["0600000001"]), region="XX")


def test_the_shape_of_the_answer() -> None:
    """Every cell appears, in order, split cells several times; the types are what the signature says."""
    raw = pd.Series(["0600000001 / 0740000002", None, "0600000001", "?"], index=[7, 7, 8, 9])
    frame = normalise(raw)
    assert frame["cell"].tolist() == [0, 0, 1, 2, 3]
    assert [str(kind) for kind in frame.dtypes] == ["int64", "int64", "category", "str"]
    empty = normalise(pd.Series([], dtype="str"))
    assert [str(kind) for kind in empty.dtypes] == ["int64", "int64", "category", "str"]
    assert empty.empty


def test_the_tables_cover_every_reason() -> None:
    """No reason for a rejection is without an example here, but for those that other columns give."""
    seen = {code for _, code in REJECTED} | {code for _, code, _ in SUGGESTED}
    assert seen == set(REJECTED_CODES) - {"LIST_UNKNOWN", "COUNTRY_UNKNOWN", "DAMAGED_ROW"}


def test_slow_and_fast_agree_on_the_tables() -> None:
    """The slow path gives the same lines for every text of the tables."""
    texts = [*CLEAN, *(row[0] for row in [*REPAIRED, *REJECTED, *SUGGESTED, *OVERSEAS])]
    assert lines(texts) == [truth(text) for text in texts]


@pytest.mark.parametrize("cells", [("06 12 34 56 78", None, 33612345679), iter(["06 12 34 56 78", None, 33612345679])])
def test_any_iterable_of_cells_is_a_column(cells):
    """Cells need not be a Series: a missing one is empty, a number is its digits."""
    found = normalise(cells)
    assert found["number"].tolist() == [33612345678, 0, 33612345679]
    assert found["code"].tolist() == ["", "EMPTY", "PLUS_RESTORED"]


@pytest.mark.parametrize("cells", ["0612345678", b"0612345678", {"a": "0612345678"}, 5, None])
def test_what_is_no_column_of_cells_is_refused_by_name(cells):
    """A text alone, a mapping and a number are refused, with the argument's name."""
    with pytest.raises(ConfigurationError, match="raw"):
        normalise(cells)


# Denmark's mobiles have eight digits, as many as a date.
DATES = [
    ("20.12.1978", "DATE_OR_TIME", ""),
    ("20.12.1978 - mail nom@exemple.dk", "DATE_OR_TIME", ""),
    ("nom@exemple.dk 20/12/1978", "DATE_OR_TIME", ""),
    ("tlf 20.12.1978", "DATE_OR_TIME", ""),
    ("20 12 34 56 / 20.12.1978", "MULTIPLE_NUMBERS", "+4520123456"),
    ("20.12.1978; 20123456", "MULTIPLE_NUMBERS", "+4520123456"),
    ("20123456\n20.12.1978", "MULTIPLE_NUMBERS", "+4520123456"),
    ("20123456 20.12.1978", "TOO_LONG", ""),
    ("20 12 34 56 (20.12.1978)", "NOT_A_NUMBER", ""),
]


@pytest.mark.parametrize(("text", "code", "suggestion"), DATES)
def test_a_date_is_no_number_wherever_it_stands_in_a_cell(text: str, code: str, suggestion: str) -> None:
    """A date of as many digits as a mobile is refused beside a number, behind a label and behind an address, too."""
    assert lines([text], "DK") == [[("", code, suggestion)]]
