"""A number that is erased is in no byte of the state folder, and whatever is not its own stays as it was."""

from __future__ import annotations

import os
import signal
import sqlite3
import struct
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import phonenumbers
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ptx_bulk.errors import DamagedRun, JournalError, SafetyRefusal
from ptx_bulk.journal import InputRecord, Journal, NotUndoable, RunRecord, RunState, erase
from ptx_bulk.journal.rows.frames import unsealed
from ptx_bulk.model import Action, Code, ListKind, Outcome, Status
from ptx_bulk.numbers import Writings
from ptx_bulk.plan.planning import changes_frame
from ptx_bulk.snapshot import Snapshot
from tests.conftest import ROOT

STOP, NPAI = ListKind.STOP, ListKind.NPAI
OURS, OTHER = 33612345678, 33698765432
_SOME = 100  # changes of a run that get an outcome
WRITINGS = [
    "+33612345678", "0612345678", "06 12 34 56 78", "06.12.34.56.78", "+33 (0)6 12 34 56 78", "0033612345678",
    "612345678", "33612345678.0", "6.12345678E8", "0612345678 / 0698765432", "tel:+33-6-12-34-56-78",
    "06\u00a012\u00a034\u00a056\u00a078", "０６１２３４５６７８", "٠٦١٢٣٤٥٦٧٨", "M. X 0612345678 bureau",
    "06-12-34-56-789012",
]  # fmt: skip


def lines(rows: list[tuple[int, str, str, int]], file: str = "a.csv") -> pd.DataFrame:
    """Lines of (number, raw, status, seq), a row each."""
    n = len(rows)
    return pd.DataFrame(
        {
            "file": pd.Categorical([file] * n),
            "sheet": pd.Categorical([""] * n),
            "row": np.arange(2, n + 2, dtype="int32"),
            "column": pd.Categorical(["A"] * n),
            "raw": pd.Series([raw for _number, raw, _status, _seq in rows], dtype="str"),
            "list": pd.Categorical(["stop"] * n, categories=["", "stop", "npai"]),
            "number": np.array([number for number, *_rest in rows], dtype="int64"),
            "action": pd.Categorical(["add" if seq >= 0 else "none" for *_rest, seq in rows]),
            "status": pd.Categorical([status for _number, _raw, status, _seq in rows]),
            "code": pd.Categorical(["" if number else "NOT_A_NUMBER" for number, *_rest in rows]),
            "suggestion": pd.Series(["" if number else f"+{OURS}" for number, *_rest in rows], dtype="str"),
            "detail": pd.Categorical([""] * n),
            "duplicate_of_row": np.zeros(n, dtype="int32"),
            "seq": np.array([seq for *_rest, seq in rows], dtype="int32"),
        }
    )


def add_run(journal: Journal, run_id: str, rows: pd.DataFrame, state: RunState = RunState.FINISHED, **facts) -> None:
    """A run that added what its lines say, each with an outcome."""
    record = RunRecord(
        run_id=run_id, command="import", mode="import", account="a", base_url="https://x", lists=(STOP,),
        options={"files": ["a.csv"], **facts.pop("options", {})}, started_at=1.0, **facts,
    )  # fmt: skip
    sent = rows[(rows["seq"] >= 0).to_numpy()].sort_values("seq")
    number = sent["number"].to_numpy()
    changes = changes_frame([(Action.ADD, STOP, number, [(f"+{one}",) for one in number.tolist()])], {})
    journal.begin(
        record, [InputRecord(path="a.csv", sha256="0" * 64, size=1, format="csv", rows=1, blank=0)], rows, changes
    )
    with journal.writer(run_id) as writer:
        for seq in sent["seq"].tolist()[:_SOME]:
            writer.intend([seq])
            message = f"User +{OURS} exists" if seq == 0 else ""
            writer.record(Outcome(seq, Status.APPLIED, Code.ADDED, 1, message=message, remote_id=f"id{seq}"))
    if state is not RunState.RUNNING:
        journal.set_state(run_id, state, exit_code=0, finished_at=2.0)


def bytes_of(home: Path) -> bytes:
    """Every byte of the state folder, and what its compressed tables hold, unpacked."""
    parts = [path.read_bytes() for path in home.rglob("*") if path.is_file() and path.name != "sandbox.sqlite3"]
    with closing(sqlite3.connect(home / "journal.sqlite3")) as db:
        for table in ("lines", "snapshot_entries"):
            for (blob,) in db.execute(f"SELECT arrow FROM {table}"):
                with pa.ipc.open_stream(unsealed(blob)) as stream:
                    unpacked = stream.read_all()
                sink = pa.BufferOutputStream()
                with pa.ipc.new_stream(sink, unpacked.schema) as plain:
                    plain.write_table(unpacked)
                parts.append(sink.getvalue().to_pybytes())
    return b"\n".join(parts)


