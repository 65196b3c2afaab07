"""Commands that are sent signals, each in a folder with a room of its own for temporary files."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

STOPS = ("SIGINT", "SIGTERM", "SIGHUP")
_BOUND_S = 100


@dataclass
class Stopped:
    """A command under way, or how it ended."""

    folder: Path
    process: subprocess.Popen[bytes]
    began: float = field(default_factory=time.monotonic)
    out: str = ""
    err: str = ""

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    def after(self, seconds: float, number: int) -> None:
        """Send the signal so many seconds after the start, unless the command has ended."""
        try:
            self.process.wait(max(0.0, self.began + seconds - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.send_signal(number)

    def until(self, condition: Any) -> None:
        """Wait for something that the command does."""
        limit = time.monotonic() + _BOUND_S
        while not condition():
            assert self.process.poll() is None, self.end().err
            assert time.monotonic() < limit
            time.sleep(0.005)

    def end(self) -> Stopped:
        """Wait for the end."""
        out, err = self.process.communicate(timeout=_BOUND_S)
        self.out, self.err = out.decode(), err.decode()
        return self

    @property
    def code(self) -> int:
        assert self.process.returncode is not None
        return self.process.returncode

    @property
    def json(self) -> dict[str, Any]:
        """The one object on standard output."""
        (line,) = self.out.splitlines()
        return json.loads(line)

    def judge(self, *regular: int) -> None:
        """130 or a regular code, one object with that code, no noise, and nothing left behind."""
        assert self.code in (130, *regular), (self.code, self.out, self.err)
        assert self.json["exit_code"] == self.code
        assert set(self.json) >= {"run_id", "command", "counts", "input", "reports"} or "checks" in self.json
        for noise in ("Traceback", "Warning", "ignored", "Unexpected"):
            assert noise not in self.err
        assert list(self.temporary.iterdir()) == []
        assert not list(self.folder.glob(".ptx-*"))
        if self.code == 130:
            assert self.err.strip().splitlines()[-1].startswith("Error: Interrupted"), self.err
            # Once something may have been sent, a report is owed.
            assert all((self.folder / report).exists() for report in self.json["reports"])


def start(folder: Path, environment: dict[str, str], *arguments: object, **extra: str) -> Stopped:
    """Start a command in a new folder; `tmp` in it is its folder for temporary files."""
    (folder / "tmp").mkdir(parents=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "ptx_bulk", *map(str, arguments)],
        cwd=folder,
        env={**environment, "TMPDIR": str(folder / "tmp"), "PYTHONPATH": str(ROOT), **extra},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    return Stopped(folder, process)


def number_of(name: str) -> int:
    return int(getattr(signal, name))
