"""One run at a time for each account and list, across processes; the lock falls with the process that holds it."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import filelock

from ptx_bulk.errors import RunInProgress
from ptx_bulk.i18n import _
from ptx_bulk.model import ListKind


class Lock:
    """Holds the lists of an account for a run; a context manager.

    The operating system frees the lock when the process ends, however it ends, so a killed run never blocks the next.
    """

    def __init__(self, home: Path, account: str, lists: Iterable[ListKind], run_id: str) -> None:
        folder = home / "locks"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._run_id = run_id
        # In one order for everybody: two runs on both lists cannot wait for each other.
        self._locks = [
            (kind, filelock.FileLock(folder / f"{account}.{kind.value}.lock", timeout=0)) for kind in sorted(set(lists))
        ]

    def __enter__(self) -> Self:
        """Take the locks.

        Raises:
            RunInProgress: another run holds one of them; the text says which and since when.
        """
        taken: list[filelock.BaseFileLock] = []
        for kind, lock in self._locks:
            try:
                lock.acquire()
            except filelock.Timeout:
                for held in taken:
                    held.release()
                raise RunInProgress(_describe(kind, Path(lock.lock_file))) from None
            taken.append(lock)
            holder = {"run_id": self._run_id, "pid": os.getpid(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}
            _holder_file(Path(lock.lock_file)).write_text(json.dumps(holder), encoding="utf-8")
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        for _kind, lock in reversed(self._locks):
            with contextlib.suppress(OSError):
                _holder_file(Path(lock.lock_file)).unlink(missing_ok=True)
            lock.release()


def _holder_file(lock_file: Path) -> Path:
    # Beside the lock, since Windows lets nobody read a locked file.
    return lock_file.with_suffix(".holder.json")


def _describe(kind: ListKind, lock_file: Path) -> str:
    try:
        holder = json.loads(_holder_file(lock_file).read_text(encoding="utf-8"))
        return _(
            "Run {run_id} (process {pid}, since {since}) is working on the {list} list of this account; "
            "nothing was sent. Wait until it has ended, then try again."
        ).format(list=kind.name, **holder)
    except (OSError, ValueError, TypeError, KeyError):
        return _(
            "Another run is working on the {list} list of this account; nothing was sent. "
            "Wait until it has ended, then try again."
        ).format(list=kind.name)
