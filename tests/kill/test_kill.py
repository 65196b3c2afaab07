"""A run killed at any moment and resumed ends as if nothing had happened; the server is the witness."""

from __future__ import annotations

import csv
import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT, served

FIRST = 33600100000
CHANGES = 120
LANES = 2


@dataclass(frozen=True)
class Lane:
    """A served sandbox with its state file, for one trial after the other."""

    url: str
    state: Path
    folder: Path

    def reset(self, numbers: set[int]) -> None:
        """The NPAI list holds exactly these numbers, and nothing was ever asked."""
        with closing(sqlite3.connect(self.state, timeout=20)) as db, db:
            db.execute("DELETE FROM entries")
            db.execute("DELETE FROM access")
            db.executemany(
                "INSERT INTO entries (list, identifier, id) VALUES ('npai', ?, ?)",
                [(f"+{number}", f"{number:024x}") for number in numbers],
            )

    def effects(self) -> Counter[tuple[str, str]]:
        """How often a call changed the list, by effect and number."""
        rows = self._rows("SELECT effect, identifier FROM access WHERE effect IN ('added', 'removed')")
        return Counter((effect, identifier) for effect, identifier in rows)

    def changed(self) -> int:
        """Calls so far that changed the list."""
        return int(self._rows("SELECT count(*) FROM access WHERE effect IN ('added', 'removed')")[0][0])

    def listed(self) -> set[str]:
        """The numbers on the list."""
        return {identifier for (identifier,) in self._rows("SELECT identifier FROM entries WHERE NOT deleted")}

    def _rows(self, query: str) -> list[tuple]:
        with closing(sqlite3.connect(self.state, timeout=20)) as db:
            return db.execute(query).fetchall()


@pytest.fixture(scope="module")
def lanes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Lane]]:
    """Sandboxes that write every call down, one for each trial that goes on at the same time."""
    folders = [tmp_path_factory.mktemp(f"lane{n}") for n in range(LANES)]
    options = [("--record", "--latency", 15, "--state", folder / "sandbox.db") for folder in folders]
    with served(*options[0]) as first, served(*options[1], "--strict") as second:
        yield [Lane(url, folder / "sandbox.db", folder) for url, folder in zip((first, second), folders, strict=True)]


