"""What tests share: a state folder of their own, the command line as a child process, a served sandbox."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests.commands import ROOT, run_command
from tests.serving import bound, serving

# How long examples and their making take says how busy the machine is, nothing about the rule that they try.
# `--hypothesis-profile=thorough` looks longer, also where a rule says its own number by `tried`.
_ANY_TIME = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile("quick", _ANY_TIME, max_examples=25)
hypothesis.settings.register_profile("thorough", _ANY_TIME, max_examples=1000)
# `first`: the first example that fails is enough, as where a fault was put in on purpose (`tests.mutants`).
_FAILS = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
hypothesis.settings.register_profile("first", _ANY_TIME, max_examples=25, phases=_FAILS, derandomize=True)
hypothesis.settings.load_profile("quick")


def tried(examples: int) -> hypothesis.settings:
    """So many examples in the quick profile, and more by the same factor in others."""
    quick = hypothesis.settings.get_profile("quick").max_examples
    return hypothesis.settings(max_examples=examples * hypothesis.settings.default.max_examples // quick)


SAMPLES = ROOT / "samples"


def pytest_collection_finish() -> None:
    """What is imported by then stays to the end: no collection looks through it again."""
    _begin_with_examples()
    gc.collect()
    gc.freeze()


@hypothesis.settings(max_examples=1, database=None, derandomize=True)
@hypothesis.given(hypothesis.strategies.none())
def _begin_with_examples(_none: None) -> None:
    """The first example makes hypothesis's source of chance, before its holder is frozen.

    Hypothesis 6.120 asks the collector who holds it, which says nothing about what is frozen.
    """


@pytest.fixture(autouse=True, scope="module")
def nothing_is_left_open() -> Iterator[None]:
    """What a module opened and did not close is told at its own end, not in whatever test the collector runs."""
    yield
    gc.collect()


@dataclass(frozen=True)
class Ran:
    """A finished command: exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The object that `--json` printed."""
        return json.loads(self.out)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment without key, profile or keyring, with a state folder of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PTX_", "PRIMOTEXTO_"))}
    return {
        **clean,
        "PTX_HOME": str(tmp_path / "home"),
        "PTX_CONFIG": str(tmp_path / "config.toml"),
        "PTX_LANG": "en",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
    }


@pytest.fixture
def run(tmp_path: Path, environment: dict[str, str]) -> Callable[..., Ran]:
    """Run `ptx-bulk` with these arguments in a folder of its own."""
    folder = tmp_path / "work"
    folder.mkdir()

    def call(*arguments: object, key: str | None = None, stdin: str | bytes = b"", **extra: str) -> Ran:
        env = {**environment, **extra, **({"PTX_API_KEY": key} if key else {})}
        text = stdin.encode() if isinstance(stdin, str) else stdin
        code, out, err = run_command([str(argument) for argument in arguments], folder, env, text)
        ran = Ran(code, out.decode("utf-8"), err.decode("utf-8"))
        assert "Traceback" not in ran.err, ran.err
        return ran

    call.folder = folder  # type: ignore[attr-defined]
    return call


@contextlib.contextmanager
def served(*options: object, environment: dict[str, str] | None = None) -> Iterator[str]:
    """`ptx-bulk sandbox` on a free port as a process of its own; yields its address."""
    server = subprocess.Popen(
        [sys.executable, "-m", "ptx_bulk", "sandbox", "--port", "0", *map(str, options)],
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        first = server.stdout.readline().strip()
        assert first.startswith("listening on http://127.0.0.1:"), first
        yield first.removeprefix("listening on ")
    finally:
        server.terminate()
        server.communicate(timeout=20)


@pytest.fixture
def sandbox() -> Iterator[str]:
    """The address of a served sandbox with empty lists."""
    from ptx_bulk.sandbox import create_app

    with contextlib.closing(bound()) as listener, serving({listener: create_app(None)}):
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files of our own, for this process and its children."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PTX_LANG", "en")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder
