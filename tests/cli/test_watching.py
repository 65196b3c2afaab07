"""What a machine watches a command by: the log file and the figures."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ptx_bulk.cli.doctor.checks import State
from ptx_bulk.cli.doctor.machine import numbering_plans
from ptx_bulk.model import Status
from ptx_bulk.reports.metrics import LastRun, write_metrics
from tests.conftest import Ran, served
from tests.faults import FaultyServer, mixed
from tests.faults import misbehaviour as bad

DIGITS = re.compile(r"\d{7}")


def events(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def stops(folder: Path, name: str = "stops.csv") -> str:
    (folder / name).write_text("Mobile\n0612345678\n0612345679\nabc\n")
    return name


def test_a_run_is_told_in_the_log(run: Callable[..., Ran]) -> None:
    """Each line is one JSON object with time, level and event; the run's own events carry its name."""
    done = run("--sandbox", "import", stops(run.folder), "--json", "--log-file", "log.jsonl")
    found = events(run.folder / "log.jsonl")
    assert all(list(event)[:3] == ["time", "level", "event"] for event in found)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["time"]) for event in found)
    names = [event["event"] for event in found]
    assert names[0] == "start"
    assert names[-1] == "end"
    assert {"stage", "stage done", "notice", "sending"} <= set(names)
    assert {event["run_id"] for event in found[1:]} == {done.json["run_id"]}
    assert (found[-1]["exit_code"], found[-1]["counts"]) == (4, {"applied": 2, "rejected": 1})
    assert found[-1]["reports"] == done.json["reports"]
    assert "612345678" not in (run.folder / "log.jsonl").read_text()


@pytest.mark.skipif("os.name != 'posix'", reason="modes are POSIX's")
def test_the_log_is_its_owners_alone(run: Callable[..., Ran]) -> None:
    """A new log file can be read by its owner alone."""
    run("--sandbox", "runs", "--log-file", "log.jsonl")
    assert stat.S_IMODE((run.folder / "log.jsonl").stat().st_mode) == 0o600


def test_the_log_grows(run: Callable[..., Ran]) -> None:
    """A log file is appended to, whichever of option, environment and profile names it; the option wins."""
    (run.folder.parent / "config.toml").write_text('[shop]\nlog_file = "by-profile.jsonl"\n')
    run("--sandbox", "runs", "--log-file", "log.jsonl")
    run("--sandbox", "runs", PTX_LOG_FILE="log.jsonl")
    run("--sandbox", "runs", "--log-file=log.jsonl", "--profile", "shop", PTX_LOG_FILE="other.jsonl")
    run("--sandbox", "runs", "--profile", "shop")
    names = [event["event"] for event in events(run.folder / "log.jsonl")]
    assert [name for name in names if name in {"start", "end"}] == ["start", "end"] * 3
    assert {event["profile"] for event in events(run.folder / "by-profile.jsonl")} == {"shop"}
    assert not (run.folder / "other.jsonl").exists()


@pytest.mark.parametrize(
    ("option", "place"), [("--log-file", "."), ("--log-file", "no/log"), ("--metrics", "no/m.prom")]
)
def test_a_place_that_cannot_be_written(option: str, place: str, run: Callable[..., Ran]) -> None:
    """A log or figures that cannot be written end the command with 2 and one sentence, before anything is sent."""
    done = run("--sandbox", "import", stops(run.folder), option, place)
    assert done.code == 2
    assert re.fullmatch(r"Error: .*\n", done.err)
    assert run("--sandbox", "runs", "--json").json["runs"] == []


def test_errors_are_logged_without_key_and_number(run: Callable[..., Ran]) -> None:
    """A command line that is wrong or refused is an error in the log, its words masked."""
    key = "0123456789abcdef0123456789abcdef"
    run("import", "+33612345678.csv", "--log-file", "log.jsonl", key=key)
    run("import", key, "--reading", key, "--log-file", "log.jsonl", key=key)
    run("frobnicate", "0612345678", PTX_LOG_FILE="log.jsonl")
    found = events(run.folder / "log.jsonl")
    errors = [event for event in found if event["event"] == "error"]
    assert [(event["level"], event["exit_code"]) for event in errors] == [("error", 3), ("error", 3), ("error", 2)]
    text = (run.folder / "log.jsonl").read_text()
    assert key not in text
    assert not DIGITS.search(re.sub(r"\d{8}-\d{6}-\w{4}", "", text))


@pytest.mark.slow
def test_trouble_on_the_way_is_logged(run: Callable[..., Ran]) -> None:
    """Repeats, pauses and a lower pace stand in the log by kind and status, without a number."""
    (run.folder / "many.csv").write_text("Mobile\n" + "".join(f"06123456{n:02}\n" for n in range(40)))
    trouble = mixed({bad.THROTTLED: 0.3, bad.ERROR: 0.1}, seed=7)
    with FaultyServer(lambda request: trouble(request) if request.method == "POST" else None).running() as server:
        run("--base-url", server.url, "import", "many.csv", "--yes", "--log-file", "log.jsonl", key="sandbox")
    found = events(run.folder / "log.jsonl")
    retries = [event for event in found if event["event"] == "retry"]
    assert {event["http_status"] for event in retries} <= {429, 500}
    assert retries
    assert any(event["event"] == "slower" for event in found)
    assert "6123456" not in (run.folder / "log.jsonl").read_text()


