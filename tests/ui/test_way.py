"""The way of a file over HTTP: read, settled, planned, confirmed, sent, mended, taken back."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from pathlib import Path

import httpx
import openpyxl
import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from ptx_bulk import pipeline, sandbox
from ptx_bulk.access import SANDBOX_KEY
from ptx_bulk.model import ListKind
from ptx_bulk.settings import load
from tests.ui.visitor import SAMPLES, Visitor


def listed(kind: ListKind = ListKind.STOP) -> list[str]:
    """What stands on the list now."""
    return list(pipeline.export((kind,), load(sandbox=True)).frame["phone"])


def numbers(n: int, first: int = 0) -> str:
    """A file of so many mobiles."""
    return "phone\n" + "".join(f"+336000{number:05d}\n" for number in range(first, first + n))


@pytest.mark.slow
def test_the_whole_way(visitor: Visitor):
    """A sample goes from its upload to its report, and the list holds what the plan said."""
    work, read = visitor.read("stops.xlsx", (SAMPLES / "stops.xlsx").read_bytes())
    assert read.phase == "read"
    assert "numbers in C (Portable) (by its heading)" in read.words
    planned = visitor.say(work, "reading", act="plan")
    assert planned.phase == "planned"
    assert "19 numbers would be added" in planned.words
    assert listed() == []
    done = visitor.say(work, "send")
    assert done.phase == "done"
    assert "19 numbers were added" in done.words
    assert len(listed()) == 19
    names = re.findall(r'download="([^"]+)"', done.text)
    assert [name.rpartition(".")[0].rpartition(".")[2] for name in names] == ["results", "rejects"]
    report = visitor.client.get(f"{visitor.folder}/works/{work}/files/{names[0]}")
    assert report.headers["content-disposition"].startswith("attachment")
    assert report.content[:2] == b"PK"


def test_a_second_tab_and_a_reload_see_the_same(visitor: Visitor):
    """What a piece of work waits for is kept by the server: every page of it shows the same state."""
    work, planned = visitor.plan("a.csv", numbers(3))
    assert visitor.get(f"/works/{work}").words == planned.words
    assert f"/works/{work}" in visitor.get("/").text


@pytest.mark.slow
def test_a_form_that_was_sent_before_changes_nothing(visitor: Visitor):
    """A second press, or the confirmation of another tab that shows an older state, sends nothing again."""
    work, planned = visitor.plan("a.csv", numbers(3))
    old = planned.version
    visitor.say(work, "again", act="read")
    visitor.say(work, "reading", act="plan")
    visitor.post(f"/works/{work}/send", version=old)
    assert visitor.settled(work).phase == "planned"
    assert listed() == []
    visitor.say(work, "send")
    runs = len(pipeline.runs(load(sandbox=True)))
    visitor.say(work, "send")
    assert len(pipeline.runs(load(sandbox=True))) == runs


@pytest.mark.slow
def test_columns_are_chosen_by_their_headings(visitor: Visitor):
    """What is said above a column wins over what was found, and its meaning is shown before anything is planned."""
    work, read = visitor.read("two.csv", "mobile;phone 2;kind\n0600000001;0600000002;x\n0600000003;0600000004;y\n")
    assert read.phase == "read"
    again = visitor.say(work, "reading", act="plan", **{"role.0.0": "", "role.0.1": "phone", "role.0.2": ""})
    assert again.phase == "read"  # not planned: its meaning was not seen yet
    assert "numbers in B (phone 2) (as asked for)" in again.words
    visitor.say(work, "reading", act="plan", **{"role.0.0": "", "role.0.1": "phone", "role.0.2": ""})
    visitor.say(work, "send")
    assert listed() == ["+33600000002", "+33600000004"]


def test_a_file_without_a_phone_column_is_shown_to_be_told(visitor: Visitor):
    """Where no column is found, the first rows are shown all the same, and clicking one settles it."""
    work, read = visitor.read("odd.csv", "who;code\nJohn;0600000001 x\nJane;0600000002 y\n")
    assert read.phase == "read"
    assert 'name="role.0.1"' in read.text
    assert 'value="plan"' not in read.text
    told = visitor.say(work, "reading", act="read", **{"role.0.0": "", "role.0.1": "phone"})
    assert "numbers in B (code) (as asked for)" in told.words


DOUBT = "Mobile;Statut\n0612345678;Actif\n0687654321;Désabonné\n"


@pytest.mark.slow
def test_a_doubt_is_a_question_with_values(visitor: Visitor):
    """A file that can mean two things is asked about, with the values of each answer, once for its whole way."""
    work, asked = visitor.read("doubt.csv", DOUBT)
    assert asked.phase == "asking"
    assert "Désabonné" in asked.words
    assert "all rows are for the NPAI list" in asked.words
    read = visitor.say(work, "answer", act="take", choice="0")
    assert read.phase == "read"
    assert visitor.say(work, "reading", act="plan").phase == "planned"
    visitor.say(work, "send")
    assert listed() == ["+33687654321"]


def test_nobody_has_to_answer(visitor: Visitor):
    """A question that is left ends the reading with its sentence, and the file can be tried again."""
    work, _asked = visitor.read("doubt.csv", DOUBT)
    failed = visitor.say(work, "answer", act="none")
    assert failed.phase == "failed"
    assert "--list-column" in failed.words
    assert visitor.say(work, "again").phase == "asking"


@pytest.mark.parametrize("choice", ["7", "-1", "x", ""])
def test_an_answer_that_was_not_offered_is_none(visitor: Visitor, choice: str):
    """Whatever a browser sends, only an answer that was shown is taken."""
    work, _asked = visitor.read("doubt.csv", DOUBT)
    assert visitor.say(work, "answer", act="take", choice=choice).phase == "failed"


@pytest.mark.slow
def test_sheets_are_chosen_one_by_one(visitor: Visitor):
    """A hidden sheet is read when its box is ticked, and a column chosen on one sheet leaves the others alone."""
    work, read = visitor.read("stops.xlsx", (SAMPLES / "stops.xlsx").read_bytes())
    again = visitor.client.post(
        f"{visitor.folder}/works/{work}/reading",
        data={"act": "read", "sheet": ["Désinscriptions", "Archive"], "role.0.2": "phone", "role.0.0": ""},
    )
    assert again.status_code == 303
    assert "Archive" in visitor.settled(work).words
    told = visitor.say(work, "answer", act="take", choice="0")
    assert "sheet 'Archive': headings" in told.words
    assert "sheet 'Désinscriptions': headings" in told.words
    assert "sheet 'Archive': headings" not in read.words


@pytest.mark.slow
def test_removals_from_stop_need_leave_and_reason(visitor: Visitor):
    """Nothing leaves STOP without both; the refusal is the command line's, and the reason is kept."""
    visitor.send("a.csv", numbers(5))
    work, planned = visitor.plan("b.csv", numbers(1), "remove")
    assert "this person could receive SMS again" in planned.words
    assert "--allow-stop-removal" in planned.words
    assert "+33600000000" in planned.words
    refused = visitor.say(work, "send", reason="asked for it")
    assert refused.phase == "planned"
    assert len(listed()) == 5
    done = visitor.say(work, "send", reason="asked for it", allow_stop_removal="yes")
    assert "1 number was removed" in done.words
    assert len(listed()) == 4
    assert pipeline.runs(load(sandbox=True))[0].reason == "asked for it"


@pytest.mark.slow
def test_the_limit_of_removals_holds(visitor: Visitor):
    """More removals than the usual share are refused with the flag's name and value, and pass when it is given."""
    visitor.send("a.csv", numbers(20), kind="npai")
    work, planned = visitor.plan("b.csv", numbers(10), "remove", "npai")
    assert "--max-removals 10" in planned.words
    assert visitor.say(work, "send").phase == "planned"
    assert visitor.say(work, "send", max_removals="5").phase == "planned"
    assert len(listed(ListKind.NPAI)) == 20
    assert visitor.say(work, "send", max_removals="10").phase == "done"
    assert len(listed(ListKind.NPAI)) == 10


@pytest.mark.slow
def test_no_flag_lets_an_empty_sync_pass(visitor: Visitor):
    """A file without a valid number never empties a list, whatever is allowed."""
    visitor.send("a.csv", numbers(3), kind="npai")
    work, planned = visitor.plan("b.csv", "phone\nnobody\n12\n", "sync", "npai")
    assert "sync would remove all 3 numbers" in planned.words
    visitor.say(work, "send", max_removals="100%", allow_stop_removal="yes", reason="x")
    assert len(listed(ListKind.NPAI)) == 3


@pytest.mark.slow
def test_what_is_sent_is_what_was_seen(visitor: Visitor):
    """A list that changes between plan and confirmation is not written to: the new plan is shown instead."""
    work, planned = visitor.plan("a.csv", numbers(3))
    visitor.send("b.csv", numbers(1))
    again = visitor.say(work, "send")
    assert again.phase == "planned"
    assert "changed since the plan was saved" in again.words
    assert "2 numbers would be added" in again.words
    assert "3 numbers would be added" in planned.words
    assert visitor.say(work, "send").phase == "done"


