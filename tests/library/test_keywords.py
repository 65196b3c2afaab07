"""Each keyword does what the option of its name does on the command line."""

from __future__ import annotations

import logging
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

import ptx_bulk
from ptx_bulk.errors import ConfigurationError, QuestionOpen
from ptx_bulk.library.keywords import (
    AuditKeywords,
    CheckKeywords,
    DiffKeywords,
    FetchKeywords,
    PaceKeywords,
    ReadKeywords,
    SendKeywords,
    WriteKeywords,
)
from ptx_bulk.model import ListKind
from tests.faults import FaultyServer

FR, OTHER, FRENCH, SWISS = "+33612345678", "+33698765432", "+33791234567", "+41791234567"
NPAI = ListKind.NPAI


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A folder, a state folder and a configuration of the test's own."""
    monkeypatch.setenv("PTX_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PTX_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").write_text('[shop]\nregion = "CH"\nmax_rate = 45\n[plain]\n', encoding="utf-8")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.fixture
def server():
    with FaultyServer().running() as server:
        yield server


def connected(server: FaultyServer, profile: str | None = None) -> ptx_bulk.Connection:
    return ptx_bulk.connect(base_url=server.url, key="sandbox", profile=profile)


def valid(given, **keywords) -> list[str]:
    """The accepted numbers, those that are another writing of one before left out."""
    lines = ptx_bulk.check(given, **keywords).frame
    return lines.loc[lines["e164"] != "", "e164"].tolist()


TWO = pd.DataFrame({"Portable": ["0612345678", ""], "Mobile": ["", "0698765432"]})


@pytest.mark.parametrize(
    ("column", "numbers"),
    [
        (1, [FR]),
        ("Mobile", [OTHER]),
        ("B", [OTHER]),
        (["Portable", 2], [FR, OTHER]),
        (("A", "Mobile"), [FR, OTHER]),
    ],
)
def test_columns_are_named_by_heading_letter_or_number(column, numbers):
    """One column or several, each by heading, letter or number."""
    assert valid(TWO, column=column) == numbers


FILES = {
    "list.csv": "Mobile;Liste;Pays\n0612345678;STOP;FR\n0791234567;NPAI;Suisse\n",
    "plain.csv": "0612345678\n0698765432\n",
    "bars.csv": "Mobile`Nom\n0612345678`x\n",
    "fixed.csv": "Tel\n0145678901\n",
}


@pytest.mark.parametrize(
    ("name", "keywords", "expected"),
    [
        ("list.csv", {}, [(FR, "stop"), (SWISS, "npai")]),
        ("list.csv", {"country_column": "none", "region": "CH"}, [(SWISS, "npai")]),
        ("list.csv", {"where": "Pays=Suisse"}, [(SWISS, "npai")]),
        ("list.csv", {"where": ["Pays=Suisse", "Liste=STOP"]}, []),
        ("list.csv", {"list_column": "Liste", "country_column": "Pays"}, [(FR, "stop"), (SWISS, "npai")]),
        ("plain.csv", {"header_row": 0, "list": "npai"}, [(FR, "npai"), (OTHER, "npai")]),
        ("plain.csv", {"header_row": 1, "column": 1}, [(OTHER, "stop")]),
        ("bars.csv", {"delimiter": "`"}, [(FR, "stop")]),
        ("fixed.csv", {}, []),
        ("fixed.csv", {"accept": "any"}, [("+33145678901", "stop")]),
    ],
)
def test_reading_is_as_the_keywords_say(here, name, keywords, expected):
    """Lists, countries, filters, headings, delimiters and kinds of numbers are those that the keywords name."""
    (here / name).write_text(FILES[name], encoding="utf-8")
    lines = ptx_bulk.check(name, **keywords).frame
    assert list(lines.loc[lines["e164"] != "", ["e164", "list"]].itertuples(index=False, name=None)) == expected


@pytest.mark.slow
def test_sheets_and_hidden_rows(here):
    """One sheet, several or all are read, and hidden rows are read or skipped."""
    with pd.ExcelWriter(here / "in.xlsx", engine="openpyxl") as book:
        for name, number in (("Un", FR), ("Deux", OTHER), ("Trois", SWISS)):
            pd.DataFrame({"Mobile": [number, "06 12"]}).to_excel(book, sheet_name=name, index=False)
            book.sheets[name].row_dimensions[3].hidden = True
    assert valid("in.xlsx", sheet="Deux") == [OTHER]
    assert valid("in.xlsx", sheet=["Un", "Trois"]) == [FR, SWISS]
    assert valid("in.xlsx", sheet="all") == [FR, OTHER, SWISS]
    assert len(ptx_bulk.check("in.xlsx", sheet="Un").frame) == 2
    assert len(ptx_bulk.check("in.xlsx", sheet="Un", hidden_rows="skip").frame) == 1


def test_encoding_is_obeyed(here):
    """A heading in an encoding that nobody could guess is read as it was written."""
    (here / "mac.csv").write_bytes("Téléphone;Prénom\n0612345678;Zoé\n".encode("mac-roman"))
    assert set(ptx_bulk.check("mac.csv", encoding="mac-roman").frame["column"]) == {"Téléphone"}


