"""What is killed: each story is a piece of work with kills in it, what a user does then, and what must come of it."""

from __future__ import annotations

import contextlib
import csv
import json
import random
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl

from ptx_bulk.journal import Journal
from tests.kill.commands import Place
from tests.kill.sandboxes import Change, Sandbox, Weather

FIRST = 33_600_100_000
CHANGES = 60
AGAIN = 0.65  # of the recoveries are killed, too
EFFECTS = {"add": "added", "remove": "removed"}
CONTRARY = {"added": "removed", "removed": "added"}
SAFETY = ("--yes", "--max-removals", "100%", "--allow-stop-removal", "--reason", "asked for")
QUICK = ("--concurrency", "8")


class Story:
    """One account, its lists, and the commands that change them.

    Args:
        folder: for everything.
        seed: what is left to chance.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self.rng = random.Random(seed)
        self.weather = Weather.of(self.rng)
        self.place = Place(folder, self.rng)
        self.api = Sandbox(folder / "api", self.weather, seed)
        self.outages = self.weather.outages

    @contextlib.contextmanager
    def ready(self) -> Iterator[Story]:
        """With the API being served."""
        with self.api:
            self.place.settings = {"PTX_BASE_URL": self.api.url, "PTX_API_KEY": self.api.key}
            try:
                yield self
            finally:
                for process in self.place.processes():
                    process.kill()

    def numbers(self, count: int = CHANGES) -> set[int]:
        """Some of twice as many."""
        return set(self.rng.sample(range(FIRST, FIRST + 2 * count), count))

    def written(self, numbers: set[int]) -> str:
        """A file of these numbers; its name."""
        rows = [f"0{number - 33_000_000_000}" for number in sorted(numbers)]
        if self.rng.random() < 0.3:
            book = openpyxl.Workbook()
            assert book.active is not None
            for row in ("Mobile", *rows):
                book.active.append([row])
            book.save(self.place.work / "in.xlsx")
            return "in.xlsx"
        (self.place.work / "in.csv").write_text("Mobile\n" + "".join(f"{row}\n" for row in rows))
        return "in.csv"

    def moment(self, planned: int) -> Callable[[], bool]:
        """Some moment: while starting, after some changes, or while verifying and reporting."""
        chance, since = self.rng.random(), self.api.calls()
        if chance < 0.2:
            return self.place.after(self.rng.uniform(0.1, 3))
        wanted = planned if chance > 0.8 else self.rng.randrange(1, max(2, planned))
        patient = self.place.after(40)  # a command that has little left to do never makes so many
        return lambda: self.api.effects(since).total() >= wanted or patient()

    def killed(self, *words: object, planned: int) -> None:
        """A command that is killed at some moment, perhaps with an outage before."""
        process = self.place.start(*words, *(QUICK if words[0] not in ("scrub", "diff") else ()), "--json")
        moment = self.moment(planned)
        if self.outages and self.rng.random() < 0.5:
            self.outages -= 1
            part = self.moment(max(1, planned // 2))
            while process.poll() is None and not part():
                time.sleep(0.03)
            self.api.outage(self.rng.uniform(0.2, 2))
        self.place.kill(process, str(words[0]), moment)

    def carried_through(self, *words: str, planned: set[Change]) -> str:
        """A command killed once or more, and the recovery: given again, or resumed; the run that did it."""
        known, since = {run.run_id for run in self.place.runs()}, self.api.calls()
        self.killed(*words, planned=len(planned))
        while not (new := [run for run in self.place.runs() if run.run_id not in known]):
            assert not self.api.effects(since), "something was sent before the plan was stored"
            self._once_more(words, planned)
        while new[-1].state != "finished":
            self._once_more(("resume",), planned)
            new = [run for run in self.place.runs() if run.run_id not in known]
        assert len(new) == 1, [run.run_id for run in new]
        self.proven(new[0].run_id, planned, since)
        return new[0].run_id

    def _once_more(self, words: tuple[str, ...], planned: set[Change]) -> None:
        if self.rng.random() < AGAIN:
            self.killed(*words, planned=len(planned) // 3)
        else:
            self.place.finish(*words, *QUICK, "--json")

    def proven(self, run_id: str, planned: set[Change], since: int) -> None:
        """The server's record, the journal and the report say the same: each planned change once, and none besides."""
        effects = self.api.effects(since)
        assert set(effects) == planned, "a change outside the plan, or one that never happened"
        assert set(effects.values()) <= {1}, "a change that happened twice"
        with Journal(self.place.home) as journal:
            rows = journal.changes(run_id).merge(journal.outcomes(run_id), on="seq", validate="1:1")
        done = {(EFFECTS[row.action], row.list, f"+{row.number}") for row in rows.itertuples()}
        assert done == planned
        assert set(rows["status"]) <= {"applied"}, rows[["seq", "status", "code"]].to_dict("records")
        assert set(rows["verified"]) <= {"yes"}
        self.reported(run_id, planned)

    def reported(self, run_id: str, planned: set[Change]) -> None:
        """The newest report of the run tells it; each report is whole."""
        reports = sorted(self.place.folder.rglob(f"*{run_id}*results*.*"), key=lambda path: path.stat().st_mtime_ns)
        lines = [_lines(report) for report in reports]
        assert len({len(told) for told in lines}) == 1, f"a report is not whole: {reports}"
        told = {
            (EFFECTS[line["action"]], line["list"], line["e164"]) for line in lines[-1] if line["status"] == "applied"
        }
        assert told == planned, "the report says something else than the server"

    def taken_back(self, run_id: str, before: set[tuple[str, str]], planned: set[Change]) -> None:
        """Undo of the run, killed, too, restores the beginning."""
        inverse = {(CONTRARY[effect], kind, number) for effect, kind, number in planned}
        self.carried_through("undo", run_id, *SAFETY, planned=inverse)
        assert self.api.listed() == before


