"""What find tells of a number is what happened to it, whoever did it, in whatever writing it is asked for."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ptx_bulk import pipeline
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.journal import Journal
from ptx_bulk.model import EVENT_COLUMNS, Code, ListKind, Mode
from ptx_bulk.plan import Safeguards
from ptx_bulk.settings import load
from tests.faults import FaultyServer
from tests.pipeline.conftest import ALLOWED, NPAI, STOP, Desk, Told, numbers
from tests.pipeline.test_old_journal import old

__all__ = ["old"]
TEN = numbers(10)


def find(desk: Desk, *sought: str, **options) -> pipeline.Found:
    return pipeline.find(sought, desk.settings, **options)


def told(found: pipeline.Found, number: str, kind: ListKind) -> list[tuple[str, str]]:
    """What happened to a number on a list: events with the run that did it, `''` for nobody of ours."""
    rows = found.frame[(found.frame["number"] == number) & (found.frame["list"] == kind.value)]
    rows = rows[rows["event"].isin(["added", "removed", "came", "left", "seen"])]
    # A reading that shows what a run did tells the same once more.
    rows = rows[~(rows["event"].isin(["came", "left"]) & (rows["run_id"] != ""))]
    return list(zip(rows["event"], rows["run_id"], strict=True))


class Model:
    """What really happened to each number on each list, noted while it is done."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.events: dict[tuple[str, ListKind], list[tuple[str, str]]] = {}
        self.read: dict[tuple[str, ListKind], bool] = {}
        self.first = True

    def note(self, number: str, kind: ListKind, event: str, run: str) -> None:
        self.events.setdefault((number, kind), []).append((event, run))

    def look(self) -> None:
        """Every list is read now: what came and went since the last look is seen."""
        for kind in ListKind:
            for number in TEN:
                now, before = number in self.desk.server.lists[kind], self.read.get((number, kind), False)
                if now and self.first:
                    self.note(number, kind, "seen", "")
                elif now != before:
                    self.note(number, kind, "came" if now else "left", "")
                self.read[number, kind] = now
        self.first = False

    def run(self, mode: Mode, kind: ListKind, chosen: list[str]) -> None:
        """A run of ours, with what it changes noted as its own."""
        self.look()
        before = set(self.desk.server.lists[kind])
        path = self.desk.file(chosen, f"{len(list(self.desk.folder.iterdir()))}.csv")
        result = self.desk.write(mode, path, kind, yes=True, safeguards=ALLOWED)
        after = set(self.desk.server.lists[kind])
        for event, changed in (("added", after - before), ("removed", before - after)):
            for number in changed:
                self.note(number, kind, event, result.summary.run_id)
                self.read[number, kind] = event == "added"

    def outside(self, kind: ListKind, chosen: list[str], *, on: bool) -> None:
        """Somebody else puts numbers on a list, or takes them off."""
        for number in chosen:
            if on and number not in self.desk.server.lists[kind]:
                self.desk.server.preload(kind, [number])
            elif not on:
                self.desk.server.lists[kind].pop(number, None)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["import", "remove", "sync", "put", "take", "look"]),
        st.sampled_from(list(ListKind)),
        st.lists(st.sampled_from(TEN), min_size=1, max_size=4, unique=True),
    ),
    min_size=1,
    max_size=7,
)


@pytest.mark.slow
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=STEPS)
def test_find_tells_what_happened(tmp_path_factory, steps):
    """Every addition, removal, arrival and departure is told once, in order, and of each run of ours which it was."""
    folder = tmp_path_factory.mktemp("model")
    (folder / "files").mkdir()
    with FaultyServer().running() as server:
        desk = Desk(folder / "home", folder / "files", server)
        model = Model(desk)
        for word, kind, chosen in steps:
            if word in ("put", "take"):
                model.outside(kind, chosen, on=word == "put")
            elif word == "look":
                model.look()
                pipeline.export((STOP,), desk.settings)
            else:
                model.run(Mode(word), kind, chosen)
        model.look()
        found = find(desk, *TEN)
        for number in TEN:
            for kind in ListKind:
                assert told(found, number, kind) == model.events.get((number, kind), []), (number, kind)
        standing = {(one.number, each.list): each.held for one in found.numbers for each in one.standings}
        assert standing == {(n, kind): n in server.lists[kind] for n in TEN for kind in ListKind}
        offline = find(desk, *TEN, offline=True)
        pd.testing.assert_frame_equal(offline.frame, found.frame)


