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
import psutil

from ptx_bulk.errors import JournalError, RunInProgress
from ptx_bulk.i18n import _
from ptx_bulk.model import ListKind


class Lock:
    """Holds the lists of an account for a run; a context manager.

    The operating system frees the lock when the process ends, however it ends, so a killed run never blocks the next.
    """

    def __init__(self, home: Path, account: str, lists: Iterable[ListKind], run_id: str) -> None:
        self._run_id = run_id
        # In one order for everybody: two runs on both lists cannot wait for each other.
        self._locks = [
            (kind, filelock.FileLock(_lock_file(home, account, kind), timeout=0)) for kind in sorted(set(lists))
        ]
        self._held = contextlib.ExitStack()

    def __enter__(self) -> Self:
        """Take the locks.

        Raises:
            RunInProgress: another run holds one of them; the text says which and since when.
            JournalError: the state folder does not let itself be locked.
        """
        with contextlib.ExitStack() as taken:
            for kind, lock in self._locks:
                self._take(kind, lock, taken)
            self._held = taken.pop_all()
        return self

    def _take(self, kind: ListKind, lock: filelock.BaseFileLock, taken: contextlib.ExitStack) -> None:
        path = Path(lock.lock_file)
        holder = {"run_id": self._run_id, "pid": os.getpid(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock.acquire()
            taken.callback(lock.release)
            _holder_file(path).write_text(json.dumps(holder), encoding="utf-8")
            taken.callback(_forget, path)
        except filelock.Timeout:
            raise RunInProgress(_describe(kind, path)) from None
        except OSError as error:
            raise JournalError(
                _("The state folder {folder} cannot be locked ({error}); check its rights and free space.").format(
                    folder=path.parent, error=error
                )
            ) from error

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._held.close()


def at_work(home: Path, account: str, kind: ListKind) -> str:
    """The run whose process works on a list of an account, '' when none does."""
    try:
        holder = json.loads(_holder_file(_lock_file(home, account, kind)).read_text(encoding="utf-8"))
        return str(holder["run_id"]) if psutil.pid_exists(holder["pid"]) else ""
    except (OSError, ValueError, TypeError, KeyError):
        return ""


def _lock_file(home: Path, account: str, kind: ListKind) -> Path:
    return home / "locks" / f"{account}.{kind.value}.lock"


def _forget(lock_file: Path) -> None:
    with contextlib.suppress(OSError):
        _holder_file(lock_file).unlink(missing_ok=True)


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