def _lines(report: Path) -> list[dict[str, str]]:
    if report.suffix == ".csv":
        with report.open(newline="", encoding="utf-8-sig") as file:
            return list(csv.DictReader(file))
    book = openpyxl.load_workbook(report, read_only=True)
    rows = [[str(cell or "") for cell in row] for row in book.worksheets[0].iter_rows(values_only=True)]
    book.close()
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def planned_changes(kind: str, before: set[int], wished: set[int]) -> set[Change]:
    return {("added", kind, f"+{number}") for number in wished - before} | {
        ("removed", kind, f"+{number}") for number in before - wished
    }


def _wish(story: Story, mode: str) -> tuple[str, set[int], set[int], set[int]]:
    """A list, what is on it, what the file holds, and what the list shall hold; the other list holds something, too."""
    kind = story.rng.choice(["stop", "npai"])
    before, asked = story.numbers(), story.numbers()
    story.api.hold(kind, before)
    story.api.hold({"stop": "npai", "npai": "stop"}[kind], story.numbers())
    return kind, before, asked, {"import": before | asked, "remove": before - asked, "sync": asked}[mode]


def files(story: Story) -> None:
    """`import`, `remove` or `sync`, then `undo`."""
    mode = story.rng.choice(["import", "remove", "sync"])
    kind, before, asked, wished = _wish(story, mode)
    beginning, planned = story.api.listed(), planned_changes(kind, before, wished)
    safety = SAFETY if mode != "import" else ("--yes",)
    run_id = story.carried_through(mode, story.written(asked), "--list", kind, *safety, planned=planned)
    story.taken_back(run_id, beginning, planned)


def plans(story: Story) -> None:
    """`diff --save-plan`, killed; then `apply` of the plan, killed, too; then `undo`."""
    mode = story.rng.choice(["import", "sync"])
    kind, before, asked, wished = _wish(story, mode)
    beginning, planned = story.api.listed(), planned_changes(kind, before, wished)
    words = (
        "diff",
        story.written(asked),
        "--mode",
        mode,
        "--list",
        kind,
        "--save-plan",
        "plan.json",
        "--report",
        "diff.csv",
    )
    process = story.place.start(*words)
    story.place.kill(process, "diff", story.place.after(story.rng.uniform(0.2, 4)))
    if not ((story.place.work / "plan.json").exists() and (story.place.work / "diff.csv").exists()):
        for name in ("plan.json", "diff.csv"):
            (story.place.work / name).unlink(missing_ok=True)
        story.place.finish(*words)
    assert not story.api.effects()
    json.loads((story.place.work / "plan.json").read_text())
    run_id = story.carried_through("apply", "plan.json", *SAFETY, planned=planned)
    story.taken_back(run_id, beginning, planned)


