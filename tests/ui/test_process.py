"""`ptx-bulk ui` as a process: its key, its end, and runs that are stopped or killed in the middle."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.conftest import ROOT, served
from tests.ui.visitor import Visitor

pytestmark = pytest.mark.slow
N = 400


@dataclass
class Running:
    """The command at work, and a browser that has opened its page."""

    process: subprocess.Popen[str]
    visitor: Visitor

    def end(self, number: int) -> int:
        """Send a signal and wait."""
        self.process.send_signal(number)
        return self.process.wait(60)


@contextlib.contextmanager
def running(environment: dict[str, str], *options: str) -> Iterator[Running]:
    """`ptx-bulk ui` with these options."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ptx_bulk", *options, "ui", "--no-browser"],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        first = process.stdout.readline().strip()
        assert first.startswith("listening on http://127.0.0.1:"), first
        visitor = Visitor(first.removeprefix("listening on "))
        with contextlib.closing(visitor.client):
            yield Running(process, visitor)
    finally:
        process.kill()
        process.communicate(timeout=30)


def file(n: int = N) -> str:
    return "phone\n" + "".join(f"+336000{number:05d}\n" for number in range(n))


@pytest.fixture
def slow_api(tmp_path: Path, environment: dict[str, str]) -> Iterator[Path]:
    """A served sandbox that takes its time, and the settings for it; yields its state file."""
    state = tmp_path / "served.db"
    with served("--record", "--latency", 250, "--state", state, environment=environment) as url:
        environment |= {"PTX_BASE_URL": url, "PTX_API_KEY": "sandbox"}
        yield state


def added(state: Path) -> Counter[str]:
    """How often each number was added to the list."""
    with contextlib.closing(sqlite3.connect(state, timeout=20)) as db:
        return Counter(one for (one,) in db.execute("SELECT identifier FROM access WHERE effect = 'added'"))


def sent_half(visitor: Visitor, state: Path) -> str:
    """A run that is in the middle of its sending."""
    work, _planned = visitor.plan("a.csv", file())
    visitor.post(f"/works/{work}/send", version=visitor.get(f"/works/{work}").version)
    end = time.monotonic() + 60
    while len(added(state)) < 60:
        assert time.monotonic() < end
        time.sleep(0.02)
    return work


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_goes_on_after_the_page_was_ended(slow_api: Path, environment: dict[str, str], number: int):
    """Whatever ends the page in mid-run, the next one offers to go on, and no number is added twice."""
    with running(environment) as page:
        work = sent_half(page.visitor, slow_api)
        code = page.end(number)
        assert code == (-number if number == signal.SIGKILL else 0)
    reports = list((Path(environment["PTX_HOME"]) / "ui" / work).glob("*.results.csv"))
    assert len(reports) == (0 if number == signal.SIGKILL else 1)
    done = added(slow_api)
    assert 0 < len(done) < N
    with running(environment) as page:
        start = page.visitor.get("/")
        assert "was interrupted and can be gone on with" in start.words
        run = start.text.rpartition("/runs/")[2].partition('"')[0]
        work = page.visitor.post(f"/runs/{run}/resume").work
        result = page.visitor.settled(work)
        assert result.phase == "done"
        assert f"{N} numbers were added" in result.words
    assert set(added(slow_api).values()) == {1}
    assert len(added(slow_api)) == N


def test_a_run_is_stopped_cleanly_on_its_page(slow_api: Path, environment: dict[str, str]):
    """The page's button stops the sending, says what was done, and offers to go on from there."""
    with running(environment) as page:
        work = sent_half(page.visitor, slow_api)
        assert page.visitor.get(f"/works/{work}").phase == "busy"
        page.visitor.post(f"/works/{work}/stop")
        result = page.visitor.settled(work)
        assert result.phase == "done"
        assert "numbers were not sent" in result.words
        assert page.visitor.settled(page.visitor.post(f"/works/{work}/resume").work).phase == "done"
    assert set(added(slow_api).values()) == {1}
    assert len(added(slow_api)) == N


def test_progress_comes_as_events(slow_api: Path, environment: dict[str, str]):
    """Whoever opens the page of a run, a second tab, too, is told how far it is until it is done."""
    with running(environment) as page:
        work = sent_half(page.visitor, slow_api)
        seen = page.visitor.get(f"/works/{work}")
        path = f"{page.visitor.folder}/works/{work}/events?face={seen.face}&version={seen.version}"
        with page.visitor.client.stream("GET", path) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            lines = [line for line in stream.iter_lines() if line]
        told = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
        counts = [one["done"] for one in told]
        assert counts == sorted(counts)
        assert told[0]["total"] == N
        assert any("a second" in one["text"] for one in told)
        assert lines[-2] == "event: changed"
        assert page.visitor.settled(work).phase == "done"


def test_the_key_is_given_once_and_never_shown(tmp_path: Path, environment: dict[str, str]):
    """The key is tried and kept in the keyring; no page, log, file or later start shows it or asks for it."""
    key = "s3cr3t-k3y-0123456789"
    ring = tmp_path / "ring.json"
    environment |= {"PYTHON_KEYRING_BACKEND": "tests.docs.keyring_file.FileKeyring", "DOCS_KEYRING": str(ring)}
    with served("--key", key, environment=environment) as url:
        environment["PTX_BASE_URL"] = url
        with running(environment) as page:
            visitor = page.visitor
            assert 'type="password"' in visitor.get("/").text
            wrong = visitor.post("/key", key="wrong")
            assert (wrong.status, ring.exists()) == (400, False)
            assert "refuses this key" in wrong.words
            assert visitor.post("/key", key=key).status == 303
            assert key in ring.read_text(encoding="utf-8")
            visitor.send("a.csv", file(3))
            pages = [visitor.get(path).text for path in ("/", "/key", "/lists", "/runs")]
            assert all(key not in text for text in pages)
            page.process.terminate()
            told = page.process.communicate(timeout=60)
        home = Path(environment["PTX_HOME"])
        kept = [path for path in home.rglob("*") if path.is_file() and key.encode() in path.read_bytes()]
        assert kept == []
        assert key not in "".join(told)
        with running(environment) as page:
            assert 'type="password"' not in page.visitor.get("/").text


def test_it_listens_on_this_machine_alone(environment: dict[str, str]):
    """No other machine can reach the port."""
    with running(environment, "--sandbox") as page:
        found = psutil.Process(page.process.pid).net_connections(kind="tcp")
        assert {one.laddr.ip for one in found if one.status == psutil.CONN_LISTEN} == {"127.0.0.1"}


def test_it_ends_when_its_page_is_closed(environment: dict[str, str]):
    """Once the last page was left and no other came, the command is done; its object is all that --json prints."""
    with running(environment, "--sandbox") as page:
        page.visitor.post("/page/here", page="one")
        page.visitor.post("/page/gone", page="one")
        assert page.process.wait(60) == 0
    command = [sys.executable, "-m", "ptx_bulk", "--sandbox", "ui", "--no-browser", "--json"]
    with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=-1, stderr=-1, text=True) as process:
        assert process.stderr is not None
        assert "listening on http://127.0.0.1:" in process.stderr.readline()
        process.terminate()
        out, _err = process.communicate(timeout=60)
    assert json.loads(out) == {"command": "ui", "exit_code": 0}
