"""The lists on the page: exports, changes, faults and their mending, what is known of a number."""

from __future__ import annotations

import csv
import io
import re

import pytest

from ptx_bulk.model import ListKind
from tests.ui.test_way import listed, numbers
from tests.ui.visitor import Seen, Visitor


def table(visitor: Visitor, page: Seen, name: str, delimiter: str = ",") -> list[dict[str, str]]:
    """The rows of a file that a piece of work made."""
    [link] = re.findall(rf'href="([^"]+{re.escape(name)})"', page.text)
    text = visitor.client.get(link).content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))


@pytest.mark.slow
def test_changes_are_followed_from_run_to_run(visitor: Visitor):
    """The feed since a run holds what came and left after it, and says where the next one begins."""
    visitor.send("a.csv", numbers(3), kind="npai")
    first = visitor.settled(visitor.post("/lists/changes", list="npai", ending="csv").work)
    assert "NPAI: 3 added, 0 removed." in first.words
    run = re.search(r"begin with run (\S+):", first.words)
    assert run
    visitor.send("b.csv", numbers(1), "remove", "npai", max_removals="1")
    visitor.send("c.csv", numbers(1, 7), kind="npai")
    page = visitor.settled(visitor.post("/lists/changes", list="npai", ending="csv", since=run[1]).work)
    events = [(row["phone"], row["event"]) for row in table(visitor, page, ".csv")]
    assert sorted(events) == [("+33600000000", "removed"), ("+33600000007", "added")]


@pytest.mark.slow
def test_an_export_has_the_columns_of_a_crm(visitor: Visitor):
    """A program's own columns and writing of numbers are chosen by its name."""
    visitor.send("a.csv", numbers(2))
    page = visitor.settled(visitor.post("/lists/export", list="stop", ending="csv", crm="brevo").work)
    assert "phone" not in table(visitor, page, ".csv")[0]


def on_both(visitor: Visitor) -> str:
    """An audit that has found a number on both lists."""
    visitor.send("a.csv", numbers(1))
    visitor.send("b.csv", numbers(1), kind="npai")
    return visitor.post("/lists/audit").work


@pytest.mark.slow
def test_faults_are_removed_by_the_same_rules(visitor: Visitor):
    """What the audit would remove becomes a plan that names each number; STOP is never offered to be taken from."""
    work = on_both(visitor)
    found = visitor.settled(work)
    assert "ON_BOTH_LISTS" in found.words
    assert "Remove 1 number from NPAI" in found.words
    assert "from STOP ..." not in found.words
    following = visitor.post(f"/works/{work}/faults", fault="ON_BOTH_LISTS", list="npai", step="0").work
    planned = visitor.settled(following)
    assert "1 number would be removed" in planned.words
    assert "+33600000000 NPAI" in planned.words
    visitor.say(following, "send")
    assert (listed(ListKind.NPAI), listed()) == ([], ["+33600000000"])


@pytest.mark.slow
def test_no_other_mending_can_be_asked_for(visitor: Visitor):
    """A form that asks for what was not offered, such as a removal from STOP, begins nothing."""
    work = on_both(visitor)
    visitor.settled(work)
    for said in ("ON_BOTH_LISTS stop 0", "ON_BOTH_LISTS npai 1", "x npai 0", "ON_BOTH_LISTS x 0"):
        fault, kind, step = said.split()
        assert visitor.post(f"/works/{work}/faults", fault=fault, list=kind, step=step).work == work


@pytest.mark.slow
def test_the_lists_are_compared_with_a_file(visitor: Visitor):
    """A file that says where numbers belong is read like any other, and what it has elsewhere is told."""
    visitor.send("a.csv", numbers(2), kind="npai")
    work = visitor.upload("ours.csv", numbers(1).encode(), kind="audit")
    visitor.post(f"/works/{work}/begin", list="stop")
    assert visitor.settled(work).phase == "read"
    found = visitor.say(work, "reading", act="plan")
    assert "MISPLACED" in found.words
    following = visitor.post(f"/works/{work}/faults", fault="MISPLACED", list="npai", step="0").work
    visitor.settled(following)
    visitor.say(following, "send")
    assert listed() == ["+33600000000"]


@pytest.mark.slow
def test_a_number_is_looked_up(visitor: Visitor):
    """Where a number stands, every event with its run, and files of it come for any writing of the number."""
    visitor.send("a.csv", numbers(1))
    page = visitor.settled(visitor.post("/find", numbers="06 00 00 00 00\n06 12 34 56 78").work)
    assert "+33600000000 STOP on the list" in page.words
    assert "+33612345678 STOP not on the list" in page.words
    assert "Added – STOP" in page.words
    assert re.search(r'/runs/[0-9a-z-]+">Show the run', page.text)
    assert any(row["event"] == "added" for row in table(visitor, page, "events.csv"))


def test_a_number_is_looked_up_without_reading_the_lists(visitor: Visitor):
    """Offline nothing is read: the answer is as old as the last reading, and says so."""
    page = visitor.settled(visitor.post("/find", numbers="0612345678", offline="yes").work)
    assert "STOP was never read" in page.words


def test_what_is_no_number_is_told_without_it(visitor: Visitor):
    """A text that is no number ends the look with a sentence, and the page with its field is one step away."""
    page = visitor.settled(visitor.post("/find", numbers="nobody").work)
    assert page.phase == "failed"
    assert "is no phone number" in page.words


def test_a_person_is_answered(visitor: Visitor):
    """The answer to a person's request is a page in the language that is asked for, with what was said of it."""
    work = visitor.post("/find", numbers="0612345678", offline="yes").work
    visitor.settled(work)
    visitor.post(f"/works/{work}/dossier", language="fr", contact="dpo@exemple.fr", controller="<b>Exemple</b>")
    page = visitor.get(f"/works/{work}")
    [link] = re.findall(r'href="([^"]+dossier[^"]+)"', page.text)
    answer = visitor.client.get(link)
    assert answer.headers["content-disposition"].startswith("attachment")
    assert 'lang="fr"' in answer.text
    assert "dpo@exemple.fr" in answer.text
    assert "<b>Exemple" not in answer.text