def test_a_job_is_one_log(run: Callable[..., Ran]) -> None:
    """A job's events stand in the log once, and its figures are those of its command."""
    stops(run.folder)
    (run.folder / "job.toml").write_text(
        'command = "import"\nfiles = "stops.csv"\n[options]\nlog-file = "log.jsonl"\nmetrics = "m.prom"\n'
    )
    assert run("--sandbox", "run", "job.toml").code == 4
    names = [event["event"] for event in events(run.folder / "log.jsonl")]
    assert (names.count("start"), names.count("end")) == (1, 1)
    assert 'command="import"' in (run.folder / "m.prom").read_text()
    run("--sandbox", "run", "job.toml", "--log-file", "outer.jsonl", "--metrics", "outer.prom", PTX_LOG_FILE="x.jsonl")
    names = [event["event"] for event in events(run.folder / "outer.jsonl")]
    assert (names.count("start"), names.count("sending")) == (1, 1)
    assert 'command="run"' not in (run.folder / "outer.prom").read_text()


def samples(path: Path) -> dict[str, float]:
    """The samples of an OpenMetrics text, which is held to the rules of its specification on the way."""
    text = path.read_text(encoding="utf-8")
    assert text.endswith("# EOF\n")
    *lines, end = text.splitlines()
    assert end == "# EOF"
    found: dict[str, float] = {}
    family, seen = "", set()
    for line in lines:
        if match := re.fullmatch(r"# TYPE ([a-z_]+) (gauge)", line):
            family = match[1]
            assert family not in seen, "the samples of a family stand together"
            seen.add(family)
        elif line.startswith("# "):
            assert re.fullmatch(rf"# HELP {family} [^\\\n]+", line)
        else:
            match = re.fullmatch(r'([a-z_]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+\}) (\S+)', line)
            assert match, line
            assert match[1] == family
            assert not match[2].endswith(",}")
            assert match[1] + match[2] not in found, "no sample stands twice"
            found[match[1] + match[2]] = float(match[3])
    return found


def test_the_figures_of_a_run(run: Callable[..., Ran]) -> None:
    """The figures are valid OpenMetrics, say what became of the run, hold no number, and may be read by others."""
    began = time.time()
    run("--sandbox", "import", stops(run.folder), "--metrics", "m.prom")
    found = samples(run.folder / "m.prom")
    labels = 'profile="",command="import"'
    assert began <= found[f"ptx_bulk_last_run_timestamp_seconds{{{labels}}}"] <= time.time()
    assert found[f"ptx_bulk_last_run_exit_code{{{labels}}}"] == 4
    assert 0 < found[f"ptx_bulk_last_run_duration_seconds{{{labels}}}"] < 250
    lines = {status: found[f'ptx_bulk_last_run_lines{{{labels},status="{status}"}}'] for status in Status}
    assert {status: n for status, n in lines.items() if n} == {"applied": 2, "rejected": 1}
    assert found[f'ptx_bulk_last_run_list_numbers{{{labels},list="stop"}}'] == 2
    if os.name == "posix":
        assert stat.S_IMODE((run.folder / "m.prom").stat().st_mode) == 0o644


@pytest.mark.slow
def test_a_failure_has_figures_and_keeps_the_last_success(run: Callable[..., Ran]) -> None:
    """A run that is refused or fails is told by its exit code, and when one last came to its end stays known."""
    labels = '{profile="",command="import"}'
    run("--sandbox", "import", stops(run.folder), "--metrics", "m.prom")
    first = samples(run.folder / "m.prom")
    run("--sandbox", "import", "missing.csv", "--metrics", "m.prom")
    second = samples(run.folder / "m.prom")
    assert second[f"ptx_bulk_last_run_exit_code{labels}"] == 3
    completed = f"ptx_bulk_last_completed_timestamp_seconds{labels}"
    assert second[completed] == first[completed]
    assert second[f"ptx_bulk_last_run_timestamp_seconds{labels}"] > first[completed]
    run("--sandbox", "import", "stops.csv", "-qn", "--metrics", "m.prom")
    assert samples(run.folder / "m.prom") == second
    run("--sandbox", "import", "--no-such-option", "--metrics", "m.prom")
    assert samples(run.folder / "m.prom")[f"ptx_bulk_last_run_exit_code{labels}"] == 2


@pytest.mark.slow
def test_figures_of_others_stay(run: Callable[..., Ran]) -> None:
    """Each profile and command has its own figures in a shared file; dry runs and looks at the journal have none."""
    (run.folder.parent / "config.toml").write_text('[a"b]\n[shop]\n'.replace('[a"b]', "['a\"b']"))
    stops(run.folder)
    for words in (["import", "stops.csv"], ["export", "-o", "x.csv"], ["import", "stops.csv", "-n"], ["runs"]):
        for profile in ("shop", 'a"b'):
            run("--sandbox", "--profile", profile, *words, PTX_METRICS="m.prom")
    found = samples(run.folder / "m.prom")
    kinds = {name.partition("{")[2] for name in found if name.startswith("ptx_bulk_last_run_exit_code")}
    assert kinds == {
        f'profile="{profile}",command="{command}"}}'
        for profile in ("shop", r"a\"b")
        for command in ("import", "export")
    }


def test_foreign_text_in_the_file_is_dropped(tmp_path: Path) -> None:
    """Whatever stood in the file before, it is valid afterwards."""
    path = tmp_path / "m.prom"
    path.write_bytes(b'\xff ptx_bulk_last_run_exit_code{profile="x",command="y"} 1\n')
    write_metrics(path, LastRun(profile="", command="sync", ended=1.0, seconds=2.0, exit_code=130))
    path.write_text(path.read_text() + 'other_metric{a="b"} 1\nptx_bulk_last_run_lines{a="b"\n')
    write_metrics(path, LastRun(profile="p\\\n", command="sync", ended=1.0, seconds=2.0, exit_code=0))
    assert len([name for name in samples(path) if "exit_code" in name]) == 2
    assert "other_metric" not in path.read_text()


@pytest.mark.skipif("not hasattr(os, 'mkfifo')", reason="needs named pipes")
@pytest.mark.parametrize("option", ["--log-file", "--metrics"])
def test_a_pipe_is_refused_before_anything_is_done(run: Callable[..., Ran], option: str) -> None:
    """A named pipe that nobody reads would be waited for without end; it is refused by name with exit code 2."""
    os.mkfifo(run.folder / "pipe")
    (run.folder / "in.csv").write_text("Mobile\n0612345678\n")
    ran = run("--sandbox", "import", "in.csv", option, "pipe")
    assert (ran.code, "pipe" in ran.err, len(ran.err.strip().splitlines())) == (2, True, 1)
    assert stat.S_ISFIFO((run.folder / "pipe").stat().st_mode)


@pytest.mark.parametrize("name", ["a\rb", "a\r\nb", "a\u2028b", "a\x85b", "a\x0cb", 'a"b\\', "caf\udce9"])
def test_figures_of_any_profile_stay_when_another_one_writes(tmp_path: Path, name: str) -> None:
    """A profile may be called anything: its figures are kept by the next run, and no name ends a line."""
    path = tmp_path / "m.prom"
    for profile in (name, "shop"):
        write_metrics(path, LastRun(profile=profile, command="sync", ended=1.0, seconds=2.0, exit_code=0))
    lines = path.read_bytes().decode().split("\n")
    assert len([line for line in lines if line.startswith("ptx_bulk_last_run_exit_code{")]) == 2
    assert [line for line in lines if line and not line.startswith(("#", "ptx_bulk_last_"))] == []


@pytest.mark.slow
@pytest.mark.skipif("os.name != 'posix'", reason="sends a signal")
def test_an_interrupted_run_has_figures(run: Callable[..., Ran], environment: dict[str, str]) -> None:
    """A run that is interrupted writes its figures and its end to the log."""
    (run.folder / "many.csv").write_text("Mobile\n" + "".join(f"0612{n:06}\n" for n in range(3000)))
    words = ["import", "many.csv", "--yes", "--metrics", "m.prom", "--log-file", "log.jsonl", "--max-rate", "50"]
    with served(environment=environment) as url:
        process = subprocess.Popen(
            [sys.executable, "-m", "ptx_bulk", "--base-url", url, *words],
            cwd=run.folder,
            env={**environment, "PTX_API_KEY": "sandbox"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        log = run.folder / "log.jsonl"
        while not log.exists() or '"sending"' not in log.read_text():
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    assert samples(run.folder / "m.prom")['ptx_bulk_last_run_exit_code{profile="",command="import"}'] == 130
    names = [event["event"] for event in events(log)]
    assert "stopping" in names
    assert names[-1] == "end"


@pytest.mark.parametrize(
    ("version", "today", "installed", "state"),
    [
        ("9.0.43", "2026-11-28", None, State.OK),
        ("9.0.43", "2027-10-01", "2027-09-30", State.OK),
        ("9.0.43", "2028-01-31", "2028-01-30", State.WARNING),
        ("9.0.29", "2027-12-31", None, State.WARNING),
        ("9.0.28", "2026-05-01", None, State.FAILED),
        ("9.1.2", "2030-01-01", None, State.OK),
        ("9.1.2", "2030-01-01", "2028-12-31", State.WARNING),
        ("9.1.2", "2030-01-01", "2029-01-31", State.OK),
    ],
)
def test_old_numbering_plans_are_told(version: str, today: str, installed: str | None, state: State) -> None:
    """Numbering plans older than a year are warned of, by their version's date, else by their installation's."""
    day = dt.date.fromisoformat(installed) if installed else None
    check = numbering_plans(version, dt.date.fromisoformat(today), day)
    assert check.state is state
    assert (state is State.WARNING) == ("more than a year old" in check.detail)
    assert (state is State.OK) == (not check.remedy)
