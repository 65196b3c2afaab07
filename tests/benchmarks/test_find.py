"""How fast a number is found in a journal of a million outcomes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ptx_bulk import pipeline
from ptx_bulk.access import SANDBOX_KEY
from ptx_bulk.journal import Journal, RunRecord, RunState
from ptx_bulk.model import ListKind
from ptx_bulk.numbers import e164_text
from ptx_bulk.plan.planning import changes_frame
from ptx_bulk.settings import load
from ptx_bulk.snapshot import Snapshot

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]
FIRST, MILLION = 33600000000, 1_000_000


def lines_of(number: np.ndarray) -> pd.DataFrame:
    size = len(number)
    words = {"file": "stops.csv", "sheet": "", "column": "Mobile", "list": "stop", "action": "add", "status": "planned"}
    frame = {name: pd.Categorical.from_codes(np.zeros(size, "int8"), [word]) for name, word in words.items()}
    text = e164_text(number)
    more = {"row": np.arange(2, size + 2), "raw": text, "number": number, "seq": np.arange(size, dtype="int32")}
    blank = {name: pd.Categorical.from_codes(np.zeros(size, "int8"), [""]) for name in ("code", "detail")}
    return pd.DataFrame({**frame, **more, **blank, "suggestion": pd.Series([""] * size, dtype="str")})


def filled(home: Path, runs: int) -> np.ndarray:
    """A journal of so many runs with a million outcomes in all, and a list of as many numbers before and after."""
    home.mkdir()
    number = FIRST + np.random.default_rng(7).permutation(99_999_999)[:MILLION]
    with Journal(home) as journal:
        account = journal.account(SANDBOX_KEY, "sandbox")
        for n, part in enumerate(np.array_split(number, runs)):
            run = RunRecord(
                run_id=f"20260101-{n:06d}-aaaa", command="import", mode="import", account=account, base_url="sandbox",
                lists=(ListKind.STOP,), options={}, started_at=1000.0 + n, state=RunState.FINISHED,
            )  # fmt: skip
            changes = changes_frame([("add", ListKind.STOP, part, [(f"+{one}",) for one in part.tolist()])])
            journal.begin(run, [], lines_of(part), changes)
            with journal.transaction() as db:
                db.execute(
                    "INSERT INTO outcomes SELECT run_id, seq, 'applied', 'ADDED', 1, 200, NULL, '', '', 1001.0, 'yes', "
                    "'' FROM changes WHERE run_id = ?",
                    (run.run_id,),
                )
        for moment, held in (("before", number[: MILLION // 2]), ("after", number)):
            spelled = [f"+{one}" for one in held.tolist()]
            journal.add_snapshot(account, "r", moment, Snapshot.of(ListKind.STOP, 900.0 + len(held), spelled))
            journal.add_snapshot(account, "r", moment, Snapshot.of(ListKind.NPAI, 900.0 + len(held), []))
    return number


@pytest.mark.parametrize("runs", [1, 100])
def test_a_number_is_found_among_a_million_outcomes(tmp_path: Path, capsys, runs: int) -> None:
    """Offline, with nothing warm but the program: the time of one question, the best of three."""
    number = filled(tmp_path / "home", runs)
    settings = load(sandbox=True, env={"PTX_HOME": str(tmp_path / "home")})
    warm: Callable[[], object] = lambda: pipeline.find(["+33199999999"], settings, offline=True)  # noqa: E731
    warm()
    took = []
    for at in (3, MILLION // 2, MILLION - 1):
        began = time.perf_counter()
        found = pipeline.find([f"+{number[at]}"], settings, offline=True)
        took.append(time.perf_counter() - began)
        assert "added" in set(found.frame["event"])
    with capsys.disabled():
        print(f"\nfind among {runs} runs with a million outcomes: {min(took):.2f} s (of {took})")
