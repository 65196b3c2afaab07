"""How a file is read, said on the page as the command line's options say it; and rows whose list is unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from ptx_bulk.model import ListKind
from tests.ui.test_way import listed
from tests.ui.visitor import Seen, Visitor

ROWS = "mobile;Statut;ville\n0600000001;Parti;Paris\n0600000002;Actif;Lyon\n0600000003;Parti;Nice\n"


@pytest.mark.parametrize(
    ("said", "planned"),
    [
        ({"where.column": "Statut", "where.sign": "is", "where.value": "Parti"}, 2),
        ({"where.column": "Statut", "where.sign": "not", "where.value": "Parti"}, 1),
        ({"where.column": "ville", "where.sign": "is", "where.value": "Paris|Lyon"}, 2),
        ({"region": "BE"}, 0),
    ],
)
def test_what_is_said_of_the_rows_holds(visitor: Visitor, said: dict[str, str], planned: int):
    """Row filters and the country of numbers count as `--where` and `--region` do, once their meaning was shown."""
    work, _read = visitor.read("a.csv", ROWS, kind="stop")
    said = {"list": "stop", **said}
    read = visitor.say(work, "reading", act="plan", **said)
    assert read.phase == "read"
    page = visitor.say(work, "reading", act="plan", **said)
    number = "1 number" if planned == 1 else f"{planned} numbers"
    assert (f"{number} would be added" in page.words) is (planned > 0)


def test_what_cannot_be_read_can_be_said_otherwise(visitor: Visitor):
    """A wrong setting ends in its sentence with the settings still there, and taking it back mends it."""
    work, _read = visitor.read("a.csv", ROWS.replace("ville", "été"), kind="stop")
    wrong = {"act": "read", "list": "stop", "where.column": "nothing", "where.sign": "is", "where.value": "1"}
    told = visitor.say(work, "reading", **wrong)
    assert told.phase == "read"
    assert "nothing" in told.words
    assert 'value="plan"' not in told.text
    again = visitor.say(work, "reading", **{**wrong, "where.column": ""})
    assert 'value="plan"' in again.text


def test_an_encoding_that_cannot_be_is_told(visitor: Visitor):
    """A wrong encoding or separator is told, and can be taken back."""
    work, _read = visitor.read("a.csv", ROWS.replace("ville", "été").encode("cp1252"), kind="stop")
    told = visitor.say(work, "reading", act="read", encoding="utf-16")
    assert told.phase == "read"
    assert 'role="alert"' in told.text
    assert 'value="plan"' in visitor.say(work, "reading", act="read", encoding="cp1252", delimiter=";").text


def test_a_provider_is_named(visitor: Visitor):
    """Whose export it is can be said; the headings that it knows are then those that count."""
    work, read = visitor.read("a.csv", ROWS, kind="stop")
    assert '<option value="ovh">' in read.text
    told = visitor.say(work, "reading", act="read", preset="ovh")
    assert told.phase == "read"


@pytest.mark.parametrize("value", ["../../etc", "x\0y", "'"])
def test_only_known_settings_are_taken(visitor: Visitor, value: str):
    """Whatever a form sends, a setting that the page does not offer is none."""
    work, _read = visitor.read("a.csv", ROWS, kind="stop")
    told = visitor.say(work, "reading", act="read", preset=value, encoding=value, delimiter=value, accept=value)
    assert 'value="plan"' in told.text


@pytest.mark.slow
def test_the_profile_says_what_nobody_says(visitor: Visitor, home: Path, monkeypatch: pytest.MonkeyPatch):
    """A profile's list and limit of removals hold on the page as they do on the command line."""
    config = home.parent / "config.toml"
    config.write_text('[shop]\nlist = "npai"\nmax_removals = 1\n', encoding="utf-8")
    monkeypatch.setenv("PTX_CONFIG", str(config))
    visitor.choose("shop")
    rows = "phone\n" + "".join(f"06000000{n:02d}\n" for n in range(12))
    assert "NPAI list: 12 numbers would be added" in visitor.plan("a.csv", rows)[1].words
    visitor.send("a.csv", rows)
    _work, planned = visitor.plan("b.csv", "phone\n0600000000\n0600000001\n", "remove")
    assert "--max-removals 2" in planned.words


UNKNOWN = "tel;liste\n0600000001;STOP\n0600000002;NPAI\n0600000003;rien\n0600000004;truc\n"


def sent_with_unknown(visitor: Visitor) -> tuple[str, Seen]:
    """A run whose file has rows that say neither STOP nor NPAI."""
    work, _asked = visitor.read("a.csv", UNKNOWN)
    visitor.say(work, "answer", act="take", choice="0")
    visitor.say(work, "reading", act="plan")
    return work, visitor.say(work, "send")


@pytest.mark.slow
def test_an_unknown_list_is_chosen(visitor: Visitor):
    """A row that says neither STOP nor NPAI is asked for its list, and goes where the person says."""
    work, done = sent_with_unknown(visitor)
    assert "2 lines cannot be used" in done.words
    page = visitor.get(f"/works/{work}/mend")
    assert page.text.count('<option value="npai"') == 2
    sent = visitor.post(f"/works/{work}/mend", act="send", page="1", **{"v.0": "npai", "v.1": ""})
    following = visitor.settled(sent.work)
    assert "1 number would be added" in following.words
    visitor.say(sent.work, "send")
    assert (listed(), listed(ListKind.NPAI)) == (["+33600000001"], ["+33600000002", "+33600000003"])


@pytest.mark.slow
def test_all_unknown_lists_are_chosen_at_once(visitor: Visitor):
    """One button puts all such rows on a list; what was chosen row by row before stays."""
    work, _done = sent_with_unknown(visitor)
    visitor.post(f"/works/{work}/mend", act="stop", page="1", **{"v.0": "npai", "v.1": ""})
    sent = visitor.post(f"/works/{work}/mend", act="send", page="1")
    visitor.settled(sent.work)
    visitor.say(sent.work, "send")
    assert listed() == ["+33600000001", "+33600000004"]
