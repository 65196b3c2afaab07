"""Contact files on the page: written again without the people who are on the lists."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

from tests.ui.test_way import listed, numbers
from tests.ui.visitor import Seen, Visitor

CONTACTS = "nom;portable\nA;06 00 00 00 01\nB;06 12 34 56 78\nC;06 00 00\nD;O6 00 00 00 02\nE;\n"


def scrubbed(visitor: Visitor, content: str, **said: str) -> tuple[str, Seen]:
    """Drop contacts, confirm what they mean, and have them written again."""
    work = visitor.upload("contacts.csv", content.encode(), kind="scrub")
    visitor.post(f"/works/{work}/begin", **said)
    assert visitor.settled(work).phase == "read"
    return work, visitor.say(work, "reading", act="plan")


def rows(visitor: Visitor, page: Seen, part: str) -> list[str]:
    """The names in one of the files that were written."""
    [link] = re.findall(rf'href="([^"]+\.{part}\.csv)"', page.text)
    text = visitor.client.get(link).content.decode("utf-8-sig")
    return [row[0] for row in csv.reader(io.StringIO(text), delimiter=";")][1:]


@pytest.mark.slow
def test_contacts_are_written_without_who_is_listed(visitor: Visitor):
    """Each row goes where the command line puts it, and nothing on the lists is changed."""
    visitor.send("a.csv", numbers(3))
    _work, page = scrubbed(visitor, CONTACTS)
    assert page.phase == "done"
    assert (rows(visitor, page, "kept"), rows(visitor, page, "removed")) == (["B", "E"], ["A"])
    assert rows(visitor, page, "unsure") == ["C", "D"]
    assert "1 row is taken out, 2 may be written to" in page.words
    assert len(listed()) == 3


@pytest.mark.slow
def test_unsure_rows_are_mended_and_judged_again(visitor: Visitor):
    """A suggestion that is taken is compared with the lists in its turn; a row that is left empty stays out."""
    visitor.send("a.csv", numbers(3))
    work, page = scrubbed(visitor, CONTACTS)
    assert "Mend 2 numbers here" in page.words
    mending = visitor.get(f"/works/{work}/mend")
    assert ">+33600000002<" in mending.text
    visitor.post(f"/works/{work}/mend", act="all", page="1")
    sent = visitor.post(f"/works/{work}/mend", act="send", page="1", **{"v.0": "", "v.1": "+33600000002"})
    following = visitor.settled(sent.work)
    assert following.phase == "done"
    assert rows(visitor, following, "removed") == ["D"]
    assert "1 row is taken out, 0 may be written to" in following.words


@pytest.mark.slow
def test_what_was_asked_for_holds(visitor: Visitor):
    """One list alone, and rows without any number, are chosen as on the command line."""
    visitor.send("a.csv", numbers(3))
    _work, page = scrubbed(visitor, CONTACTS, list="npai", drop_numberless="yes")
    assert rows(visitor, page, "kept") == ["A", "B"]
    assert "no number in the row" in page.words


def test_lists_come_from_exports_without_an_account(home: Path, visitor: Visitor):
    """Exported lists stand in for the account: the sandbox's own empty lists are not asked."""
    work = visitor.upload("lists.csv", b"phone,list\n+33612345678,stop\n", kind="scrub", role="lists")
    visitor.upload("contacts.csv", CONTACTS.encode(), work)
    visitor.post(f"/works/{work}/begin")
    assert visitor.settled(work).phase == "read"
    page = visitor.say(work, "reading", act="plan")
    assert rows(visitor, page, "removed") == ["B"]
    assert not (home / "sandbox.sqlite3").exists()


@pytest.mark.slow
def test_a_column_of_contacts_is_chosen(visitor: Visitor):
    """What is said above a column of contacts wins over what was found, as for any other file."""
    visitor.send("a.csv", numbers(3))
    content = b"nom;mobile;x\nA;0612345678;0600000001\nB;0600000002;0612345678\n"
    work = visitor.upload("contacts.csv", content, kind="scrub")
    visitor.post(f"/works/{work}/begin")
    visitor.settled(work)
    said = {"role.0.0": "", "role.0.1": "", "role.0.2": "phone"}
    assert "numbers in C (x)" in visitor.say(work, "reading", act="read", **said).words
    page = visitor.say(work, "reading", act="plan", **said)
    assert "A" in rows(visitor, page, "removed")


@pytest.mark.parametrize("what", ["send", "answer"])
def test_nothing_of_contacts_is_ever_sent(visitor: Visitor, what: str):
    """Contacts cannot become changes: forms of other kinds of work do nothing to them."""
    work, _page = scrubbed(visitor, CONTACTS)
    visitor.post(f"/works/{work}/{what}", version="1", reason="x", allow_stop_removal="yes")
    assert listed() == []


def test_contacts_that_are_put_aside_are_deleted(visitor: Visitor, home: Path):
    """Contacts and what was made of them leave nothing behind when they are put aside."""
    work, _page = scrubbed(visitor, CONTACTS, list="npai")
    visitor.post(f"/works/{work}/drop")
    assert list((home / "ui").iterdir()) == []
