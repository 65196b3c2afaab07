"""A journal that version 1 of the schema left behind is opened, and its runs are shown, resumed and taken back."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ptx_bulk import pipeline
from ptx_bulk.journal import Journal, RunState
from ptx_bulk.journal.schema import MIGRATIONS
from ptx_bulk.plan import Safeguards
from tests.pipeline.conftest import ALLOWED, NPAI, STOP, Desk, numbers

# Made by the code of that time: an import of twelve numbers to STOP, and a removal of twelve of the forty on NPAI that
# Ctrl-C stopped after eight. `lists.json` is what the server held then.
OLD = Path(__file__).parent.parent / "journal" / "old"


@pytest.fixture
def old(desk: Desk) -> dict[str, Any]:
    """The old journal as this desk's, and the server as it was left; names of the runs and what they came to."""
    desk.home.mkdir()
    path = shutil.copy(OLD / "journal-1.sqlite3", desk.home / "journal.sqlite3")
    facts = json.loads((OLD / "lists.json").read_text(encoding="utf-8"))
    for kind in (STOP, NPAI):
        desk.server.lists[kind] = dict(facts["lists"][kind.value])
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (1,)
    # The account's name is a hash of the address, and the server's port is another one each time.
    journal = Journal(desk.home)
    name = journal.account(desk.key, desk.server.url)
    with journal.transaction() as db:
        db.execute("UPDATE runs SET account = ?", (name,))
        db.execute("UPDATE snapshots SET account = ?", (name,))
    journal.close()
    return facts["runs"]


def test_an_old_journal_is_brought_up_to_date(desk, old):
    """Its runs and snapshots are there as they were, and the file has the newest version."""
    runs = {run.run_id: run for run in pipeline.runs(desk.settings)}
    assert set(runs) == set(old.values())
    assert runs[old["remove"]].state is RunState.STOPPED
    assert pipeline.show(old["import"], desk.settings).done == {"applied": 12}
    journal = Journal(desk.home)
    sizes = {
        record.kind: len(journal.load_snapshot(record)) for record in journal.snapshots(runs[old["import"]].account)
    }
    assert journal.db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    journal.close()
    assert set(sizes) == {STOP, NPAI}
    assert sizes[NPAI] == 40


def test_a_removal_of_an_old_journal_is_resumed_and_spares_newer_entries(desk, old):
    """What is left is removed, but a number that was listed anew since stays: its id is in the old snapshot."""
    newer = numbers(12)[-1]
    desk.server.preload(NPAI, [newer])
    result = desk.resume(old["remove"], yes=True, safeguards=ALLOWED)
    assert result.summary.counts == {"applied": 11, "not_attempted": 1}
    assert desk.listed(NPAI) == [newer, *numbers(28, 12)]


def test_a_run_of_an_old_journal_is_taken_back(desk, old):
    """Undo removes what the old run added, and nothing that was listed anew since."""
    newer = numbers(12)[0]
    desk.server.preload(STOP, [newer])
    result = desk.undo(old["import"], yes=True, safeguards=Safeguards(reason="wrong file"))
    assert result.summary.counts == {"applied": 11, "not_attempted": 1}
    assert desk.listed() == [newer]
