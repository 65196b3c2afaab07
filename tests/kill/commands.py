"""Commands that are killed: when, what they were doing, and what they left."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from ptx_bulk.journal import Journal, RunRecord
from tests.conftest import ROOT

BOUND_S = 300
_STRAYS_S = 40  # a command whose starter is gone stops by itself, which takes as long as its calls in the air
_STARTING_S = 15  # on however busy a machine
_MARK = "PTX_TEST_TRIAL"


@dataclass
class Ended:
    """A command that came to an end by itself, or was killed."""

    words: tuple[str, ...]
    code: int
    out: str

    @property
    def told(self) -> dict[str, Any]:
        return json.loads(self.out)


@dataclass
class Place:
    """A folder in which commands are given: its own state, temporary files and processes.

    Attributes:
        folder: everything is in it.
        rng: what is left to chance.
        settings: the environment variables that lead to the API.
        killed: how often which command was killed.
        began: when each command was started, by its process, on the monotonic clock.
    """

    folder: Path
    rng: random.Random
    settings: Mapping[str, str] = field(default_factory=dict)
    killed: Counter[str] = field(default_factory=Counter)
    began: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for part in ("work", "tmp"):
            (self.folder / part).mkdir(parents=True)

    @property
    def work(self) -> Path:
        return self.folder / "work"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("PTX_", "PRIMOTEXTO_"))}
        own = {
            "PTX_HOME": str(self.home),
            "PTX_CONFIG": str(self.folder / "config.toml"),
            "PTX_LANG": "en",
            "TMPDIR": str(self.folder / "tmp"),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
            "PYTHONPATH": str(ROOT),
            _MARK: str(self.folder),
        }
        return {**clean, **own, **self.settings}

    def start(self, *words: object) -> subprocess.Popen[str]:
        """Begin a command."""
        command = [sys.executable, "-m", "ptx_bulk", *map(str, words)]
        with (self.folder / "stderr.txt").open("a") as errors:
            errors.write(f"--- {' '.join(map(str, words))}\n")
            errors.flush()
            process = subprocess.Popen(
                command,
                cwd=self.work,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )
        self.began[process.pid] = time.monotonic()
        return process

    def finish(self, *words: object, codes: tuple[int, ...] = (0,)) -> Ended:
        """A command to its own end, given again where it stopped resumably."""
        for _again in range(8):
            process = self.start(*words)
            out, _nothing = process.communicate(timeout=BOUND_S)
            if process.returncode != 5 or 5 in codes:
                break
            time.sleep(2)
        assert process.returncode in codes, (words, process.returncode, self.said())
        return Ended(tuple(map(str, words)), process.returncode, out)

    def kill(self, process: subprocess.Popen[str], name: str, moment: Callable[[], bool]) -> None:
        """End a command at a moment, or a little later."""
        limit = time.monotonic() + BOUND_S
        while process.poll() is None and not moment() and time.monotonic() < limit:
            time.sleep(0.03)
        time.sleep(self.rng.choice([0, 0, self.rng.uniform(0, 0.3)]))
        self.end(process, name)

    def end(self, process: subprocess.Popen[str], name: str) -> None:
        """Kill a command now; after a polite signal it may end by itself."""
        young = time.monotonic() - self.began[process.pid] < _STARTING_S
        if process.poll() is None:
            polite = self.rng.random() < 0.5
            process.send_signal(signal.SIGTERM if polite else signal.SIGKILL)
            self.killed[f"{name} ({'SIGTERM' if polite else 'SIGKILL'})"] += 1
        process.communicate(timeout=BOUND_S)
        # The interpreter itself has to start before anybody can heed anything.
        codes = (0, 130, -signal.SIGKILL, *([-signal.SIGTERM] if young else []))
        assert process.returncode in codes, (process.returncode, self.said())
        self.no_strays()

    def after(self, seconds: float) -> Callable[[], bool]:
        """The moment so long from now."""
        until = time.monotonic() + seconds
        return lambda: time.monotonic() >= until

    def said(self) -> str:
        return (self.folder / "stderr.txt").read_text(errors="replace")[-3000:]

    def runs(self) -> list[RunRecord]:
        """The runs in the journal, the oldest first; none before there is one."""
        if not (self.home / "journal.sqlite3").exists():
            return []
        with Journal(self.home) as journal:
            return sorted(journal.runs(), key=lambda run: run.started_at)

    def no_strays(self) -> None:
        """What a killed command had started ends by itself, too."""
        limit = time.monotonic() + _STRAYS_S
        while (alive := self._alive()) and time.monotonic() < limit:
            time.sleep(0.1)
        assert not alive, f"still running: {alive}"

    def _alive(self) -> list[str]:
        return [" ".join(process.info["cmdline"] or []) for process in self.processes()]

    def processes(self) -> list[psutil.Process]:
        """Those of this place."""
        found = psutil.process_iter(["environ", "cmdline", "status"])
        mine = (one for one in found if (one.info["environ"] or {}).get(_MARK) == str(self.folder))
        return [one for one in mine if one.info["status"] != psutil.STATUS_ZOMBIE]

    def nothing_lies_about(self) -> None:
        """Temporary files, drafts and notes of killed commands are gone once another command has been given."""
        self.finish("runs", "--json", "--all-accounts")
        self.no_strays()
        left = [*(self.folder / "tmp").iterdir(), *self.work.glob(".ptx-*"), *self.home.rglob(".ptx-*")]
        left += [*self.home.rglob("*.holder.json"), *self.home.rglob("*.tmp"), *self.home.glob("*-journal")]
        assert not left, f"left lying about: {[str(path.relative_to(self.folder)) for path in left]}"