def forms(number: int) -> list[bytes]:
    """The number as text and as integers of Arrow and SQLite."""
    national = phonenumbers.national_significant_number(phonenumbers.parse(f"+{number}"))
    texts = [str(number), national, *(WRITINGS if number == OURS else [])]
    return [*(text.encode() for text in texts), struct.pack("<q", number), number.to_bytes(6, "big")]


def held(home: Path, number: int = OURS) -> list[bytes]:
    found = bytes_of(home)
    return [form for form in forms(number) if form in found]


@pytest.fixture
def journal(tmp_path: Path):
    with Journal(tmp_path) as opened:
        yield opened


def filled(journal: Journal) -> None:
    rows = [(OURS, "06 12 34 56 78", "planned", 0), (OTHER, "0698765432", "planned", 1)]
    rejected = [(0, raw, "rejected", -1) for raw in WRITINGS]
    add_run(
        journal,
        "20260101-000000-aaaa",
        lines(rows + rejected, file="0612345678.csv"),
        reason="Mail of +33 6 12 34 56 78, and of 0698765432",
        options={"where": ["Mobile=06\u00a012\u00a034\u00a056\u00a078"], "n": OURS},
        summary={"counts": {"applied": 2}, "reports": ["0612345678.results.csv"]},
    )
    for moment in ("before", "after"):
        snapshot = Snapshot.of(STOP, 1.0, ["0612345678", "+33698765432", "x 0612345678 y"], ["id0", "id1", "id2"])
        journal.add_snapshot("a", "20260101-000000-aaaa", moment, snapshot)


def test_no_byte_is_left(journal: Journal, tmp_path: Path) -> None:
    """After erasing, the number is in no file of the state folder in any form, and the other number still is."""
    filled(journal)
    assert len(held(tmp_path)) > 10
    erased = erase(journal, Writings([OURS]))
    assert held(tmp_path) == []
    assert len(held(tmp_path, OTHER)) == len(forms(OTHER))
    assert (erased.runs, erased.changes, erased.snapshots) == (("20260101-000000-aaaa",), 1, 2)
    assert erased.lines == 2 + len(WRITINGS)  # the name of the file stands in every line
    assert erased.not_undoable == (NotUndoable(run_id="20260101-000000-aaaa", additions=1, removals=0),)


def test_what_stays_of_a_run(journal: Journal) -> None:
    """A run keeps its lines, codes, statuses, counts and reason without the number, and is sound."""
    filled(journal)
    before = journal.lines("20260101-000000-aaaa")
    erase(journal, Writings([OURS]))
    run = journal.run("20260101-000000-aaaa")  # raises where it is damaged
    after = journal.lines(run.run_id)
    same = ["row", "list", "action", "status", "code", "seq", "duplicate_of_row"]
    pd.testing.assert_frame_equal(after[same], before[same])
    assert after["number"].tolist() == [0, OTHER] + [0] * len(WRITINGS)
    assert (after["raw"].iloc[0], after["raw"].iloc[1], after["raw"].iloc[2]) == ("…", "0698765432", "…")
    assert run.reason == "Mail of …, and of 0698765432"
    assert run.summary == {"counts": {"applied": 2}, "reports": ["….results.csv"]}
    assert journal.changes(run.run_id)["number"].tolist() == [0, OTHER]
    assert journal.outcomes(run.run_id)["status"].tolist() == ["applied", "applied"]


def test_a_snapshot_keeps_its_length_and_knows_the_entry_again(journal: Journal) -> None:
    """An erased entry keeps its place and id: the list is as long as it was, and the entry is no news later."""
    filled(journal)
    erase(journal, Writings([OURS]))
    (shot, _earlier) = journal.snapshots("a", STOP)
    known = journal.load_snapshot(shot)
    assert (len(known), shot.entries, known.identity) == (3, 3, shot.identity)
    assert known.numbers.tolist() == [OTHER]
    now = Snapshot.of(STOP, 2.0, ["+33612345678", "+33698765432", "+33611111111"], ["id0", "id1", "id9"])
    assert known.knew(now.entries).tolist() == [True, True, False]


def test_a_cell_of_two_numbers_keeps_the_other(journal: Journal, tmp_path: Path) -> None:
    """Where a cell held two numbers, the line of the other keeps its number and its half of the text."""
    both = lines([(OURS, "0612345678 / 0698765432", "planned", 0), (OTHER, "0612345678 / 0698765432", "planned", 1)])
    both["row"] = np.array([2, 2], dtype="int32")
    add_run(journal, "20260101-000000-aaaa", both)
    erase(journal, Writings([OURS]))
    assert held(tmp_path) == []
    after = journal.lines("20260101-000000-aaaa")
    assert after["number"].tolist() == [0, OTHER]
    assert after["raw"].iloc[1].endswith("0698765432")