@pytest.fixture
def lived(desk: Desk) -> Desk:
    """A number that a run added and another took off again, beside others."""
    first = desk.write(
        Mode.IMPORT, desk.file(["06 00 00 00 00", "+33600000000", "06 00 00 00 01", "abc"], "first.csv"), STOP,
        comment="asked for by Anna",
    )  # fmt: skip
    assert first.exit_code == 4
    second = desk.write(
        Mode.REMOVE, desk.file(["0600000000"], "second.csv"), STOP,
        yes=True, safeguards=Safeguards(max_removals=ALLOWED.max_removals, allow_stop_removal=True, reason="in again"),
    )  # fmt: skip
    assert second.exit_code == 0
    return desk


WRITINGS = (
    ["0600000000", "06 00 00 00 00", "06.00.00.00.00", "+33600000000", "0033600000000", "+33 (0)6 00 00 00 00",
     "33600000000", "600000000", "Tél. : 06-00-00-00-00", "tel:+33-6-00-00-00-00"]
)  # fmt: skip


@pytest.mark.slow
def test_a_number_is_known_in_any_writing(lived):
    """Whatever way it is written, the same is told."""
    frame = find(lived, "+33600000000", offline=True).frame
    assert len(frame) == 7
    for writing in WRITINGS:
        pd.testing.assert_frame_equal(find(lived, writing, offline=True).frame, frame)
    with pytest.raises(ConfigurationError):
        find(lived, "079 123 45 67 89", offline=True)
    assert find(lived, "079 123 45 67", region="CH", offline=True).numbers[0].number == "+41791234567"


def test_each_event_says_who_when_from_where_and_why(lived):
    """The line of a run has file, sheet, row, column, raw cell, reason, person, comment, hash and version."""
    frame = find(lived, "0600000000").frame
    assert list(frame.columns) == list(EVENT_COLUMNS)
    rows = {row["event"]: row for row in frame.to_dict("records")}
    added, removed, named = rows["added"], rows["removed"], rows["named"]
    runs = {run.command: run for run in pipeline.runs(lived.settings)}
    inputs = {
        file.path: file.sha256 for run in runs.values() for file in pipeline.show(run.run_id, lived.settings).inputs
    }
    assert (added["row"], added["column"], added["raw"]) == (2, "Mobile", "06 00 00 00 00")
    assert (named["row"], named["raw"], named["code"]) == (3, "+33600000000", Code.DUPLICATE_IN_FILE)
    assert Path(added["file"]).name == "first.csv"
    assert added["input_sha256"] == inputs[added["file"]] != inputs[removed["file"]] == removed["input_sha256"]
    assert (added["comment"], removed["comment"]) == ("asked for by Anna", "")
    assert (added["reason"], removed["reason"]) == ("", "in again")
    assert (added["run_id"], removed["run_id"]) == (runs["import"].run_id, runs["remove"].run_id)
    assert {added["actor"], removed["actor"]} == {runs["import"].actor} != {""}
    assert added["time"] < removed["time"] or added["time"] == removed["time"]
    assert rows["not_listed"]["list"] in ("stop", "npai")


def test_several_numbers_are_told_in_the_order_asked_for(lived):
    """Each number has its own events, once, in the order of the question; one that nothing knows is said to be so."""
    found = find(lived, "0600000001", "0600000000", "+33600000001", "0699999999")
    assert [one.number for one in found.numbers] == ["+33600000001", "+33600000000", "+33699999999"]
    assert list(dict.fromkeys(found.frame["number"])) == [one.number for one in found.numbers]
    assert [one.known for one in found.numbers] == [True, True, False]


@pytest.mark.parametrize("given", [["abc"], ["0600000000", "12"], ["0600000000", ""], ["0600000000", None], [""], []])
def test_what_is_no_number_is_one_sentence_without_it(desk, given):
    """It is refused before anything is read, by its place and not by its digits."""
    with pytest.raises(ConfigurationError) as refusal:
        find(desk, *given)
    assert not desk.home.joinpath("journal.sqlite3").exists()
    assert all(one not in str(refusal.value) for one in given if one)
    assert refusal.value.exit_code == 2


def test_a_number_that_no_operator_has_is_found_by_its_digits(desk):
    """What a list holds can be asked for, even where it cannot be dialled."""
    desk.server.preload(NPAI, ["+33700000000"])
    [one] = find(desk, "+33 7 00 00 00 00").numbers
    assert {standing.list: standing.held for standing in one.standings} == {STOP: False, NPAI: True}


def test_offline_needs_neither_server_nor_key(tmp_path):
    """Without network and key all accounts but the sandbox's are told, as they were last read."""
    (tmp_path / "files").mkdir()
    with FaultyServer().running() as server:
        desk = Desk(tmp_path / "home", tmp_path / "files", server)
        desk.write(Mode.IMPORT, desk.file(["0600000000"]), STOP)
        online = find(desk, "0600000000")
    sandbox = load(sandbox=True, env={"PTX_HOME": str(desk.home)})
    pipeline.export((STOP,), sandbox)
    keyless = load(base_url=desk.settings.base_url, env={"PTX_HOME": str(desk.home)})
    found = pipeline.find(["0600000000"], keyless, offline=True)
    assert (found.accounts, found.run_id) == (online.accounts, "")
    pd.testing.assert_frame_equal(found.frame, online.frame)
    assert pipeline.find(["0600000000"], sandbox, offline=True).numbers[0].known is False


