"""One run at a time for each account and list, across processes; the lock falls with the process that holds it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import filelock

from ptx_bulk.errors import JournalError, RunInProgress
from ptx_bulk.i18n import _
from ptx_bulk.model import ListKind

_PROBES_S = 0.5  # who only asks whether a run is at work (`at_work`) holds its lock for a moment, and is waited for
_POLL_S = 0.02
_READS = 5
_LOCK = ".lock"
_HOLDER = ".holder.json"
_NAME = re.compile(r"[0-9a-z]{1,64}")


class Lock:
    """Holds the lists of an account for a run; a context manager.

    The operating system frees the lock when the process ends, however it ends, so a killed run never blocks the next.
    """

    def __init__(self, home: Path, account: str, lists: Iterable[ListKind], run_id: str) -> None:
        self._run_id = run_id
        # In one order for everybody: two runs on both lists cannot wait for each other.
        self._locks = [(kind, _file_lock(_lock_file(home, account, kind), _PROBES_S)) for kind in sorted(set(lists))]
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
            lock.acquire(poll_interval=_POLL_S)
            taken.callback(lock.release)
            _holder_file(path).write_text(json.dumps(holder), encoding="utf-8")
            taken.callback(_forget, path)
        except filelock.Timeout:
            raise RunInProgress(_describe(kind, path)) from None
        except (OSError, NotImplementedError) as error:  # a file system without locks
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
    """The run whose process works on a list of an account, '' when none does.

    The lock itself is asked: a process id says nothing once its process is gone and the number is given anew. What a
    killed run left beside its lock is cleaned away.
    """
    path = _lock_file(home, account, kind)
    if not _holder_file(path).exists() or _forgotten(path):
        return ""
    return _holder(path).get("run_id", "")


def forget_killed(home: Path) -> None:
    """Delete the notes of who holds a lock where nobody does: their runs were killed, perhaps before they were kept."""
    for path in (home / "locks").glob(f"*{_HOLDER}"):
        _forgotten(path.with_name(path.name.removesuffix(_HOLDER) + _LOCK))


def _forgotten(lock_file: Path) -> bool:
    """Delete the note of a lock that no process holds; False where one does."""
    lock = _file_lock(lock_file, 0)
    try:
        # Held for a moment only: a run that starts now waits for longer than that.
        lock.acquire()
    except filelock.Timeout:
        return False
    except (OSError, NotImplementedError):  # a folder that cannot be written to: nobody else can work in it either
        return True
    try:
        _forget(lock_file)
    finally:
        lock.release()
    return True


def _file_lock(path: Path, timeout: float) -> filelock.BaseFileLock:
    # Whoever may read a lock's file can hold the lock, and so keep its owner's runs from beginning.
    return filelock.FileLock(path, timeout=timeout, mode=0o600)


def _lock_file(home: Path, account: str, kind: ListKind) -> Path:
    # The name of an account comes from the journal, where a damaged one may be anything, and no name of a file.
    name = account if _NAME.fullmatch(account) else hashlib.sha256(account.encode("utf-8", "replace")).hexdigest()
    return home / "locks" / f"{name}.{kind.value}{_LOCK}"


def _forget(lock_file: Path) -> None:
    with contextlib.suppress(OSError):
        _holder_file(lock_file).unlink(missing_ok=True)


def _holder_file(lock_file: Path) -> Path:
    # Beside the lock, since Windows lets nobody read a locked file.
    return lock_file.with_suffix(_HOLDER)


def _holder(lock_file: Path) -> dict[str, str]:
    """Who holds a lock: `run_id`, `pid`, `since`; empty where it does not tell."""
    for _n in range(_READS):
        try:
            holder = json.loads(_holder_file(lock_file).read_text(encoding="utf-8"))
            return {name: str(holder[name]) for name in ("run_id", "pid", "since")}
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            time.sleep(_POLL_S)  # it is being written, perhaps
    return {}


def _describe(kind: ListKind, lock_file: Path) -> str:
    holder = _holder(lock_file)
    if holder:
        return _(
            "Run {run_id} (process {pid}, since {since}) is working on the {list} list of this account; "
            "nothing was sent. Wait until it has ended, then try again."
        ).format(list=kind.name, **holder)
    return _(
        "Another run is working on the {list} list of this account; nothing was sent. "
        "Wait until it has ended, then try again."
    ).format(list=kind.name)