@pytest.mark.parametrize(
    ("profile", "keywords", "numbers"),
    [
        (None, {}, [FRENCH]),
        ("plain", {}, [FRENCH]),
        ("shop", {}, [SWISS]),
        ("shop", {"region": "FR"}, [FRENCH]),
        (None, {"region": "ch"}, [SWISS]),
        ("shop", {"region": "none"}, []),
        ("shop", {"region": "NONE"}, []),
        ("shop", {"region": None}, []),
    ],
)
def test_the_country_is_the_keywords_else_the_profiles_else_france(server, profile, keywords, numbers):
    """Numbers without a country are of `region`, else of the profile's, else French; with none they are no numbers."""
    done = connected(server, profile).import_(["079 123 45 67"], **keywords)
    assert sorted(server.lists[ListKind.STOP]) == numbers
    assert done.exit_code == (0 if numbers else 4)


def test_without_a_country_french_numbers_are_none_either():
    """`none` is no country, not France."""
    assert valid(["0612345678", FR]) == [FR, FR]
    assert valid(["0612345678", FR], region="none") == [FR]


def test_a_saved_reading_is_kept_and_used(here):
    """`save_reading` writes what the file means, and `reading` reads another file so."""
    frame = pd.DataFrame({"Portable": ["0612345678"], "Portable 2": ["0698765432"]})
    frame.to_csv(here / "first.csv", index=False)
    frame.to_csv(here / "second.csv", index=False)
    with pytest.raises(QuestionOpen):
        ptx_bulk.check("second.csv")
    ptx_bulk.check("first.csv", column="Portable 2", save_reading=here / "meant.toml")
    assert (here / "meant.toml").is_file()
    assert valid("second.csv", reading=here / "meant.toml") == [OTHER]


@pytest.mark.parametrize(("keywords", "rate"), [({}, "45/s"), ({"max_rate": 30}, "30/s")])
def test_the_pace_is_the_keywords_else_the_profiles(server, caplog, keywords, rate):
    """`max_rate` holds where it is given, else the profile's; the forecast tells it."""
    account = connected(server, "shop")
    with caplog.at_level(logging.INFO, "ptx_bulk"):
        account.import_([f"+336000{n:05d}" for n in range(1500)], time_limit=0, **keywords)
    assert any(record.getMessage().endswith(f" at {rate}") for record in caplog.records)


@pytest.mark.slow
def test_what_may_be_sent_is_as_the_keywords_say(server):
    """Dry runs send nothing, a canary goes first, nothing is read again without `verify`, limits and reasons count."""
    account = connected(server)
    numbers = [f"+336000{n:05d}" for n in range(20)]
    assert account.import_(numbers, list="npai", dry_run=True).summary.counts == {"planned": 20}
    assert not server.effects
    done = account.import_(numbers, list="npai", canary=5, verify=False)
    methods = "".join(call.request.method[0] for call in server.calls if call.request.method != "GET" or server.effects)
    assert (done.summary.verified, methods.strip("G")) == ({"yes": 5, "no": 0}, "P" * 5 + "G" + "P" * 15)
    for limit in (None, 5, "5", "25%"):
        refused = account.remove(numbers[:12], list="npai", **({} if limit is None else {"max_removals": limit}))
        assert (refused.exit_code, len(server.lists[NPAI])) == (7, 20)
    removed = account.remove(numbers[:12], list="npai", max_removals="60%", reason="asked for")
    assert (removed.summary.counts, removed.summary.reason) == ({"applied": 12}, "asked for")
    assert account.remove(numbers[12:14], list="npai", max_removals=2).summary.counts == {"applied": 2}
    assert account.import_(numbers[:3], verify_wait=0, timeout=5, concurrency=1).summary.counts == {"applied": 3}


@pytest.mark.parametrize("report", ["a.csv", Path("a.csv"), ["a.csv"], ("a.csv", Path("b.json")), [], ()])
def test_reports_are_written_where_they_are_asked_for(here, report):
    """One path or several, as text or as path; none writes nothing."""
    ptx_bulk.check([FR], report=report)
    wanted = [report] if isinstance(report, str | Path) else report
    assert {path.name for path in here.iterdir()} == {Path(one).name for one in wanted}


@pytest.mark.parametrize(("name", "value"), [("read_memory", 512), ("read_timeout", 5), ("read_timeout", 1)])
def test_limits_of_reading_are_taken(here, name, value):
    """Limits that leave room enough change nothing."""
    (here / "in.csv").write_text("Mobile\n0612345678\n", encoding="utf-8")
    assert valid("in.csv", **{name: value}) == [FR]


def test_misspelt_keywords_are_told_from_those_that_are_none():
    """A near name is proposed alone; where none is near, every argument of the method is listed, its own first."""
    with pytest.raises(ConfigurationError, match=r"no argument colunm; column may be meant\.$"):
        ptx_bulk.check([FR], colunm="x")
    with pytest.raises(
        ConfigurationError, match=r"no argument xyzzy; the arguments are: numbers, .*region.*report"
    ) as raised:
        ptx_bulk.check([FR], xyzzy=1)
    assert "dry_run" not in str(raised.value)


@pytest.mark.parametrize(
    "keywords",
    [
        ReadKeywords,
        FetchKeywords,
        PaceKeywords,
        SendKeywords,
        CheckKeywords,
        DiffKeywords,
        WriteKeywords,
        AuditKeywords,
    ],
)
def test_every_keyword_may_be_left_out(keywords):
    """For a type checker no keyword of any method is one that must be given."""
    assert keywords.__required_keys__ == frozenset()


@pytest.mark.parametrize("value", [True, 0.5, Decimal(5), ["5"], b"5"])
def test_a_limit_that_is_neither_number_nor_text_is_refused_by_the_keyword(value):
    """What only looks like a number once it is text is no limit: the keyword is named, not the option."""
    account = ptx_bulk.connect(sandbox=True)
    with pytest.raises(ConfigurationError, match="argument max_removals"):
        account.remove([FR], list="npai", max_removals=value)