@pytest.mark.slow
def test_rejects_are_mended_in_the_page(visitor: Visitor):
    """A suggestion that is taken and a number that is typed become a next run; what is left out stays out."""
    content = "nom;portable;ville\nA;O6 00 00 01 16;Lyon\nB;06 00 00;Paris\nC;nobody;Nice\n"
    work, _planned = visitor.plan("r.csv", content)
    done = visitor.say(work, "send")
    assert "3 lines cannot be used" in done.words
    page = visitor.get(f"/works/{work}/mend")
    assert "O6 00 00 01 16" in page.words
    assert 'data-fill="v0">+33600000116<' in page.text
    visitor.post(f"/works/{work}/mend", act="all", page="1")
    sent = visitor.post(f"/works/{work}/mend", act="send", page="1", **{"v.0": "+33600000116", "v.1": "06 00 00 01 17"})
    following = visitor.settled(sent.work)
    assert following.phase == "planned"
    assert "2 numbers would be added" in following.words
    visitor.say(sent.work, "send")
    assert listed() == ["+33600000116", "+33600000117"]


@pytest.mark.slow
def test_mended_rows_keep_their_list_and_country(visitor: Visitor):
    """A typed number is read as its row says: the list and the country of the row hold for it, too."""
    content = "tel;pays;liste\n0470 x;BE;NPAI\n0470123456;BE;NPAI\n0612345678;FR;STOP\n"
    work, _planned = visitor.plan("r.csv", content)
    visitor.say(work, "send")
    sent = visitor.post(f"/works/{work}/mend", act="send", page="1", **{"v.0": "0470 00 00 02"})
    visitor.settled(sent.work)
    visitor.say(sent.work, "send")
    assert listed(ListKind.NPAI) == ["+32470000002", "+32470123456"]


@pytest.mark.slow
def test_a_run_is_taken_back_with_a_reason(visitor: Visitor):
    """Taking a run back is shown first, needs a reason where STOP is concerned, and leaves what others did."""
    visitor.send("a.csv", numbers(1))
    visitor.send("b.csv", numbers(3))
    run = pipeline.runs(load(sandbox=True))[0].run_id
    undo = visitor.post(f"/runs/{run}/undo").work
    planned = visitor.settled(undo)
    assert "2 numbers would be removed" in planned.words
    assert visitor.say(undo, "send").phase == "planned"
    done = visitor.say(undo, "send", reason="wrong file")
    assert done.phase == "done"
    assert listed() == ["+33600000000"]


def test_a_file_that_is_put_aside_is_deleted(visitor: Visitor, home: Path):
    """What was uploaded and not sent leaves nothing behind when it is put aside."""
    work, _page = visitor.plan("a.csv", numbers(3))
    assert visitor.post(f"/works/{work}/drop").status == 303
    assert list((home / "ui").iterdir()) == []
    assert visitor.get(f"/works/{work}").status == 404


def test_a_file_that_cannot_be_read_says_why(visitor: Visitor):
    """A damaged file ends with the command line's sentence, by its bare name."""
    _work, failed = visitor.read("broken.xlsx", b"PK\x03\x04 nothing")
    assert failed.phase == "failed"
    assert "broken.xlsx:" in failed.words
    assert "/ui/" not in failed.words


def test_several_files_are_one_plan(visitor: Visitor):
    """Files that are dropped together are read and planned together, each by its own columns."""
    work = visitor.upload("a.csv", numbers(2).encode())
    assert visitor.upload("a.csv", b"x;mobile\n1;0600000007\n", work) == work
    visitor.post(f"/works/{work}/begin", mode="import", list="")
    assert visitor.settled(work).phase == "read"
    assert "3 numbers would be added" in visitor.say(work, "reading", act="plan").words