@pytest.mark.parametrize("name", ["file", "sheet", "column", "detail"])
def test_a_number_in_the_name_of_a_place_is_erased(name: str, journal: Journal, tmp_path: Path) -> None:
    """A number in the name of a file, a sheet or a column, or in a detail, is taken out of it like any other."""
    rows = lines([(OTHER, "0698765432", "planned", 0)]).assign(**{name: pd.Categorical(["de 0612345678 (2)"])})
    add_run(journal, "20260101-000000-aaaa", rows.assign(suggestion=""))
    assert erase(journal, Writings([OURS])).lines == 1
    assert held(tmp_path) == []
    assert journal.lines("20260101-000000-aaaa")[name].tolist() == ["de … (2)"]


def test_other_runs_are_not_touched(journal: Journal) -> None:
    """What does not hold the number is stored byte for byte as before."""
    filled(journal)
    add_run(journal, "20260101-000000-bbbb", lines([(OTHER, "+32 612 34 56 78", "planned", 0)]).assign(suggestion=""))

    def stored() -> tuple:
        with closing(sqlite3.connect(journal.path)) as db:
            return db.execute("SELECT arrow FROM lines WHERE run_id LIKE '%bbbb'").fetchone()

    before = stored()
    assert erase(journal, Writings([OURS])).runs == ("20260101-000000-aaaa",)
    assert stored() == before
    assert journal.lines("20260101-000000-bbbb")["raw"].tolist() == ["+32 612 34 56 78"]


def test_what_was_deleted_before_is_gone_too(journal: Journal, tmp_path: Path) -> None:
    """What lies in spare room of the file, deleted long ago by whomever, is erased although no row holds it."""
    with closing(sqlite3.connect(journal.path, isolation_level=None)) as db:
        db.execute("PRAGMA secure_delete = OFF")
        db.execute("INSERT INTO meta VALUES ('note', ?)", (f"+{OURS} " * 2000,))
        db.execute("DELETE FROM meta WHERE name = 'note'")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert held(tmp_path)
    assert erase(journal, Writings([OURS])).runs == ()
    assert held(tmp_path) == []


def test_a_dry_run_changes_nothing(journal: Journal, tmp_path: Path) -> None:
    """A dry run tells what the erasing then does, and leaves all as it was."""
    filled(journal)
    told = erase(journal, Writings([OURS]), dry_run=True)
    assert len(held(tmp_path)) > 10
    assert erase(journal, Writings([OURS])) == told


@pytest.mark.parametrize("state", [RunState.RUNNING, RunState.STOPPED])
def test_an_unfinished_run_keeps_its_number(state: RunState, journal: Journal, tmp_path: Path) -> None:
    """A run that can go on needs its numbers: erasing one is refused, named, and nothing is changed."""
    filled(journal)
    add_run(journal, "20260102-000000-bbbb", lines([(OURS, "0612345678", "planned", 0)]), state)
    before = len(held(tmp_path))
    with pytest.raises(SafetyRefusal, match="20260102-000000-bbbb") as caught:
        erase(journal, Writings([OURS]))
    assert "612345678" not in str(caught.value)
    assert len(held(tmp_path)) == before
    erase(journal, Writings([OTHER]))  # the other number is in the finished run alone
    assert held(tmp_path, OTHER) == []


def test_an_unfinished_run_loses_what_it_does_not_need(journal: Journal, tmp_path: Path) -> None:
    """A number that an unfinished run has only in rejected or unchanged lines is erased, and the run stays sound."""
    rows = [
        (OTHER, "0698765432", "planned", 0),
        (OURS, "0612345678", "unchanged", -1),
        (0, "0612345678 x", "rejected", -1),
    ]
    add_run(journal, "20260102-000000-bbbb", lines(rows), RunState.STOPPED)
    erase(journal, Writings([OURS]))
    assert held(tmp_path) == []
    assert journal.run("20260102-000000-bbbb").state is RunState.STOPPED


def test_a_run_that_cannot_be_read_is_named(journal: Journal) -> None:
    """Where lines are damaged nobody knows what they hold, so erasing says so instead of telling that all is gone."""
    filled(journal)
    with closing(sqlite3.connect(journal.path)) as db, db:
        db.execute("UPDATE lines SET arrow = substr(arrow, 1, 200)")
    with pytest.raises(DamagedRun, match="20260101-000000-aaaa"):
        erase(journal, Writings([OURS]))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE lines SET run_id = NULL",
        "UPDATE lines SET run_id = 'x'",
        "UPDATE snapshot_entries SET fingerprint = NULL",
    ],
)
def test_what_belongs_to_nobody_is_named_and_purged(journal: Journal, statement: str) -> None:
    """Lines and entries whose owner is not known stop an erasing, until a purge has deleted them."""
    filled(journal)
    with closing(sqlite3.connect(journal.path)) as db, db:
        db.execute(statement)
    with pytest.raises(DamagedRun, match="purge"):
        erase(journal, Writings([OURS]))
    journal.purge_damaged(2e9)
    journal.purge(2e9)
    erase(journal, Writings([OURS]))


