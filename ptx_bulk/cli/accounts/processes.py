"""The process of one account: nothing of another one's is in it, neither key nor memory nor end."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any

import ptx_bulk
from ptx_bulk.cli.accounts.choosing import NamedAccount
from ptx_bulk.cli.showing.channel import MARK, VARIABLE, Channel
from ptx_bulk.visible import visible

_HOME = Path(ptx_bulk.__file__).parent.parent
# Not `-m`: where the user stands must not be where modules are looked for.
_START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from ptx_bulk.cli import main; main()"
# Which account, and with which key: each process finds its own.
_NOT_PASSED_ON = frozenset({"PTX_API_KEY", "PRIMOTEXTO_API_KEY", "PTX_PROFILE"})


@dataclass(frozen=True)
class Event:
    """Something that happened to an account: a line it says, news of it, or its end.

    Attributes:
        kind: `said`, `news` or `ended`.
        value: the line, the news by name, or the exit code (negative: the signal that ended it).
    """

    account: str
    kind: str
    value: Any


@dataclass
class AccountProcess:
    """One account's command under way, and what is known of it.

    Attributes:
        words: its command line, without the program.
        channel: what it is told at its start.
        stdin: a file with the standard input, '' for none.
        summary: its object of `--json`, None while it has none.
        error: the sentence it ended with, '' for none.
        plan: the question it waits with, empty while it has none.
        done, total: how much of its sending is done.
        text: what it printed.
    """

    account: NamedAccount
    words: list[str]
    channel: Channel
    stdin: str
    events: SimpleQueue[Event]
    summary: dict[str, Any] | None = None
    error: str = ""
    plan: tuple[str, ...] = ()
    done: int = 0
    total: int | None = None
    text: str = ""
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Begin; a process that cannot be had is an end, too."""
        try:
            self._process = self._started()
        except OSError as error:
            self.error = visible(error)
            self.events.put(Event(self.account.name, "ended", 1))
            return
        out = threading.Thread(target=self._take_out, args=(self._process.stdout,), daemon=True)
        out.start()
        threading.Thread(target=self._take_news, args=(self._process, out), daemon=True).start()

    def order(self, word: str) -> None:
        """Answer its question with `yes` or `no`, or let it `stop`."""
        with contextlib.suppress(OSError, ValueError):
            if self._process and self._process.stdin:
                self._process.stdin.write(f"{word}\n".encode())
                self._process.stdin.flush()

    def kill(self) -> None:
        """End it at once; what it sent is in its journal."""
        if self._process:
            self._process.kill()

    def _started(self) -> subprocess.Popen[bytes]:
        # In a group of its own, so that Ctrl-C on the terminal reaches the process of all accounts alone.
        group = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
        return subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-c", _START, str(_HOME), *self.words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._environment(),
            creationflags=group,
            process_group=None if sys.platform == "win32" else 0,
        )

    def _environment(self) -> dict[str, str]:
        link = self.channel
        told = {"label": link.label, "run_id": link.run_id, "lines": link.lines, "asks": link.asks}
        own = {name: value for name, value in os.environ.items() if name.upper() not in _NOT_PASSED_ON}
        return {**own, "PYTHONIOENCODING": "utf-8", VARIABLE: json.dumps({"channel": told, "stdin": self.stdin})}

    def _take_out(self, stream: IO[bytes]) -> None:
        self.text = stream.read().decode("utf-8", "replace")

    def _take_news(self, process: subprocess.Popen[bytes], out: threading.Thread) -> None:
        for raw in process.stderr or ():
            line = raw.decode("utf-8", "replace").rstrip("\r\n")
            if line.startswith(MARK):
                self.events.put(Event(self.account.name, "news", json.loads(line.removeprefix(MARK))))
            elif line:
                self.events.put(Event(self.account.name, "said", line))
        out.join()
        self.events.put(Event(self.account.name, "ended", process.wait()))
        for stream in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(OSError):
                if stream:
                    stream.close()
