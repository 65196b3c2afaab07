"""What is known of a number as pages: the time line, and the dossier for the person, in French and in English."""

from __future__ import annotations

import io
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ptx_bulk.model import EVENT_COLUMNS, ListKind
from ptx_bulk.reports import export_found, write_dossiers
from ptx_bulk.reports.html.found import write_dossier

GOLDEN = Path(__file__).parent / "golden"
HOSTILE = '</style><script>alert(1)</script><img src=x onerror="alert(2)">{{ 7777*11 }}\x1b[31m\u202e'
pytestmark = pytest.mark.skipif(os.name == "nt", reason="this system cannot be told another time zone")


@dataclass
class Standing:
    list: ListKind
    held: bool | None
    read_at: str = "2026-11-28T08:05:00Z"


@dataclass
class Sought:
    number: str
    standings: tuple[Standing, ...]
    events: pd.DataFrame
    known: bool = True


@pytest.fixture(autouse=True)
def paris(monkeypatch):
    """The reader lives in Paris."""
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def events(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(
        [{name: row.get(name, 0 if name == "row" else "") for name in EVENT_COLUMNS} for row in rows],
        columns=list(EVENT_COLUMNS),
    )


def person(**more: str) -> Sought:
    """Somebody on STOP whose number came, went, was imported, removed, taken back and said STOP in the end."""
    file = {
        "file": "C:\\clients\\liste.xlsx",
        "sheet": "Feuil1",
        "row": 12,
        "actor": "Anna Dupont",
        "host": "pc-12",
    } | more
    run = {"run_id": "20260101-000000-aaaa", "command": "import", "comment": "secret", "input_sha256": "ab" * 32} | file
    rows = [
        {"event": "seen", "list": "npai", "time": "2026-01-01T11:00:00Z"},
        {"event": "left", "list": "npai", "time": "2026-02-03T13:05:00Z", "earliest": "2026-01-01T11:00:00Z"},
        run | {"event": "named", "list": "stop", "time": "2026-03-01T11:00:00Z", "status": "unchanged"},
        run | {"event": "named", "list": "stop", "time": "2026-03-02T11:00:00Z", "status": "rejected"},
        run | {"event": "added", "list": "stop", "time": "2026-04-01T10:00:00Z", "action": "add", "undone_by": "x"},
        {"event": "came", "list": "stop", "time": "2026-04-01T10:00:10Z", "earliest": "2026-04-01T09:59:00Z"}
        | {"run_id": "20260101-000000-aaaa"},
        run | {"event": "removed", "list": "stop", "time": "2026-04-02T10:00:00Z", "action": "remove", "parent": "y"}
        | {"reason": "Réinscription demandée", "file": ""},
        run | {"event": "attempted", "list": "npai", "time": "2026-05-01T10:00:00Z", "action": "add"}
        | {"status": "unknown"},
        {"event": "came", "list": "stop", "time": "2026-08-31T22:30:00Z", "earliest": "2026-08-30T22:00:00Z"},
        {"event": "opted_out", "list": "stop", "time": "2026-08-31T08:07:00Z", "campaign_id": "5f3c"},
        {"event": "listed", "list": "stop", "time": "2026-11-28T08:05:00Z"},
        {"event": "not_listed", "list": "npai", "time": "2026-11-28T08:05:00Z"},
    ]  # fmt: skip
    return Sought(
        "+33612345678", (Standing(ListKind.STOP, True), Standing(ListKind.NPAI, False)),
        events(*({"number": "+33612345678", **row} for row in rows)),
    )  # fmt: skip


def nobody() -> Sought:
    """Somebody of whom nothing is known, and one list that was never read."""
    return Sought("+33699999999", (Standing(ListKind.STOP, False), Standing(ListKind.NPAI, None, "")), events(), False)


def dossier(*numbers: Sought, **options: Any) -> str:
    stream = io.BytesIO()
    write_dossier(stream, numbers, now=1_795_824_000.0, **options)
    return stream.getvalue().decode("utf-8")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_dossier_says_this(language):
    """The whole page, word by word."""
    path = GOLDEN / f"dossier.{language}.html"
    page = dossier(person(), nobody(), language=language, controller="SARL Exemple", contact="dpo@example.com")
    if os.environ.get("PTX_NEW_GOLDEN"):
        path.write_text(page, encoding="utf-8", newline="\n")
    assert page == path.read_text(encoding="utf-8")


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split("<body>")[1])).replace("\xa0", " ")


