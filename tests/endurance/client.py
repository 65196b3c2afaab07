"""The command line under way, resumed as a scheduler would, and watched."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.conftest import ROOT

MB = 1024 * 1024
RESUMABLE = 5


@dataclass(frozen=True)
class Sample:
    """A process at one moment: memory in MB, open files and sockets, seconds of processor time."""

    at: float
    process: int
    memory: float
    handles: int
    threads: int
    cpu: float


@dataclass
class Command:
    """A command that has ended: when it began and ended, its exit code and its object."""

    words: tuple[str, ...]
    began: float
    ended: float = 0.0
    code: int = -1
    told: dict[str, Any] = field(default_factory=dict)


class Scheduler:
    """Runs an import, and resumes it whenever it stops resumably.

    Args:
        folder: where the input is, and where everything is written.
        url: the API.
        began: what all times are counted from, on the monotonic clock.
        every: seconds between two samples.
        pause: seconds before a run is resumed.
    """

    def __init__(self, folder: Path, url: str, began: float, *, every: float = 1.0, pause: float = 10.0) -> None:
        self.folder, self.began, self.every, self.pause = folder, began, every, pause
        self.samples: list[Sample] = []
        self.commands: list[Command] = []
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("PTX_", "PRIMOTEXTO_"))}
        (folder / "tmp").mkdir(exist_ok=True)
        own = {"PTX_HOME": str(folder / "home"), "PTX_API_KEY": "sandbox", "PTX_BASE_URL": url, "PTX_LANG": "en"}
        self.environment = {**clean, **own, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder / "tmp")}

    def go(self, *words: str, say: Callable[[str], None] = lambda _text: None) -> Command:
        """The command to its end; the last of the commands that this took."""
        command = self._run(words)
        while command.code == RESUMABLE:
            say(f"{command.ended:7.1f} s: stopped resumably: {command.told['counts']}")
            time.sleep(self.pause)
            command = self._run(("resume",))
        say(f"{command.ended:7.1f} s: ended with {command.code}: {command.told.get('counts')}")
        return command

    def _run(self, words: tuple[str, ...]) -> Command:
        command = Command(words, self._now())
        self.commands.append(command)
        with (self.folder / "stderr.txt").open("a") as errors:
            process = subprocess.Popen(
                [sys.executable, "-m", "ptx_bulk", *words, "--json"],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,  # the server's load is not the client's: each gets its share of the machine
            )
        watching = threading.Thread(target=self._watch, args=(process.pid, len(self.commands)))
        watching.start()
        out, _nothing = process.communicate()
        watching.join()
        command.ended, command.code, command.told = self._now(), process.returncode, json.loads(out)
        return command

    def _watch(self, pid: int, number: int) -> None:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            process = psutil.Process(pid)
            while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                self.samples.append(self._sample(process, number))
                time.sleep(self.every)

    def _sample(self, process: psutil.Process, number: int) -> Sample:
        with process.oneshot():
            cpu = process.cpu_times()
            handles = process.num_handles() if sys.platform == "win32" else process.num_fds()
            memory = process.memory_info().rss / MB
            return Sample(self._now(), number, memory, handles, process.num_threads(), cpu.user + cpu.system)

    def _now(self) -> float:
        return time.monotonic() - self.began