def scrubs(story: Story) -> None:
    """`scrub`, killed, changes nothing and leaves whole files or none; given again, it is whole."""
    listed, asked = story.numbers(), story.numbers()
    story.api.hold("stop", listed)
    name = story.written(asked)
    for _n in range(4):
        process = story.place.start("scrub", name, "--json")
        story.place.kill(process, "scrub", story.place.after(story.rng.uniform(0.2, 5)))
    ended = story.place.finish("scrub", name, "--json")
    run_id = ended.told["run_id"]
    parts = {part: _numbers(story, f"*{run_id}.{part}.*") for part in ("kept", "removed", "unsure")}
    assert parts == {"kept": asked - listed, "removed": asked & listed, "unsure": set()}
    for part in ("kept", "removed"):
        for whole in story.place.work.glob(f"*.{part}.*"):
            assert _numbers(story, whole.name) == parts[part], f"{whole} is not whole"
    assert not story.api.effects()


def _numbers(story: Story, pattern: str) -> set[int]:
    """The numbers of files; the delimiter of a file of one column is nobody's business."""
    cells = (str(cell) for path in story.place.work.glob(pattern) for line in _lines(path) for cell in line.values())
    return {33_000_000_000 + int(found) for cell in cells for found in re.findall(r"\b06001\d{5}\b", cell)}


def accounts(story: Story) -> None:
    """One file for two accounts: all is killed, or one; each is resumed or begun again, and taken back by itself."""
    weather = Weather.of(story.rng)
    with Sandbox(story.place.folder / "other", weather, story.api.seed + 1, key="another") as other:
        apis = {"shop": story.api, "outlet": other}
        story.place.settings = {}
        (story.place.folder / "config.toml").write_text(
            "\n".join(
                f"[{name}]\nbase_url = '{api.url}'\napi_key_command = ['echo', '{api.key}']\nconcurrency = 8\n"
                for name, api in apis.items()
            )
        )
        before = {name: story.numbers() for name in apis}
        for name, api in apis.items():
            api.hold("stop", before[name])
        asked = story.numbers()
        file = story.written(asked)
        _killed_accounts(story, apis, file)
        _finished_accounts(story, file)
        for name, api in apis.items():
            _judged_account(story, name, api, before[name], asked)


def _killed_accounts(story: Story, apis: dict[str, Sandbox], file: str) -> None:
    process = story.place.start("import", file, "--all-profiles", "--yes", "--json")
    wanted = story.rng.randrange(0, CHANGES // 2)
    enough = story.place.after(60)
    while process.poll() is None and apis["shop"].effects().total() < wanted and not enough():
        time.sleep(0.03)
    children = [one for one in story.place.processes() if any("--profile=" in word for word in one.info["cmdline"])]
    if children and story.rng.random() < 0.4:
        story.rng.choice(children).kill()
        story.place.killed["import of one account (SIGKILL)"] += 1
        process.communicate(timeout=300)
        story.place.no_strays()
    else:
        story.place.end(process, "import of all accounts")


def _finished_accounts(story: Story, file: str) -> None:
    if story.place.runs():
        process = story.place.start("resume", "--all-profiles", "--json")
        story.place.kill(process, "resume of all accounts", story.place.after(story.rng.uniform(0.5, 6)))
        story.place.finish("resume", "--all-profiles", "--json", codes=(0, 2))
    # Whoever was killed before the plan was stored has nothing to resume; whoever is done has nothing to do.
    story.place.finish("import", file, "--all-profiles", "--yes", "--json")


def _judged_account(story: Story, name: str, api: Sandbox, before: set[int], asked: set[int]) -> None:
    planned = planned_changes("stop", before, before | asked)
    effects = api.effects()
    assert set(effects) == planned, f"{name}: a change outside the plan, or one that never happened"
    assert set(effects.values()) <= {1}, f"{name}: a change that happened twice"
    assert all(run.state == "finished" for run in story.place.runs())
    for run in reversed([run for run in story.place.runs() if run.options.get("profile") == name]):
        story.place.finish("--profile", name, "undo", run.run_id, *SAFETY, "--json")
    assert api.listed() == {("stop", f"+{number}") for number in before}
