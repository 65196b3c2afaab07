"""An account on a server that misbehaves as told, files to import, and the proof that a report is true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ptx_bulk import pipeline
from ptx_bulk.applying import Patience, RetryPolicy
from ptx_bulk.journal import Journal
from ptx_bulk.model import ListKind, Mode
from ptx_bulk.pipeline import Reporting, Result, Sending, Source
from ptx_bulk.plan import MaxRemovals, Safeguards
from ptx_bulk.settings import Settings, load
from ptx_bulk.workbooks import Question, ReadOptions
from tests.faults import FaultyServer, Request
from tests.pipeline.stories import Story

STOP, NPAI = ListKind.STOP, ListKind.NPAI
QUICK = Sending(
    concurrency=8,
    timeout=2.0,
    policy=RetryPolicy(attempts=5, throttles=8, initial=0.005, maximum=0.05, longest_pause=3.0, outage_after=0.3),
    patience=Patience(seconds=0.1, first=0.02),
)
ALLOWED = Safeguards(max_removals=MaxRemovals(percent=100), allow_stop_removal=True, reason="trial")


def numbers(n: int, first: int = 0) -> list[str]:
    """So many mobiles, each with its own number."""
    return [f"+336000{number:05d}" for number in range(first, first + n)]


def nth_write(n: int, action: Callable[[], Any]) -> Callable[[Request], None]:
    """A behaviour that is honest, but does something when the n-th POST or DELETE arrives."""
    seen = 0

    def behave(request: Request) -> None:
        nonlocal seen
        if request.method != "GET":
            seen += 1
            if seen == n:
                action()

    return behave


class Told(pipeline.Quiet):
    """An interface that remembers what it was told and says yes or no."""

    def __init__(self, answer: bool | None = None, after_sending: Callable[[], Any] | None = None) -> None:
        self.interactive = answer is not None
        self.notices: list[str] = []
        self.readings: list[str] = []
        self.questions: list[Question] = []
        self.choice: int | None = None
        self.asked: list[str] = []
        self._answer = bool(answer)
        self._after_sending = after_sending

    def notice(self, text: str) -> None:
        (self.readings if text.startswith("Reading ") else self.notices).append(text)

    def choose(self, question: Question) -> int | None:
        self.questions.append(question)
        return self.choice

    def ask(self, _plan: Any, estimate: str) -> bool:
        self.asked.append(estimate)
        return self._answer

    def confirm(self, question: str) -> bool:
        self.asked.append(question)
        return self._answer

    @contextmanager
    def sending(self, total: int) -> Iterator[Any]:
        with super().sending(total) as progress:
            yield progress
        if self._after_sending:
            self._after_sending()


@dataclass
class Desk:
    """A user's desk: a state folder, a folder of files, and the account's server as witness."""

    home: Path
    folder: Path
    server: FaultyServer
    key: str = "sandbox"
    told: Told = field(default_factory=Told)

    @property
    def settings(self) -> Settings:
        return load(base_url=self.server.url, env={"PTX_HOME": str(self.home), "PTX_API_KEY": self.key})

    def file(self, values: list[str], name: str = "in.csv", heading: str = "Mobile") -> Path:
        path = self.folder / name
        path.write_text("\n".join([heading, *values, ""]), encoding="utf-8")
        return path

    def write(self, mode: Mode, path: Path, kind: ListKind | None = None, **options: Any) -> Result:
        return pipeline.write(mode, Source(files=(str(path),), reading=ReadOptions(list=kind)), *self._rest(options))

    def diff(self, mode: Mode, path: Path, kind: ListKind | None = None, **options: Any) -> Result:
        more = {name: options.pop(name) for name in ("plan_path", "exit_code") if name in options}
        return pipeline.diff(
            mode, Source(files=(str(path),), reading=ReadOptions(list=kind)), *self._rest(options), **more
        )

    def apply(self, plan: Path, **options: Any) -> Result:
        return pipeline.apply(str(plan), *self._rest(options))

    def resume(self, run_id: str | None = None, **options: Any) -> Result:
        return pipeline.resume(run_id, *self._rest(options))

    def undo(self, run_id: str, **options: Any) -> Result:
        return pipeline.undo(run_id, *self._rest(options))

    def _rest(self, options: dict[str, Any]) -> tuple[Sending, Reporting, Settings, Told]:
        paths = tuple(options.pop("report", ()))
        told = options.pop("told", self.told)
        return replace(QUICK, **options), Reporting(paths=paths, folder=self.folder), self.settings, told

    def listed(self, kind: ListKind = STOP) -> list[str]:
        return sorted(self.server.lists[kind])

    def latest(self) -> Any:
        """The newest run as the journal has it."""
        return pipeline.runs(self.settings)[0]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk with an honest server; a test sets `desk.server.behaviour` when it shall misbehave."""
    (tmp_path / "files").mkdir()
    with FaultyServer().running() as server:
        yield Desk(tmp_path / "home", tmp_path / "files", server)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A journal of its own to write runs into, and two empty lists."""
    with Journal(tmp_path) as journal:
        yield Story(journal)


def report(result: Result) -> pd.DataFrame:
    """The results file that was written, as text."""
    path = Path(result.summary.reports[0])
    frame = pd.read_excel(path, dtype=str) if path.suffix == ".xlsx" else pd.read_csv(path, dtype=str)
    return frame.fillna("")


def effects(server: FaultyServer) -> Counter[tuple[ListKind, str, str]]:
    """What really changed, as (list, number, `add` or `remove`)."""
    words = {"added": "add", "removed": "remove"}
    return Counter({(kind, number, words[effect]): n for (kind, number, effect), n in server.effects.items()})


def check_truth(result: Result, server: FaultyServer) -> pd.DataFrame:
    """Every line of the written report is true by the server's own record; returns the report."""
    lines = report(result)
    assert sum(result.summary.counts.values()) == len(lines)
    assert lines["status"].value_counts().to_dict() == dict(result.summary.counts)
    happened = effects(server)
    assert set(happened.values()) <= {1}, "something happened twice"
    changes = lines[lines["action"].isin(["add", "remove"])]
    told = dict(
        zip(
            zip(changes["list"].map(ListKind), changes["e164"], changes["action"], strict=True),
            changes["status"],
            strict=True,
        )
    )
    wrong = changes[changes["code"].str.contains("VERIFY_MISMATCH")]
    denied = set(zip(wrong["list"].map(ListKind), wrong["e164"], wrong["action"], strict=True))
    assert set(happened) <= set(told), "something happened that no line tells"
    for change, status in told.items():
        match status:
            case "applied":
                assert happened[change] == 1, change
            case "unchanged" | "not_attempted" | "planned":
                assert happened[change] == 0, change
            case "failed":
                # What the API said and the list denies may be true by the record all the same.
                assert happened[change] == 0 or change in denied, change
            case _:
                assert status == "unknown"
    return lines
