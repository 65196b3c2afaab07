"""Stop signals at any moment: one sentence, one JSON object, one exit code, nothing left behind."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.stopping import STOPS, Stopped, number_of, start
from tests.conftest import SAMPLES, served

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a child process cannot be sent these signals there")


def many_rows(folder: Path, count: int = 60_000) -> Path:
    path = folder / "many.csv"
    path.write_text("Mobile\n" + "".join(f"06{at:08d}\n" for at in range(count)), encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.parametrize("name", STOPS)
def test_a_stop_while_reading_is_told_and_leaves_nothing(name, tmp_path, environment):
    """A stop while standard input is copied ends with 130, the sentence and the object, and the copy is gone."""
    command = start(tmp_path / "w", environment, "--sandbox", "import", "-", "--json")
    assert command.process.stdin is not None
    command.process.stdin.write(b"Mobile\n0600000001\n")
    command.process.stdin.flush()
    command.until(lambda: list(command.temporary.glob("*/0/stdin")))
    command.process.send_signal(number_of(name))
    command.end().judge()
    assert command.code == 130
    assert (command.json["command"], command.json["input"]["files"]) == ("import", ["-"])
    assert command.json["run_id"]
    assert "nothing was sent" in command.err


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_second_stop_does_not_break_the_end(name, tmp_path, environment):
    """Signals that come while a stopped command ends change nothing, however many they are."""
    command = start(tmp_path / "w", environment, "check", "-", "--json")
    command.until(lambda: list(command.temporary.glob("*/0/stdin")))
    for _ in range(200):
        if command.process.poll() is None:
            command.process.send_signal(number_of(name))
            time.sleep(0.001)
    command.end().judge()
    assert command.code == 130


@pytest.mark.slow
def test_what_is_ignored_stays_ignored(tmp_path, environment):
    """Under `nohup` a closed terminal stops nothing."""
    (tmp_path / "tmp").mkdir()
    (tmp_path / "in.csv").write_text("Mobile\n0600000001\n")
    done = subprocess.run(
        ["sh", "-c", f"trap '' HUP; (sleep 0.4; kill -HUP $$) & exec {sys.executable} -m ptx_bulk check in.csv --json"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        timeout=100,
        check=False,
    )
    assert (done.returncode, json.loads(done.stdout)["counts"]) == (0, {"valid": 1})


@pytest.mark.slow
def test_a_stop_at_the_last_moment_leaves_the_result(tmp_path, environment):
    """From the report on nothing takes the result away: it is printed whole, with its own exit code."""
    path = many_rows(tmp_path)
    command = start(tmp_path / "w", environment, "check", path, "--json", "--report", "r.csv")
    command.until((command.folder / "r.csv").exists)
    while command.process.poll() is None:
        command.process.send_signal(random.choice([signal.SIGINT, signal.SIGTERM, signal.SIGHUP]))
        time.sleep(0.001)
    command.end()
    assert command.code == command.json["exit_code"] == 0
    assert command.json["reports"][0] == "r.csv"


@pytest.mark.slow
def test_a_stop_while_the_api_does_not_answer(tmp_path, environment):
    """A stop while the lists are read ends the command at once, whatever the server does."""
    with served("--fault", "hang=1", environment=environment) as url:
        for at, name in enumerate(STOPS):
            command = start(
                tmp_path / f"{at}",
                environment,
                "export",
                "-o",
                "x.csv",
                "--json",
                "--base-url",
                url,
                PTX_API_KEY="sandbox",
            )
            command.until(lambda command=command: (tmp_path / "home" / "journal.sqlite3").exists())
            time.sleep(1.5)
            began = time.monotonic()
            command.process.send_signal(number_of(name))
            command.end().judge()
            assert command.code == 130
            assert time.monotonic() - began < 15
            assert not (command.folder / "x.csv").exists()


@pytest.mark.slow
def test_the_login_prompt_can_be_left(tmp_path, environment):
    """A stop while the key is waited for ends with 130 and the object."""
    command = start(tmp_path / "w", environment, "login", "--json")
    time.sleep(2.5)
    command.process.send_signal(signal.SIGTERM)
    command.end()
    assert (command.code, command.json["command"]) == (130, "login")


@pytest.mark.parametrize("name", STOPS)
def test_the_sandbox_serves_until_stopped(name, tmp_path, environment):
    """Every stop signal is the sandbox's regular end."""
    command = start(tmp_path / "w", environment, "sandbox", "--port", "0")
    assert command.process.stdout is not None
    assert command.process.stdout.readline().startswith(b"listening on ")
    command.process.send_signal(number_of(name))
    assert command.end().code == 0
    assert command.err == ""


