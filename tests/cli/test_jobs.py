"""The run command: a job file carried out, and the hook that is told how it ended."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import pytest

from ptx_bulk.cli.app import cli
from ptx_bulk.cli.commands.jobs import JOB_COMMANDS
from tests.cli.sequences import run_lines

HOOK = """
import pathlib, sys
told = pathlib.Path(__file__).with_name("told")
told.mkdir(exist_ok=True)
(told / f"{len(list(told.iterdir()))}.json").write_bytes(sys.stdin.buffer.read())
print("the hook speaks")
sys.exit(int(sys.argv[1]))
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with a list of numbers, one of them damaged, and a hook."""
    work = tmp_path / "jobs"
    work.mkdir()
    (work / "stops.csv").write_text("Portable\n0600000001\n0600000002\nnobody\n", encoding="utf-8")
    (work / "hook.py").write_text(HOOK, encoding="utf-8")
    return work


def write_job(folder: Path, name: str, text: str, hook_exit: int = 0) -> Path:
    """A job file whose hook keeps what it is told."""
    hook = json.dumps([sys.executable, "hook.py", str(hook_exit)])
    path = folder / name
    path.write_text(f"on_finish = {hook}\n{text}", encoding="utf-8")
    return path


def told(folder: Path) -> list[dict[str, object]]:
    """What the hook was told, call by call."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted((folder / "told").glob("*.json"))]


IMPORT = 'command = "import"\nfiles = ["stops.csv"]\n[options]\nreport = "report-{datetime}.csv"\n'


@pytest.mark.slow
def test_a_job_is_its_command(folder, tmp_path, environment):
    """A job runs from any folder as its command would: exit code and JSON are the command's, and the hook's."""
    write_job(folder, "job.toml", IMPORT)
    first, machine = run_lines(
        [
            ["--sandbox", "run", "jobs/job.toml"],
            ["run", "jobs/job.toml", "--sandbox", "--json", "--set", "report=again.csv"],
        ],
        folder=tmp_path,
        environment=environment,
    )
    assert (first.code, machine.code) == (4, 4)
    assert "applied" in first.out
    assert list((folder).glob("report-*.csv"))
    assert (tmp_path / "again.csv").exists()
    assert machine.json["counts"] == {"unchanged": 2, "rejected": 1}
    human, same = told(folder)
    assert human["counts"] == {"applied": 2, "rejected": 1}
    assert same == machine.json
    assert "the hook speaks" not in first.out + machine.out


@pytest.mark.slow
def test_refusals_and_errors_reach_the_hook(folder, environment):
    """A refusal, an unreadable file and a wrong option value end as without a job, and the hook is told."""
    write_job(folder, "job.toml", IMPORT.replace("[options]", '[options]\nlist = "npai"'))
    job = ["run", "job.toml", "--sandbox", "--set", "report=other.csv"]
    added, refused, missing, wrong = run_lines(
        [
            ["run", "job.toml", "--sandbox"],
            [*job, "--set", "command=remove", "--json"],
            ["run", "job.toml", "--sandbox", "--set", "report=third.csv", "--set", "files=gone.csv"],
            [*job, "--set", "list=elsewhere"],
        ],
        folder=folder,
        environment=environment,
    )
    assert [ran.code for ran in (added, refused, missing, wrong)] == [4, 7, 3, 2]
    assert refused.json["counts"] == {"rejected": 1, "not_attempted": 2}
    assert wrong.err.startswith("Error: job.toml: ")
    assert wrong.err.count("\n") == 1
    summaries = told(folder)
    assert [summary["exit_code"] for summary in summaries] == [4, 7, 3, 2]
    assert [summary["command"] for summary in summaries] == ["import", "remove", "import", "import"]
    assert summaries[1] == refused.json


@pytest.mark.slow
def test_a_failing_hook_changes_nothing(folder, environment):
    """A hook that fails or cannot be started is said on standard error; the exit code stays the command's."""
    write_job(folder, "check.toml", 'command = "check"\nfiles = ["stops.csv"]\n', hook_exit=5)
    (folder / "lost.toml").write_text(
        'command = "check"\nfiles = ["stops.csv"]\non_finish = "./no-such-program"\n', encoding="utf-8"
    )
    failing, lost = run_lines(
        [["run", "check.toml", "--json"], ["run", "lost.toml", "--json"]], folder=folder, environment=environment
    )
    assert (failing.code, lost.code) == (4, 4)
    assert (failing.json["command"], lost.json["command"]) == ("check", "check")
    assert "ended with exit code 5; the run itself is not affected" in failing.err
    assert "did not start or did not end in time; the run itself is not affected" in lost.err


