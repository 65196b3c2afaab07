"""One account of several: what its process tells the command that started it, and is told by it.

News are JSON objects, each in a line of standard error behind a mark that no sentence for people can begin with, since
`visible` leaves no control character. Orders are lines on standard input: `yes` and `no` answer a question, `stop` asks
the process to stop, and so does the end of the lines: who started it is gone then.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

VARIABLE = "_PTX_BULK_ACCOUNT"  # set for the process of one account by the process of all; says what `Channel` holds
MARK = "\x1e"
_LOOK_S = 0.2  # Windows heeds no signal while a thread waits for a lock


@dataclass(frozen=True)
class Channel:
    """The way to the process that works on several accounts, this one among them.

    Attributes:
        label: what stands in names of reports for the account.
        run_id: the name of the run to make, so that no two accounts make one of the same name.
        lines: a file to write the result's lines to, for a combined report; '' for none.
        asks: whether somebody is there to confirm a plan.
    """

    label: str = ""
    run_id: str = ""
    lines: str = ""
    asks: bool = False
    _answers: SimpleQueue[bool] = field(default_factory=SimpleQueue, compare=False, repr=False)

    def tell(self, **news: Any) -> None:
        """One piece of news; nobody may be there any more to take it."""
        try:
            sys.stderr.write(f"{MARK}{json.dumps(news)}\n")
            sys.stderr.flush()
        except (OSError, ValueError):
            return

    def ask(self, **question: Any) -> bool:
        """Whether the user says yes, who sees the questions of several accounts at once."""
        self.tell(**question)
        while True:
            try:
                return self._answers.get(timeout=_LOOK_S)
            except Empty:
                continue

    def listen(self, control: int) -> None:
        """Take orders from that descriptor until its end."""
        rest = b""
        while data := _read(control):
            *orders, rest = (rest + data).split(b"\n")
            for order in orders:
                self._obey(order)
        _stop()
        self._answers.put(False)

    def _obey(self, order: bytes) -> None:
        if order == b"stop":
            _stop()
        else:
            self._answers.put(order == b"yes")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:
        return b""


def _stop() -> None:
    """Send this process what a scheduler would."""
    if hasattr(signal, "pthread_kill"):
        # To the main thread by name: a signal that another thread gets does not end the main thread's wait.
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
    else:
        signal.raise_signal(signal.SIGINT)


_open: list[Channel] = []


def open_channel() -> None:
    """Take orders if this process is one account's of several; its standard input is the input then, or nothing."""
    text = os.environ.pop(VARIABLE, "")  # not for the processes that this one starts
    if not text:
        return
    wanted = json.loads(text)
    channel = Channel(**wanted["channel"])
    control = os.dup(0)
    stdin = os.open(wanted.get("stdin") or os.devnull, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    os.dup2(stdin, 0)
    os.close(stdin)
    threading.Thread(target=channel.listen, args=(control,), daemon=True).start()
    _open.append(channel)


def channel() -> Channel | None:
    """The channel of this process, None where it works for itself."""
    return _open[0] if _open else None