def test_the_page_speaks_french(visitor: Visitor):
    """The language is chosen on the page; codes and option names stay."""
    try:
        assert visitor.post("/language", language="fr").status == 303
        assert '<html lang="fr">' in visitor.get("/").text
    finally:
        visitor.post("/language", language="en")
    assert '<html lang="en">' in visitor.get("/").text


@pytest.mark.parametrize(
    "ending", ["csv", *(pytest.param(one, marks=pytest.mark.slow) for one in ("xlsx", "json", "parquet"))]
)
def test_the_export_is_that_of_the_command_line(visitor: Visitor, ending: str):
    """The lists come as a file of the kind that was chosen, with every number."""
    visitor.send("a.csv", numbers(3))
    work = visitor.post("/lists/export", list="stop", ending=ending, dialect="excel-fr", style="e164").work
    done = visitor.settled(work)
    [name] = re.findall(r'download="([^"]+)"', done.text)
    content = visitor.client.get(f"{visitor.folder}/works/{work}/files/{name}").content
    if ending == "csv":
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
        assert [row["phone"] for row in rows] == listed()
    assert len(content) > 50


@pytest.mark.slow
def test_faults_of_the_lists_are_mended_on_the_same_way(visitor: Visitor, home: Path):
    """What the audit suggests to add becomes a plan like any file's."""
    visitor.post("/lists/audit")
    put(home, "+33692000001")
    work = visitor.post("/lists/audit").work
    found = visitor.settled(work)
    assert "WRONG_COUNTRY_CODE" in found.words
    following = visitor.post(f"/works/{work}/faults", fault="WRONG_COUNTRY_CODE", list="stop", step="0").work
    assert "1 number would be added" in visitor.settled(following).words
    visitor.say(following, "send")
    assert "+262692000001" in listed()


def put(home: Path, *identifiers: str) -> None:
    """Add entries to the sandbox's STOP list as another program may have written them."""
    app = sandbox.create_app(home / "sandbox.sqlite3")

    async def post() -> None:
        async with httpx.AsyncClient(transport=sandbox.transport(app), base_url="http://localhost") as client:
            for identifier in identifiers:
                answer = await client.post(
                    "/v2/unsubscribers/default/contacts",
                    json={"identifier": identifier},
                    headers={"X-Primotexto-ApiKey": SANDBOX_KEY},
                )
                assert answer.status_code == 200, answer.text

    asyncio.run(post())


@pytest.mark.slow
def test_the_lists_show_how_they_grew(visitor: Visitor):
    """Each reading of a list is a step of its line, and the latest size stands beside it."""
    assert "was not read yet" in visitor.get("/lists").words
    visitor.send("a.csv", numbers(3))
    page = visitor.get("/lists")
    assert "From 0 to 3 numbers" in page.text
    assert "3 numbers on" in page.words
    assert re.search(r'<polyline points="[\d., ]+"/>', page.text)


@pytest.mark.slow
def test_a_protected_workbook_is_opened_once(visitor: Visitor, home: Path):
    """The password is asked for once for the whole way, a wrong one again; it is written nowhere."""
    book, locked = io.BytesIO(), io.BytesIO()
    written = openpyxl.Workbook()
    written.active.append(["mobile"])
    written.active.append(["0612345678"])
    written.save(book)
    OOXMLFile(book).encrypt("hunter2-and-more", locked)
    work, asked = visitor.read("locked.xlsx", locked.getvalue())
    assert asked.phase == "asking"
    assert "Password of locked.xlsx" in asked.words
    failed = visitor.say(work, "answer", act="take", password="wrong")
    assert failed.phase == "failed"
    assert visitor.say(work, "again", act="read").phase == "asking"
    assert visitor.say(work, "answer", act="take", password="hunter2-and-more").phase == "read"
    assert visitor.say(work, "reading", act="plan").phase == "planned"
    assert visitor.say(work, "send").phase == "done"
    assert listed() == ["+33612345678"]
    assert [path for path in home.rglob("*") if path.is_file() and b"hunter2" in path.read_bytes()] == []