@pytest.mark.slow
def test_a_dry_run_sends_nothing_and_calls_nobody(folder, environment):
    """`run --dry-run` plans without sending, leaves the hook alone, and refuses commands that cannot be tried."""
    write_job(folder, "job.toml", IMPORT)
    write_job(folder, "resume.toml", 'command = "resume"\n')
    write_job(folder, "check.toml", 'command = "check"\nfiles = ["stops.csv"]\n')
    tried, resumed, checked, exported = run_lines(
        [
            ["run", "job.toml", "--sandbox", "--dry-run", "--json"],
            ["run", "resume.toml", "--sandbox", "--dry-run"],
            ["run", "check.toml", "--dry-run", "--json"],
            ["export", "--sandbox", "-o", "-"],
        ],
        folder=folder,
        environment=environment,
    )
    assert tried.json["counts"] == {"planned": 2, "rejected": 1}
    assert "on_finish" in tried.err
    assert resumed.code == 2
    assert "--dry-run" in resumed.err
    assert checked.json["counts"] == {"valid": 2, "rejected": 1}
    assert len(exported.out.splitlines()) == 1
    assert not (folder / "told").exists()


def test_options_of_run_win_over_the_job(folder, environment):
    """Global options given to `run` count more than the job's own, `--set` more than its file."""
    write_job(folder, "job.toml", 'profile = "absent"\n' + IMPORT + 'base-url = "http://192.0.2.1"\n')
    (Path(environment["PTX_CONFIG"])).write_text("[present]\nbase_url = 'http://192.0.2.2'\n", encoding="utf-8")
    unread, insecure, own = run_lines(
        [
            ["run", "job.toml"],
            ["run", "job.toml", "--profile", "present"],
            ["run", "job.toml", "--profile", "present", "--base-url", "http://192.0.2.3"],
        ],
        folder=folder,
        environment={**environment, "PTX_API_KEY": "key"},
    )
    assert [ran.code for ran in (unread, insecure, own)] == [2, 2, 2]
    assert "`absent`" in unread.err
    assert "192.0.2.1" in insecure.err
    assert "192.0.2.3" in own.err


@pytest.mark.slow
def test_every_command_of_a_job_takes_its_options(folder, environment):
    """Flags, repeated options and paths of any command that a job may hold reach the command."""
    write_job(
        folder,
        "audit.toml",
        'command = "audit"\n[options]\nfault = ["NOT_MOBILE", "MALFORMED"]\non = "npai"\nverbose = true\n'
        'output = "audit-{date}.csv"\n',
    )
    write_job(
        folder, "export.toml", 'command = "export"\n[options]\noutput = "lists.csv"\nsandbox = true\nquiet = true\n'
    )
    write_job(folder, "purge.toml", 'command = "purge"\n[options]\nolder-than = "90d"\njson = true\n')
    audited, exported, purged = run_lines(
        [["run", "audit.toml", "--sandbox", "--json"], ["run", "export.toml"], ["run", "purge.toml"]],
        folder=folder,
        environment=environment,
    )
    assert audited.json["counts"] == {"NOT_MOBILE": 0, "MALFORMED": 0}
    (written,) = audited.json["reports"]
    with Path(written).open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file))[:3] == ["fault", "list", "phone"]
    assert (exported.code, exported.out) == (0, "")
    assert (folder / "lists.csv").exists()
    assert purged.json["command"] == "purge"
    assert [summary["command"] for summary in told(folder)] == ["audit", "export", "purge"]


def test_other_commands_belong_to_people(folder, environment):
    """A job that holds `login`, `sandbox`, another job or the like is refused."""
    (folder / "odd.toml").write_text('command = "run"\n', encoding="utf-8")
    others = sorted(set(cli.commands) - set(JOB_COMMANDS))
    assert {"login", "run", "sandbox"} <= set(others)
    ended = run_lines(
        [["run", "odd.toml", "--json", "--set", f"command={command}"] for command in others],
        folder=folder,
        environment=environment,
    )
    assert [(ran.code, ran.json["command"]) for ran in ended] == [(2, "run")] * len(others)
    assert all("is not a command that a job can run" in ran.err for ran in ended)


def test_a_job_names_its_mistakes(folder, environment):
    """An unknown option and a missing file are exit 2 with file, line and key."""
    write_job(folder, "job.toml", 'command = "import"\nfiles = ["stops.csv"]\n[options]\nmax_removal = "5%"\n')
    unknown, missing = run_lines([["run", "job.toml"], ["run", "none.toml"]], folder=folder, environment=environment)
    assert (unknown.code, missing.code) == (2, 2)
    assert "job.toml, line 5: `max-removal`" in unknown.err
    assert "Did you mean `max-removals`?" in unknown.err
    assert "none.toml" in missing.err
