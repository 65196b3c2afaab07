"""Login, doctor and shell completion."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.sequences import run_lines
from tests.conftest import ROOT, served

KEY = "right-key-0123456789"
# A keyring that keeps its entries in a file, by the interface that keyring gives to every backend.
RING = """
import json, pathlib
import keyring.backend, keyring.errors

FILE = pathlib.Path(__file__).with_name("entries.json")


class Keyring(keyring.backend.KeyringBackend):
    priority = 1

    def _entries(self):
        return json.loads(FILE.read_text()) if FILE.exists() else {}

    def get_password(self, service, user):
        return self._entries().get(f"{service}/{user}")

    def set_password(self, service, user, password):
        FILE.write_text(json.dumps({**self._entries(), f"{service}/{user}": password}))

    def delete_password(self, service, user):
        entries = self._entries()
        del entries[f"{service}/{user}"]
        FILE.write_text(json.dumps(entries))
"""


@pytest.fixture
def ring(tmp_path, environment):
    """A keyring of this test alone; gives the file with its entries."""
    (tmp_path / "ring").mkdir()
    (tmp_path / "ring" / "filering.py").write_text(RING, encoding="utf-8")
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(tmp_path / "ring")])
    environment["PYTHON_KEYRING_BACKEND"] = "filering.Keyring"
    return tmp_path / "ring" / "entries.json"


def entries(ring: Path) -> dict[str, str]:
    return json.loads(ring.read_text(encoding="utf-8")) if ring.exists() else {}


def states(checks: list[dict[str, str]]) -> dict[str, str]:
    return {check["name"]: check["state"] for check in checks}


@pytest.mark.slow
def test_login_tries_the_key_and_stores_it(tmp_path, ring, environment):
    """A refused key is exit 6 and not stored; an accepted one is stored, used by commands, and never shown."""
    with served("--key", KEY, environment=environment) as url:
        login = ["login", "--base-url", url, "--json"]
        (wrong,) = run_lines([login], stdin="wrong-key\n", folder=tmp_path, environment=environment)
        assert wrong.code == 6
        assert entries(ring) == {}
        right, exported, doctor = run_lines(
            [login, ["export", "--base-url", url, "-o", "-"], ["doctor", "--base-url", url]],
            stdin=f"{KEY}\nmore\n",
            folder=tmp_path,
            environment=environment,
        )
    assert (right.code, right.json) == (0, {"command": "login", "exit_code": 0, "stored": True})
    assert entries(ring) == {f"ptx-bulk/{url}": KEY}
    assert exported.code == 0, exported.err
    assert doctor.code == 0, doctor.out
    assert "found in the keyring" in doctor.out
    assert "1,000 credits" in doctor.out
    assert KEY not in "".join(ran.out + ran.err for ran in (right, exported, doctor))


@pytest.mark.slow
def test_login_without_a_try(tmp_path, ring, environment):
    """An unreachable API is exit 5 and nothing is stored, unless --no-check; --remove takes the key away again."""
    login = ["login", "--base-url", "http://127.0.0.1:9", "--json"]
    untried, stored = run_lines(
        [login, [*login, "--no-check"]], stdin=KEY, folder=tmp_path, environment={**environment, "PTX_API_KEY": "other"}
    )
    assert (untried.code, stored.code) == (5, 0)
    assert "--no-check" in untried.err
    assert "PTX_API_KEY is set and wins" in stored.err
    assert list(entries(ring).values()) == [KEY]
    removed, again = run_lines([["login", "--remove", *login[1:3]]] * 2, folder=tmp_path, environment=environment)
    assert (removed.code, again.code) == (0, 0)
    assert entries(ring) == {}
    assert "No key is stored" in again.err


def test_login_says_why_it_cannot(tmp_path, environment):
    """No keyring, no key on standard input and --sandbox are exit 2, each in one sentence."""
    environment["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    (nothing,) = run_lines([["login"]], folder=tmp_path, environment=environment)
    nowhere, sandbox = run_lines(
        [["login", "--no-check"], ["login", "--sandbox"]], stdin=KEY, folder=tmp_path, environment=environment
    )
    assert [ran.code for ran in (nothing, nowhere, sandbox)] == [2, 2, 2]
    assert [ran.err.count("\n") for ran in (nothing, nowhere, sandbox)] == [1, 1, 1]
    assert "standard input" in nothing.err
    assert "No keyring of this machine" in nowhere.err
    assert "needs no key" in sandbox.err


@contextlib.contextmanager
def terminal() -> Iterator[tuple[int, int]]:
    """Both ends of a pseudo-terminal; skips the test where the machine has none to give."""
    import pty

    try:
        master, slave = pty.openpty()
    except OSError as error:
        pytest.skip(f"this machine gives no pseudo-terminal: {error}")
    try:
        yield master, slave
    finally:
        os.close(slave)
        os.close(master)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals in Python")
def test_login_hides_what_is_typed(ring, environment):
    """On a terminal the key is asked for and not shown while it is typed."""
    with terminal() as (master, slave):
        asked = subprocess.Popen(
            [sys.executable, "-m", "ptx_bulk", "login", "--no-check"],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
        )
        shown = b""
        while b"API key" not in shown:
            shown += os.read(master, 1000)
        os.write(master, KEY.encode() + b"\n")
        while b"stored" not in shown:
            shown += os.read(master, 1000)
        assert asked.wait(timeout=30) == 0
    assert KEY.encode() not in shown
    assert list(entries(ring).values()) == [KEY]


def test_doctor_in_the_sandbox(run, environment, tmp_path):
    """In good order every check is ok or has nothing to check, and exit is 0; a fresh state folder is private."""
    (tmp_path / "temporary").mkdir()
    ran = run("doctor", "--sandbox", "--json", TMPDIR=str(tmp_path / "temporary"))
    assert ran.code == 0, ran.out
    assert list(ran.json) == ["command", "exit_code", "checks"]
    assert all(list(check) == ["name", "state", "detail", "remedy"] for check in ran.json["checks"])
    assert states(ran.json["checks"]) == {
        "python": "ok",
        "packages": "ok",
        "phone_metadata": "ok",
        "time_zone": "ok",
        "console": "ok",
        "state_folder": "ok",
        "disk_space": "ok",
        "journal": "ok",
        "temporary_files": "ok",
        "configuration": "ok",
        "base_url": "ok",
        "proxy": "ok",
        "certificates": "ok",
        "api_key": "ok",
        "connection": "ok",
        "access": "ok",
        "clock": "skipped",
    }


@pytest.mark.slow
def test_doctor_ends_by_what_failed(tmp_path, environment):
    """A missing key or a bad address or profile is exit 2, a refused key 6, an unreachable API 5."""
    config = Path(environment["PTX_CONFIG"])
    with served("--key", KEY, environment=environment) as url:
        (keyless,) = run_lines([["doctor", "--json", "--base-url", url]], folder=tmp_path, environment=environment)
        keyed = {**environment, "PTX_API_KEY": "wrong"}
        config.write_text("[shop]\nconcurency = 3\n", encoding="utf-8")
        refused, unreachable, insecure, profile = run_lines(
            [
                ["doctor", "--json", "--base-url", url],
                ["doctor", "--json", "--base-url", "http://127.0.0.1:9"],
                ["doctor", "--json", "--base-url", "http://192.0.2.1"],
                ["doctor", "--json", "--profile", "shop"],
            ],
            folder=tmp_path,
            environment=keyed,
        )
    assert [ran.code for ran in (keyless, refused, unreachable, insecure, profile)] == [2, 6, 5, 2, 2]
    assert all(ran.json["exit_code"] == ran.code for ran in (keyless, refused, unreachable, insecure, profile))
    assert states(keyless.json["checks"])["connection"] == "ok"
    assert states(keyless.json["checks"])["api_key"] == "failed"
    assert states(refused.json["checks"])["access"] == "failed"
    assert states(unreachable.json["checks"])["connection"] == "failed"
    assert states(insecure.json["checks"])["base_url"] == "failed"
    assert states(profile.json["checks"])["configuration"] == "failed"
    assert any("line 2" in check["detail"] for check in profile.json["checks"])
    assert "wrong" not in "".join(ran.out + ran.err for ran in (refused, unreachable))


@pytest.mark.slow
def test_doctor_names_what_to_do(tmp_path, environment):
    """An interrupted run, an open state folder and a clumsy console are warnings with the remedy; they end with 0."""
    (tmp_path / "stops.csv").write_text("Portable\n0600000001\n", encoding="utf-8")
    (stopped,) = run_lines(
        [["import", "stops.csv", "--sandbox", "--time-limit", "0", "--json"]], folder=tmp_path, environment=environment
    )
    assert stopped.code == 5
    if os.name == "posix":
        Path(environment["PTX_HOME"]).chmod(0o755)
    ran = subprocess.run(
        [sys.executable, "-m", "ptx_bulk", "doctor", "--sandbox"],
        env={**environment, "PYTHONIOENCODING": "ascii", "TZ": "Europe/Nowhere"},
        capture_output=True,
        check=False,
    )
    out = ran.stdout.decode("ascii")
    assert ran.returncode == 0, out
    assert f"ptx-bulk resume {stopped.json['run_id']}" in out
    assert "PYTHONUTF8=1" in out
    if os.name == "posix":
        assert f"chmod 700 {environment['PTX_HOME']}" in out
        assert "TZ=Europe/Nowhere is not known" in out


@pytest.mark.skipif(os.name == "nt", reason="the state folder is unusable in other ways on Windows")
def test_doctor_without_a_state_folder(run, tmp_path):
    """A state folder that cannot be made fails by name, and what needs it is skipped."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    ran = run("doctor", "--sandbox", "--json", PTX_HOME=str(tmp_path / "file" / "home"))
    assert ran.code == 2
    assert states(ran.json["checks"])["state_folder"] == "failed"
    assert states(ran.json["checks"])["journal"] == "skipped"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_completes(tmp_path, environment):
    """The printed script makes bash complete commands, options and choices."""
    program = tmp_path / "bin" / "ptx-bulk"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ptx_bulk "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    script = """
    eval "$(ptx-bulk completion bash)"
    complete -p ptx-bulk
    words() {
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
      _ptx_bulk_completion ptx-bulk
      echo "${COMPREPLY[*]}"
    }
    words ptx-bulk au
    words ptx-bulk audit --fa
    words ptx-bulk --sandbox import --list n
    """
    done = subprocess.run(
        ["bash", "-euc", script],
        env={**environment, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "complete -o nosort -F _ptx_bulk_completion ptx-bulk",
        "audit",
        "--fault",
        "npai",
    ]


def test_other_shells_have_their_script(tmp_path, environment):
    """Each of zsh and fish gets a script of its own; another shell is exit 2."""
    zsh, fish, other = run_lines(
        [["completion", shell] for shell in ("zsh", "fish", "powershell")], folder=tmp_path, environment=environment
    )
    assert (zsh.code, fish.code, other.code) == (0, 0, 2)
    assert zsh.out.startswith("#compdef ptx-bulk")
    assert "complete --no-files --command ptx-bulk" in fish.out
