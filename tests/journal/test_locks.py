"""One run at a time on a list; whether a run is at work is asked of the lock, not of a process id."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time

import pytest

from ptx_bulk.errors import RunInProgress
from ptx_bulk.journal import Journal, Lock, at_work
from ptx_bulk.model import ListKind

STOP, NPAI = ListKind


def holder_files(home):
    return sorted(path.name for path in (home / "locks").glob("*.holder.json"))


def leave_a_holder(home, text=None):
    """What a killed run leaves; the process id is one that lives: another program has it now."""
    holder = {"run_id": "killed", "pid": os.getpid(), "since": "2026-01-01 00:00:00"}
    (home / "locks").mkdir(exist_ok=True)
    (home / "locks" / "a.stop.holder.json").write_text(json.dumps(holder) if text is None else text)


def test_a_process_id_that_another_program_has_is_no_run_at_work(tmp_path):
    """A run whose lock nobody holds is not at work, whoever has its process id now; its leftovers are cleaned away."""
    leave_a_holder(tmp_path)
    assert at_work(tmp_path, "a", STOP) == ""
    assert holder_files(tmp_path) == []


def test_opening_the_journal_forgets_runs_that_were_killed_before_they_were_kept(tmp_path):
    """A journal that is opened leaves no note of a lock that nobody holds, and spares the note of one at work."""
    leave_a_holder(tmp_path)
    with Lock(tmp_path, "a", [NPAI], "run-1"):
        with Journal(tmp_path) as journal:
            assert journal.runs() == []
        assert holder_files(tmp_path) == ["a.npai.holder.json"]
        assert at_work(tmp_path, "a", NPAI) == "run-1"


@pytest.mark.parametrize("account", ["../../away", "x" * 500, "a\0b", "", "\ud800", "A/b"])
def test_a_damaged_name_of_an_account_is_no_path(tmp_path, account):
    """Whatever the journal calls an account, its lock is a file in the folder of locks."""
    home = tmp_path / "deep" / "home"
    with Lock(home, account, [STOP], "run-1"):
        assert at_work(home, account, STOP) == "run-1"
        assert {path.parent for path in tmp_path.rglob("*.lock")} == {home / "locks"}


def test_a_run_at_work_is_named(tmp_path):
    """While a run holds its lists, each of them names it, in this process and in others; afterwards none does."""
    script = (
        "import sys\nfrom pathlib import Path\nfrom ptx_bulk.journal import at_work\n"
        "from ptx_bulk.model import ListKind\n"
        "print([at_work(Path(sys.argv[1]), 'a', kind) for kind in ListKind])\n"
    )
    words = [sys.executable, "-c", script, str(tmp_path)]
    with Lock(tmp_path, "a", [STOP], "run-1"):
        assert (at_work(tmp_path, "a", STOP), at_work(tmp_path, "a", NPAI)) == ("run-1", "")
        assert subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip() == "['run-1', '']"
        assert at_work(tmp_path, "a", STOP) == "run-1"
    assert at_work(tmp_path, "a", STOP) == ""
    assert holder_files(tmp_path) == []


@pytest.mark.slow
def test_asking_never_makes_a_starting_run_fail(tmp_path):
    """However often others ask whether a run is at work, one that starts gets its lock."""
    over = False

    def ask() -> None:
        while not over:
            leave_a_holder(tmp_path)
            at_work(tmp_path, "a", STOP)

    askers = [threading.Thread(target=ask) for _n in range(3)]
    for asker in askers:
        asker.start()
    try:
        until = time.monotonic() + 3
        taken = 0
        while time.monotonic() < until:
            with Lock(tmp_path, "a", [STOP], "run"):
                taken += 1
    finally:
        over = True
        for asker in askers:
            asker.join()
    assert taken


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"run_id": 1}', "[" * 100_000, '{"run_id":"x","pid":1,"since":2,"list":3}']
)
def test_a_damaged_holder_file_disturbs_nobody(tmp_path, text):
    """What stands in the file beside the lock decides nothing: a lock that is held is refused, a free one taken."""
    with Lock(tmp_path, "a", [STOP], "run-1"):
        leave_a_holder(tmp_path, text)
        assert at_work(tmp_path, "a", STOP) in ("", "x")
        with pytest.raises(RunInProgress) as refused, Lock(tmp_path, "a", [STOP], "run-2"):
            pass
        who = "Run x (process 1, since 2) is" if at_work(tmp_path, "a", STOP) else "Another run is"
        assert str(refused.value) == (
            f"{who} working on the STOP list of this account; nothing was sent. "
            "Wait until it has ended, then try again."
        )
    leave_a_holder(tmp_path, text)
    assert at_work(tmp_path, "a", STOP) == ""
    with Lock(tmp_path, "a", [STOP], "run-3"):
        assert at_work(tmp_path, "a", STOP) == "run-3"


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_the_folder_of_locks_is_its_owners_alone(tmp_path):
    """Whoever could take a lock could keep its owner's runs from beginning, and see their names."""
    with Lock(tmp_path, "a", [STOP], "run-1"):
        assert (tmp_path / "locks").stat().st_mode & 0o777 == 0o700