def test_offline_with_a_key_tells_that_account_alone(desk):
    """Two accounts share a state folder, and the key says which is meant."""
    desk.write(Mode.IMPORT, desk.file(["0600000000"]), STOP)
    with Journal(desk.home) as journal:
        stranger = journal.account("another key", desk.settings.base_url)
        with journal.transaction() as db:
            db.execute("UPDATE runs SET account = ?", (stranger,))
            db.execute("UPDATE snapshots SET account = ?", (stranger,))
    assert find(desk, "0600000000", offline=True).frame.empty
    assert [one.held for one in find(desk, "0600000000", offline=True).numbers[0].standings] == [None, None]


def test_a_run_that_was_killed_tells_what_is_not_known(desk):
    """A change that may have been sent is unknown, and one that never left is not attempted."""
    desk.write(Mode.IMPORT, desk.file(["0600000000", "0600000001"]), STOP)
    with closing(sqlite3.connect(desk.home / "journal.sqlite3", isolation_level=None)) as db:
        db.execute("DELETE FROM outcomes")
        db.execute("DELETE FROM intents WHERE seq = 1")
    frame = find(desk, "0600000000", "0600000001", offline=True).frame
    attempted = frame[frame["event"] == "attempted"]
    assert attempted["status"].tolist() == ["unknown", "not_attempted"]
    assert attempted["code"].tolist() == [Code.OUTCOME_UNKNOWN, Code.INTERRUPTED]


def test_a_refused_run_tells_why_it_did_nothing(desk):
    """What a safeguard stopped is told with the safeguard's code."""
    desk.server.preload(STOP, ["+33600000000"])
    assert desk.write(Mode.REMOVE, desk.file(["0600000000"]), STOP, yes=True).exit_code == 7
    frame = find(desk, "0600000000").frame
    assert frame.loc[frame["event"] == "attempted", ["status", "code"]].to_numpy().tolist() == [
        ["not_attempted", Code.PROTECTED]
    ]


def test_what_undo_took_back_is_linked(desk):
    """The run names the one that took it back, and that one the run."""
    first = desk.write(Mode.IMPORT, desk.file(["0600000000"]), STOP)
    undone = desk.undo(first.summary.run_id, yes=True, safeguards=ALLOWED)
    rows = {row["event"]: row for row in find(desk, "0600000000").frame.to_dict("records")}
    assert rows["added"]["undone_by"] == undone.summary.run_id == rows["removed"]["run_id"]
    assert rows["removed"]["parent"] == first.summary.run_id


def test_a_run_whose_lines_are_damaged_tells_its_changes(lived):
    """Damage is said, and what is left is told all the same."""
    with closing(sqlite3.connect(lived.home / "journal.sqlite3", isolation_level=None)) as db:
        db.execute("UPDATE lines SET arrow = substr(arrow, 1, 50)")
    told_to = Told()
    found = pipeline.find(["0600000000"], lived.settings, interface=told_to)
    assert {"added", "removed"} <= set(found.frame["event"])
    assert len(found.notices) == 2
    assert list(found.notices) == told_to.notices


def test_a_reading_whose_entries_are_damaged_tells_who_is_listed(lived):
    """Entries that cannot be read are said, and where the number stands is told all the same."""
    with closing(sqlite3.connect(lived.home / "journal.sqlite3", isolation_level=None)) as db:
        db.execute("UPDATE snapshot_entries SET arrow = x''")
    found = pipeline.find(["0600000001"], lived.settings, offline=True)
    assert [one.held for one in found.numbers[0].standings] == [True, False]
    assert "added" in set(found.frame["event"])
    assert found.notices
    assert all("is damaged" in notice for notice in found.notices)


def test_an_old_journal_is_looked_through(desk, old):
    """Runs from before numbers were indexed, and before it was noted who began them, are found, too."""
    frame = find(desk, numbers(1)[0], offline=True).frame
    added = frame[frame["run_id"] == old["import"]]
    assert added["event"].tolist() == ["added", "came"]
    assert set(added["actor"]) == set(added["comment"]) == {""}


def test_resume_keeps_the_comment_and_who_began(desk):
    """The run that is gone on with is still the one that was begun."""
    result = desk.write(Mode.IMPORT, desk.file(numbers(4)), STOP, comment="  two\nlines ")
    desk.resume(result.summary.run_id)
    [run] = pipeline.runs(desk.settings)
    assert run.comment == "two lines"
    assert run.actor