class Trial:
    """One run that is killed: a random command on random numbers, with what must come of it."""

    def __init__(self, lane: Lane, seed: int) -> None:
        self.rng = random.Random(seed)
        self.lane = lane
        self.killed: Counter[str] = Counter()
        self.folder = lane.folder / f"trial{seed}"
        self.folder.mkdir()
        pool = range(FIRST, FIRST + 2 * CHANGES)
        before = set(self.rng.sample(pool, CHANGES))
        asked = self.rng.sample(pool, CHANGES)
        self.mode = self.rng.choice(["import", "remove", "sync"])
        wished = {"import": before | set(asked), "remove": before - set(asked), "sync": set(asked)}[self.mode]
        self.wished = {f"+{number}" for number in wished}
        self.planned = {("added", f"+{number}") for number in wished - before}
        self.planned |= {("removed", f"+{number}") for number in before - wished}
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir()
        (self.folder / "in.csv").write_text("Mobile\n" + "".join(f"+{number}\n" for number in asked))
        lane.reset(before)

    def go(self) -> None:
        """Run, kill, resume (perhaps killed, too), and compare with the server's record."""
        self._killed(self._start(self.mode, "in.csv", "--list", "npai", "--yes", "--max-removals", "100%"))
        record = self._record()
        while record is None:
            assert not self.lane.effects(), "something was sent before the plan was journalled"
            self._finish(self.mode, "in.csv", "--list", "npai", "--yes", "--max-removals", "100%")
            record = self._record()
        while record["state"] != "finished":
            if self.rng.random() < 0.3:
                self._killed(self._start("resume"))
            else:
                self._finish("resume")
            record = self._record()
        if any(self.temporary.iterdir()):  # killed between its end and its exit
            self._finish("runs")  # whatever is asked next, copies of the input are gone after it
        self._judge(record["run_id"])

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "ptx_bulk", *arguments, "--base-url", self.lane.url]
        command += [] if arguments[0] == "runs" else ["--concurrency", "8"]
        own = {"PTX_HOME": str(self.folder / "home"), "PTX_API_KEY": "sandbox", "PYTHONPATH": str(ROOT)}
        own["TMPDIR"] = str(self.temporary)
        with (self.folder / "stderr.txt").open("w") as errors:
            return subprocess.Popen(
                [*command, "--json"],
                cwd=self.folder,
                env={**os.environ, **own},
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )

    def _killed(self, process: subprocess.Popen[bytes]) -> None:
        """Kill at a random moment: while starting, after some changes, or while verifying and reporting."""
        moment = self.rng.random()
        if moment < 0.15:
            self._wait(process, self.rng.uniform(0.1, 1.5))
        else:
            target = len(self.planned) if moment > 0.8 else self.rng.randrange(1, max(2, len(self.planned)))
            limit = time.monotonic() + 30
            while process.poll() is None and self.lane.changed() < target and time.monotonic() < limit:
                time.sleep(0.01)
            self._wait(process, self.rng.uniform(0, 0.3 if moment > 0.8 else 0.02))
        process.kill()
        process.wait()
        self.killed[self._phase()] += 1

    def _phase(self) -> str:
        """What a run that was just killed was doing."""
        record = self._record()
        if record is None:
            return "before the plan was stored"
        if record["state"] == "running":
            return "sending" if self.lane.changed() < len(self.planned) else "settling and verifying"
        return "reporting" if record["state"] == "stopped" else "after its end"

    @staticmethod
    def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            return

    def _finish(self, *arguments: str) -> None:
        assert self._start(*arguments).wait(60) == 0, (self.folder / "stderr.txt").read_text()

    def _record(self) -> dict | None:
        """The run as the journal has it, None before its plan was stored."""
        journal = self.folder / "home" / "journal.sqlite3"
        if not journal.exists():
            return None
        with closing(sqlite3.connect(journal, timeout=20)) as db:
            try:
                row = db.execute("SELECT run_id, state, summary FROM runs").fetchone()
            except sqlite3.OperationalError:  # killed before its tables were made
                return None
        return row and {"run_id": row[0], "state": row[1], "summary": json.loads(row[2])}

    def _judge(self, run_id: str) -> None:
        assert list(self.temporary.iterdir()) == [], "copies of the input that a killed process left"
        assert not list(self.folder.glob(".ptx-*")), "a draft that a killed process left"
        effects = self.lane.effects()
        assert set(effects) == self.planned, "a change outside the plan, or one that never happened"
        assert set(effects.values()) <= {1}, "a change that happened twice"
        assert self.lane.listed() == self.wished
        newest = max(self.folder.glob(f"in.{run_id}*results*.csv"), key=lambda path: (len(path.name), path.name))
        with newest.open(newline="", encoding="utf-8") as file:
            lines = list(csv.DictReader(file))
        told = {
            ({"add": "added", "remove": "removed"}[line["action"]], line["e164"])
            for line in lines
            if line["status"] == "applied"
        }
        assert told == self.planned, "the report says something else than the server"
        assert {line["status"] for line in lines} <= {"applied", "unchanged"}
        assert {line["verified"] for line in lines if line["status"] == "applied"} <= {"yes"}


def trials(lanes: list[Lane], count: int, seed: int) -> Counter[str]:
    """So many trials on the lanes side by side; how often a run was killed in which phase."""

    def work(lane: int) -> Counter[str]:
        killed: Counter[str] = Counter()
        for n in range(lane, count, LANES):
            trial = Trial(lanes[lane], seed + n)
            trial.go()
            killed += trial.killed
        return killed

    with ThreadPoolExecutor(LANES) as pool:
        done = [pool.submit(work, lane) for lane in range(LANES)]
        return sum((lane.result() for lane in done), Counter())


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_killed_run_is_resumed_to_its_exact_end(lanes):
    """Each planned change happens exactly once and none besides, however a few runs are killed; every line is true."""
    assert trials(lanes, 3, seed=1000).total() >= 3


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_a_hundred_killed_runs_are_resumed_to_their_exact_end(lanes, capsys):
    """The same for a hundred runs killed at random moments, some of them again while being resumed."""
    killed = trials(lanes, 100, seed=2000)
    with capsys.disabled():
        moments = ", ".join(f"{n} {phase}" for phase, n in killed.most_common())
        print(f"\n100 runs, {killed.total()} kills: {moments}")  # noqa: T201 - what was tried is worth knowing