def test_french_is_first():
    """Without a wish the dossier is French, whatever the language in use."""
    assert "Ce que nous savons de votre numéro" in dossier(person())


def test_the_reason_is_the_word_of_the_person_where_there_is_one():
    """A person's own STOP explains why they are on the list, before what runs and readings say."""
    assert "Vous l'avez demandé le 31 août 2026 à 10 h 07, en répondant STOP à un message (campagne 5f3c)" in words(
        dossier(person())
    )
    unsaid = person()
    unsaid.events["campaign_id"] = ""
    assert "D'après notre prestataire, il y figure depuis le 31 août 2026 à 10 h 07." in words(dossier(unsaid))
    without = person()
    without.events = without.events[without.events["event"] != "opted_out"]
    assert "Il y est arrivé entre le 31 août 2026 à 0 h 00 et le 1er septembre 2026 à 0 h 30" in words(dossier(without))


def test_internals_stay_out():
    """No run, host, hash, account, comment or path of ours is told to the person."""
    page = dossier(person())
    for internal in ("20260101", "aaaa", "pc-12", "abab", "secret", "clients", "ptx"):
        assert internal not in page
    assert "liste.xlsx" in page


def test_what_is_not_given_is_left_to_be_filled_in():
    """Who answers, where to write to and how long are blanks where nobody says them."""
    assert dossier(nobody()).count('class="blank"') == 3
    assert dossier(nobody(), controller="A", contact="B", kept_for="C").count('class="blank"') == 0


def test_each_number_has_a_section_of_its_own():
    """Two people's answers begin on pages of their own."""
    page = dossier(person(), nobody())
    assert page.count('<section class="person">') == 2
    assert "break-before: page" in page


@pytest.mark.parametrize("language", ["fr", "en"])
def test_hostile_texts_stay_texts(language):
    """Whatever a file's name, person, reason or option holds, it is text, and nothing runs or is loaded."""
    page = dossier(
        person(file=HOSTILE, sheet=HOSTILE, actor=HOSTILE, reason=HOSTILE), language=language,
        controller=HOSTILE, contact=HOSTILE, kept_for=HOSTILE,
    )  # fmt: skip
    assert "<script" not in page.lower()
    assert "<img" not in page.lower()
    assert str(7777 * 11) not in page
    assert not re.search("[\x00-\x08\x1b\u202e]", page)
    assert not re.search(r"(src|href)=\"(?!data:,)", page)
    assert "default-src 'none'" in page


def test_the_time_line_is_a_page(tmp_path):
    """The time line shows every event with its message, hostile ones as text."""
    one = person()
    one.events["message"] = HOSTILE
    export_found(tmp_path / "found.html", [one, nobody()], one.events, format="html", notices=["Told <b>."])
    page = (tmp_path / "found.html").read_text(encoding="utf-8")
    assert page.count("<tr>") == len(one.events) + 2
    assert "<script" not in page
    assert "Told &lt;b&gt;." in page
    assert "+33699999999" in page


def test_a_dossier_is_private_and_never_overwritten(tmp_path):
    """The file is its owner's alone, and a second answer needs a name of its own."""
    from ptx_bulk.errors import ReportError

    path = tmp_path / "answer.html"
    blank = {"language": "fr", "controller": "", "contact": "", "kept_for": ""}
    write_dossiers(path, [person()], **blank)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ReportError):
        write_dossiers(path, [nobody()], **blank)
    assert "+33612345678" in path.read_text(encoding="utf-8")
