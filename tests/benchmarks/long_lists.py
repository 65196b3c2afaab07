"""An API whose lists are millions long before the first call, in a process of its own.

    python -m tests.benchmarks.long_lists MILLISECONDS STOP NPAI

STOP and NPAI are files of `large_files.write_list`. What is added stands behind them; nothing is taken off. Prints its
port and serves both lists on loopback until its standard input is closed.
"""

from __future__ import annotations

import asyncio
import json
import sys
from functools import partial
from pathlib import Path

from tests.benchmarks import lean_server

_PART = 1 << 20


class LongList:
    """The entries of a file, and those that came since."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.added: dict[str, str] = {}

    def body(self) -> tuple[int, bytes]:
        """How long the whole list is, and its end that is not in the file."""
        new = ",".join(
            f'{{"deleted":false,"id":"{one}","identifier":"{spelling}"}}' for spelling, one in self.added.items()
        )
        comma = "," if new and self.path.stat().st_size > 1 else ""
        end = f"{comma}{new}]".encode()
        return self.path.stat().st_size + len(end), end


LISTS: dict[bytes, LongList] = {}


class Connection(lean_server.Connection):
    """A connection whose lists are sent a part at a time, no faster than they are taken."""

    def __init__(self, delay: float) -> None:
        super().__init__(delay)
        self.room = asyncio.Event()
        self.room.set()
        self.sending: asyncio.Task[None] | None = None

    def pause_writing(self) -> None:
        """The client takes no more for now."""
        self.room.clear()

    def resume_writing(self) -> None:
        """The client takes more again."""
        self.room.set()

    def answered(self, head: bytes, body: bytes) -> None:
        """Answer a call: a list in parts, all else at once."""
        method, target = head.split(b" ", 2)[:2]
        if method == b"GET" and target.startswith(b"/v2/") and b"/contacts" in target:
            self.sending = asyncio.ensure_future(self._send(LISTS[target.split(b"/", 3)[2]]))
        elif method == b"POST":
            added = LISTS[target.split(b"/", 3)[2]].added
            one = added.setdefault(json.loads(body)["identifier"], f"{len(added) + (1 << 90):024x}")
            self.later(lean_server.framed(b'{"id":"%s"}' % one.encode()))
        else:
            self.later(lean_server.framed(b'{"credits": 1}'))

    async def _send(self, long: LongList) -> None:
        size, end = long.body()
        self.reply(lean_server.HEAD % (200, size))
        with long.path.open("rb") as file:
            while part := file.read(_PART):
                await self.room.wait()
                self.reply(part)
        self.reply(end)


if __name__ == "__main__":
    LISTS |= {b"unsubscribers": LongList(Path(sys.argv[2])), b"bounces": LongList(Path(sys.argv[3]))}
    asyncio.run(lean_server.serve(partial(Connection, float(sys.argv[1]) / 1000)))
