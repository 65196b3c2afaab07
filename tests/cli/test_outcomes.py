"""Outcomes, wrong addresses, late lists and stops, as a user of the command line meets them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.faults import FaultyServer, always
from tests.faults import misbehaviour as bad

NUMBERS = [f"+336000001{n:02d}" for n in range(20)]
COMMANDS = {
    "import": ("import", "in.csv"),
    "remove": ("remove", "in.csv", "--list", "npai", "--yes"),
    "sync": ("sync", "in.csv", "--yes"),
    "diff": ("diff", "in.csv"),
    "export": ("export", "-o", "out.csv"),
    "audit": ("audit",),
    "login": ("login",),
    "doctor": ("doctor",),
}


@pytest.fixture
def server():
    """A server to misbehave."""
    with FaultyServer().running() as running:
        yield running


@pytest.fixture
def folder(run):
    """The folder of the command, with a file."""
    (run.folder / "in.csv").write_text("\n".join(["Mobile", *NUMBERS, ""]), encoding="utf-8")
    return run.folder


@pytest.mark.parametrize(
    ("command", "fault"),
    [*((command, bad.NO_LIST) for command in COMMANDS), ("import", bad.REDIRECT), ("import", bad.NOT_ALLOWED)],
)
def test_a_wrong_address_is_told_at_once(run, folder, server, command, fault):
    """Whatever the command, an answer about the address is exit 5, asked for once and told with the base URL."""
    server.behaviour = always(fault)
    ran = run(*COMMANDS[command], "--json", "--base-url", server.url, key="sandbox", stdin="sandbox\n")
    assert (ran.code, ran.json["exit_code"]) == (5, 5)
    assert server.url in ran.err + ran.out
    targets = [call.request.target for call in server.calls]
    assert 1 <= len(targets) == len(set(targets))


@pytest.mark.slow
def test_a_refuted_claim_is_exit_4_and_said_in_the_object(run, folder, server):
    """A STOP that the API calls listed and the list does not show is failed in counts, codes and exit code."""
    server.behaviour = lambda request: bad.REFUSED_AS_LISTED if request.method == "POST" else None
    ran = run("import", "in.csv", "--verify-wait", "0", "--json", "--base-url", server.url, key="sandbox")
    assert (ran.code, ran.json["counts"], ran.json["verified"]) == (4, {"failed": 20}, {"yes": 0, "no": 20})
    assert ran.json["codes"] == {"VERIFY_MISMATCH": 20}
    again = run("resume", "--verify-wait", "0", "--json", "--base-url", server.url, key="sandbox")
    assert (again.code, again.json["counts"]) == (4, {"failed": 20})
    server.behaviour = lambda _request: None
    done = run("resume", "--json", "--base-url", server.url, key="sandbox")
    assert (done.code, done.json["counts"], done.json["verified"]) == (0, {"applied": 20}, {"yes": 20, "no": 0})


@pytest.mark.slow
def test_a_late_list_is_waited_for_and_that_is_said_once(run, folder, server):
    """A list that shows additions late ends with exit 0, all applied and verified, and one sentence about the wait."""
    server._late = 4.0
    ran = run("import", "in.csv", "--json", "--base-url", server.url, key="sandbox")
    assert (ran.code, ran.json["counts"], ran.json["verified"]) == (0, {"applied": 20}, {"yes": 20, "no": 0})
    reading, waiting = ran.err.splitlines()
    assert (reading[:8], waiting) == ("Reading ", "Waiting for the list to show 20 changes.")


@pytest.mark.slow
def test_one_look_is_enough_where_nobody_wants_to_wait(run, folder, server):
    """With --verify-wait 0 a late list is refuted at once; resume settles it, and nothing is sent twice."""
    server._late = 3600.0
    ran = run("import", "in.csv", "--verify-wait", "0", "--json", "--base-url", server.url, key="sandbox")
    assert (ran.code, ran.json["counts"], len(ran.err.splitlines())) == (4, {"failed": 20}, 1)
    server._late = 0.0
    done = run("resume", "--json", "--base-url", server.url, key="sandbox")
    assert (done.code, done.json["counts"]) == (0, {"applied": 20})
    assert set(server.effects.values()) == {1}
    assert sum(call.request.method == "POST" for call in server.calls) == 20


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("name", "often"),
    [
        ("SIGINT", 2),
        *(
            pytest.param(name, often, marks=pytest.mark.slow)
            for name in ("SIGINT", "SIGTERM", "SIGHUP")
            for often in (1, 20)
        ),
    ],
)
def test_signals_after_the_sending_keep_run_and_report(folder, server, environment, name, often):
    """Signals while the list is read again leave one whole object with run_id and report, and never "nothing"."""
    server._late = 3600.0
    child = subprocess.Popen(
        [sys.executable, "-m", "ptx_bulk", "import", "in.csv", "--json", "--report", "out.json"],
        cwd=folder,
        env={**os.environ, **environment, "PTX_API_KEY": "sandbox", "PTX_BASE_URL": server.url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    until = time.monotonic() + 60
    while sum(call.request.method == "GET" for call in server.calls) < 4 and time.monotonic() < until:
        time.sleep(0.01)
    for _n in range(often):
        child.send_signal(getattr(signal, name))
        time.sleep(0.001)
    out, err = child.communicate(timeout=60)
    told = json.loads(out)
    assert (child.returncode, told["exit_code"], told["counts"]) == (130, 130, {"applied": 20})
    assert json.loads((folder / "out.json").read_text(encoding="utf-8"))["summary"]["run_id"] == told["run_id"]
    assert b"nothing was sent" not in err
    assert b"ptx-bulk resume" in err