def test_a_reader_in_the_way_is_told(journal: Journal, tmp_path: Path) -> None:
    """While another process reads the journal its log cannot be emptied: that is an error, and a second try does it."""
    filled(journal)
    with closing(sqlite3.connect(journal.path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM runs").fetchone()
        journal.db.execute("PRAGMA busy_timeout = 100")
        with pytest.raises(JournalError) as caught:
            erase(journal, Writings([OURS]))
    assert str(caught.value) == (
        f"The number is erased, but another process still reads the journal {journal.path}, whose log may hold it; "
        "give the command again once that has ended."
    )
    erase(journal, Writings([OURS]))
    assert held(tmp_path) == []


mobiles = st.integers(33600000000, 33799999999)


@pytest.mark.slow
@settings(
    max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(st.data(), st.lists(mobiles, min_size=2, max_size=8, unique=True))
def test_others_data_stays(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, numbers: list[int]) -> None:
    """Whatever numbers a journal holds, erasing one leaves all of the others and nothing of it."""
    ours, *others = numbers
    written = {
        n: data.draw(st.sampled_from([f"+{n}", f"0{n % 10**9}", f"0{n % 10**9:_}".replace("_", " ")])) for n in numbers
    }
    order = data.draw(st.permutations(numbers))
    home = tmp_path_factory.mktemp("home")
    with Journal(home) as journal:
        rows = lines([(n, written[n], "planned", seq) for seq, n in enumerate(order)])
        add_run(journal, "20260101-000000-aaaa", rows)
        journal.add_snapshot("a", "20260101-000000-aaaa", "after", Snapshot.of(STOP, 1.0, [f"+{n}" for n in order]))
        erase(journal, Writings([ours]))
        after = journal.lines(journal.run("20260101-000000-aaaa").run_id)
        mine = (rows["number"] != ours).to_numpy()
        pd.testing.assert_frame_equal(after[mine], rows[mine])
        known = journal.load_snapshot(journal.snapshots("a", STOP)[0])
        assert known.numbers.tolist() == sorted(others)
    found = bytes_of(home)
    assert not [
        form
        for form in (str(ours).encode(), str(ours)[2:].encode(), struct.pack("<q", ours), ours.to_bytes(6, "big"))
        if form in found
    ]


@given(st.sampled_from(["FR", "BE", "GP", "RE", "DE", "GB", "US", "IT", "MA", "SG"]), st.data())
def test_every_writing_is_found(region: str, data: st.DataObject) -> None:
    """A number is found and taken out in every writing that phonenumbers has for it, in any text without digits."""
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    number = int(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)[1:])
    style = data.draw(st.sampled_from([0, 1, 2, 3]))
    around = st.text(st.characters(exclude_categories=["Nd", "Cs"]), max_size=8)
    text = data.draw(around) + phonenumbers.format_number(example, style) + data.draw(around)
    wanted = Writings([number])
    assert wanted.held_by(text)
    assert wanted.stand_in(pd.Series([text, "none"])).tolist() == [True, False]
    assert not any(character.isdecimal() for character in wanted.without(text))


_ERASING = """
import sys
from pathlib import Path
from ptx_bulk.journal import Journal, erase
from ptx_bulk.numbers import Writings
with Journal(Path(sys.argv[1])) as journal:
    print("begun", flush=True)
    erase(journal, Writings([33612345678]))
print("done", flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")
def test_an_erasing_that_was_killed_is_repeated(tmp_path: Path) -> None:
    """However an erasing is killed, the journal is sound, and erasing again leaves no byte of the number."""
    killed = 0
    for trial in range(8):
        home = tmp_path / str(trial)
        home.mkdir()
        with Journal(home) as journal:
            filled(journal)
            many = lines([(OURS + 1 + n, f"0{612345679 + n}", "planned", n) for n in range(20_000)])
            add_run(journal, "20260103-000000-cccc", many.assign(suggestion=""))
            before = journal.lines("20260101-000000-aaaa")
        process = subprocess.Popen(
            [sys.executable, "-c", _ERASING, str(home)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.03 * trial)
        process.send_signal(signal.SIGKILL)
        killed += b"done" not in process.communicate()[0]
        with Journal(home) as journal:
            assert [run.fault for run in journal.checked_runs()] == ["", ""]
            run = journal.run("20260101-000000-aaaa")
            assert journal.lines(run.run_id)["code"].tolist() == before["code"].tolist()
            erase(journal, Writings([OURS]))
            assert len(journal.lines("20260103-000000-cccc")) == 20_000
        assert held(home) == []
    assert killed
