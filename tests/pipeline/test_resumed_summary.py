"""What a resumed run tells of itself is what it would have told in one go; while it goes on, it is at work."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ptx_bulk.errors import ConfigurationError, ReportError
from ptx_bulk.journal import RunState
from ptx_bulk.model import Mode
from tests.pipeline.conftest import ALLOWED, NPAI, STOP, Desk, Told, check_truth, nth_write, numbers
from tests.pipeline.stops import interrupt

N = 40


def stopped(desk: Desk, path: Path, kind=STOP, **options) -> str:
    """An import that Ctrl-C stopped; its name."""
    desk.server.behaviour = nth_write(10, interrupt)
    result = desk.write(Mode.IMPORT, path, kind, concurrency=2, **options)
    assert result.exit_code == 130
    desk.server.behaviour = lambda _request: None
    return result.summary.run_id


def facts(result) -> dict[str, object]:
    """What a summary says of input and lists."""
    summary = result.summary
    told = ("command", "list", "counts", "files", "rows", "blank", "before", "after", "reason", "exit_code")
    return {name: getattr(summary, name) for name in told}


def test_input_and_list_sizes_are_those_of_the_whole_run(desk):
    """Files, rows, blank rows and the list's sizes before and after are those of a run that nothing stopped."""
    path = desk.folder / "in.csv"
    path.write_text("Mobile;Nom\n" + ";\n;\n" + "".join(f"{one};x\n" for one in numbers(N)) + "06 12;y\n")
    desk.server.preload(STOP, numbers(7, 900))
    stopped(desk, path)
    resumed = desk.resume()
    assert facts(resumed) == {
        "command": "import",
        "list": "stop",
        "counts": {"applied": N, "rejected": 1},
        "files": (str(path),),
        "rows": N + 1,
        "blank": 2,
        "before": 7,
        "after": N + 7,
        "reason": "",
        "exit_code": 4,
    }
    assert any("rejects" in Path(name).name for name in resumed.summary.reports)
    assert not any("rejects" in notice for notice in desk.told.notices)


@pytest.mark.slow
def test_a_resumed_undo_names_the_files_of_the_run_that_it_takes_back(desk):
    """An undo read no file; when it is resumed, its parent's files are named, no lack of an input is told."""
    desk.server.preload(NPAI, numbers(5, 900))
    path = desk.file(numbers(N))
    first = desk.write(Mode.IMPORT, path, NPAI)
    desk.server.behaviour = nth_write(10, interrupt)
    undone = desk.undo(first.summary.run_id, yes=True, safeguards=replace(ALLOWED, reason="wrong"), concurrency=2)
    assert undone.exit_code == 130
    desk.server.behaviour = lambda _request: None
    resumed = desk.resume()
    assert (resumed.summary.files, resumed.summary.rows, resumed.summary.blank) == ((str(path),), 0, 0)
    assert (resumed.summary.before, resumed.summary.after) == (N + 5, 5)
    assert (resumed.summary.counts, resumed.summary.reason) == ({"applied": N}, "wrong")
    assert desk.told.notices == []


def test_an_input_that_changed_since_gives_no_rejects(desk):
    """Rows of another file must not stand as this run's rejects: none are written, and that is said."""
    path = desk.file([*numbers(N), "06 12"])
    stopped(desk, path)
    path.write_text(path.read_text(encoding="utf-8").replace("06 12", "06 13"), encoding="utf-8")
    resumed = desk.resume()
    assert resumed.summary.counts == {"applied": N, "rejected": 1}
    assert not any("rejects" in Path(name).name for name in resumed.summary.reports)
    assert [notice for notice in desk.told.notices if "no rejects file" in notice] != []


def test_a_resumed_run_is_at_work(desk):
    """While it goes on, a resumed run is running, and killed now it would be resumable."""
    seen = []
    stopped(desk, desk.file(numbers(N)))
    desk.server.behaviour = nth_write(3, lambda: seen.append(desk.latest().state))
    assert desk.resume().exit_code == 0
    assert (seen, desk.latest().state) == ([RunState.RUNNING], RunState.FINISHED)


def test_a_short_rest_is_not_forecast(desk):
    """Calls that are over in a moment are told by nobody."""
    stopped(desk, desk.file(numbers(N)))
    desk.resume()
    assert desk.told.notices == []


@pytest.mark.parametrize("name", ["out.txt", "in.csv", "nowhere/a.csv"])
def test_reports_that_could_never_be_written_stop_a_resume_before_it_begins(desk, name):
    """A resume whose report cannot be sends nothing and leaves the run as it was."""
    stopped(desk, desk.file(numbers(N)))
    calls = len(desk.server.calls)
    with pytest.raises((ConfigurationError, ReportError), match=Path(name).name):
        desk.resume(report=[desk.folder / name])
    assert len(desk.server.calls) == calls
    assert desk.latest().state is RunState.STOPPED


@pytest.mark.parametrize("name", [3, b"20261123", ["20261123"]])
def test_a_name_that_is_no_text_is_refused_by_the_argument(desk, name):
    """What cannot be a run's name is refused as an argument, not looked for."""
    with pytest.raises(ConfigurationError, match="run_id"):
        desk.resume(name)


@pytest.mark.slow
def test_a_no_to_an_old_run_is_no_end_of_it(desk):
    """A run that was overtaken and is not resumed stays as it was, and a yes asked for goes on with it."""
    run_id = stopped(desk, desk.file(numbers(N), "a.csv"))
    later = desk.write(Mode.IMPORT, desk.file(numbers(3, 700), "b.csv")).summary.run_id
    no, yes = Told(answer=False), Told(answer=True)
    with pytest.raises(Exception, match=run_id):
        desk.resume(run_id, told=no)
    assert f"run {later} has changed" in no.asked[0]
    assert desk.resume(run_id, told=yes).summary.counts == {"applied": N}
    assert len(yes.asked) == 1
    assert desk.resume(run_id, told=no).exit_code == 0  # nothing is left, so nothing is asked
    assert len(no.asked) == 1


@pytest.mark.slow
def test_the_report_of_a_resume_is_told_by_its_own_lines(desk):
    """A resume's JSON report counts the lines of the whole run, and a line of each run is true."""
    stopped(desk, desk.file([*numbers(N), "06 12"]))
    result = desk.resume(report=[desk.folder / "out.csv", desk.folder / "out.json"])
    check_truth(result, desk.server)
    told = json.loads((desk.folder / "out.json").read_text(encoding="utf-8"))
    assert told["summary"]["counts"] == {"applied": N, "rejected": 1}