@pytest.mark.slow
def test_a_terminal_that_closes_breaks_nothing(tmp_path, environment):
    """Where what is shown cannot be written any more, a run goes on and tells its result."""
    import pty

    (tmp_path / "in.csv").write_text("Mobile\n" + "".join(f"06{at:08d}\n" for at in range(150)))
    with served("--latency", "200", environment=environment) as url:
        try:
            master, slave = pty.openpty()
        except OSError as error:
            pytest.skip(f"there is no pseudo-terminal: {error}")
        words = ["import", "in.csv", "--json", "--yes", "--concurrency", "8", "--base-url", url]
        process = subprocess.Popen(
            [sys.executable, "-m", "ptx_bulk", *words],
            cwd=tmp_path,
            env={**environment, "PTX_API_KEY": "sandbox", "TERM": "xterm"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=slave,
        )
        os.close(slave)
        shown = b""
        while b"Sending" not in shown:
            shown += os.read(master, 4096)
        os.close(master)
        out, _err = process.communicate(timeout=100)
    assert process.returncode == 0
    assert json.loads(out)["counts"] == {"applied": 150}


HOOK = """
import pathlib, sys, time
pathlib.Path("told.json").write_bytes(sys.stdin.buffer.read())
time.sleep(float(sys.argv[1]))
pathlib.Path("done").touch()
"""


def job(folder: Path, seconds: float, files: str) -> None:
    folder.mkdir()
    (folder / "hook.py").write_text(HOOK)
    (folder / "in.csv").write_text("Mobile\n0600000001\n")
    hook = json.dumps([sys.executable, "hook.py", str(seconds)])
    (folder / "job.toml").write_text(f'on_finish = {hook}\ncommand = "check"\nfiles = [{json.dumps(files)}]\n')


@pytest.mark.slow
def test_a_job_that_is_stopped_tells_its_hook(tmp_path, environment):
    """The hook of a job that is stopped while reading is told the interrupted run's object, which is printed once."""
    folder = tmp_path / "w"
    job(folder, 0, "-")
    command = start(folder, environment, "run", "job.toml", "--json")
    command.until(lambda: list(command.temporary.glob("*/0/stdin")))
    command.process.send_signal(signal.SIGTERM)
    command.end().judge()
    assert (command.code, command.json["command"]) == (130, "check")
    assert json.loads((folder / "told.json").read_text()) == command.json
    assert (folder / "done").exists()


@pytest.mark.slow
def test_a_stop_while_the_hook_runs_ends_the_hook_alone(tmp_path, environment):
    """The run's object and exit code stay what they are; the hook is ended."""
    folder = tmp_path / "w"
    job(folder, 50, "in.csv")
    command = start(folder, environment, "run", "job.toml", "--json")
    command.until(lambda: (folder / "told.json").exists() and (folder / "told.json").stat().st_size)
    command.process.send_signal(signal.SIGTERM)
    command.end()
    assert (command.code, command.json["exit_code"], command.json["counts"]) == (0, 0, {"valid": 1})
    assert "on_finish" in command.err
    assert not (folder / "done").exists()


def fuzz(folder: Path, environment: dict[str, str], count: int, seed: int, *arguments: object, code: int) -> list[int]:
    """Run a command so many times, one to three signals at random moments of its life; the exit codes."""
    rng, codes = random.Random(seed), []
    began = time.monotonic()
    assert start(folder / "whole", environment, *arguments).end().code == code
    whole = time.monotonic() - began
    for at in range(count):
        command: Stopped = start(folder / f"{at}", environment, *arguments, PTX_HOME=str(folder / f"{at}" / "home"))
        # The interpreter itself has to start before anybody can heed anything.
        moment = rng.uniform(min(1.0, whole / 3), whole * 1.05)
        for late in sorted([0.0, *(rng.random() * rng.choice([0.001, 0.01, 0.3]) for _ in range(rng.randrange(3)))]):
            command.after(moment + late, number_of(rng.choice(STOPS)))
        command.end().judge(code)
        codes.append(command.code)
        shutil.rmtree(command.folder)
    return codes


COMMANDS = {
    "check": (("check", SAMPLES / "stops.xlsx"), 4),
    "export": (("--sandbox", "export", "-o", "x.csv"), 0),
    "import": (("--sandbox", "import", SAMPLES / "stops.xlsx"), 4),
    "diff": (("--sandbox", "diff", SAMPLES / "stops.xlsx", "--save-plan", "p.json"), 4),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["check", "import"])
def test_a_stop_at_any_moment(name, tmp_path, environment):
    """A few random moments: 130 or the regular code, one object, nothing left."""
    arguments, code = COMMANDS[name]
    assert fuzz(tmp_path, environment, 5, 11, *arguments, "--json", code=code)


@pytest.mark.endurance
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_stop_at_hundreds_of_moments(name, tmp_path, environment, capsys):
    """The same, a hundred times for each command."""
    arguments, code = COMMANDS[name]
    codes = fuzz(tmp_path, environment, 100, os.getpid(), *arguments, "--json", code=code)
    with capsys.disabled():
        print(f"\n{name}: {len(codes)} stopped, {codes.count(130)} of them with 130")  # noqa: T201 - worth knowing
