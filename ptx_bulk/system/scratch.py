"""Temporary folders for what holds customers' numbers: private, locked while in use, and never left for long.

Whatever ends the program, nothing stays: the folder goes with its use, with the process, or, after a crash, when the
next one is made. A lock tells a folder in use from one that was left; its file is the first thing in the folder
and the last one to go, and whoever has locked it looks whether the folder is still there.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import sys
import tempfile
import time
import weakref
from collections.abc import Iterator
from pathlib import Path

from ptx_bulk.i18n import _
from ptx_bulk.system import signals
from ptx_bulk.system.holding import hold, is_mine

PREFIX = "ptx-bulk-"
# no room, no room for this user, no room for a file of this size
FULL = frozenset(getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG") if hasattr(errno, name))
_LOCK = ".lock"
_FROM_BEFORE_S = 86_400.0  # earlier versions had no locks: a folder without one is taken for left after a day
_ATTEMPTS = 5


class Scratch:
    """A private folder that is gone after `close`, or at the latest when the process ends.

    Raises:
        OSError: the folder for temporary files is full or cannot be written to; `unwritable` says it to the user.
    """

    def __init__(self) -> None:
        sweep()
        with signals.Undisturbed():
            self.folder, lock = _made()
            self._close = weakref.finalize(self, _remove, self.folder, lock)
            signals.doom(str(self.folder), self._close)

    def close(self) -> None:
        """Delete the folder; on Windows the maps of its files have to be closed before."""
        with signals.Undisturbed():
            # What is still in use is tried once more when the process ends, and by the next one.
            if _emptied(self.folder):
                self._close()
                signals.spare(str(self.folder))


def sweep() -> int:
    """Delete what crashed processes of this user have left; how many folders those were."""
    return sum(map(_reclaimed, _folders()))


def leftovers() -> list[Path]:
    """What crashed processes of this user have left; nothing is changed."""
    return [folder for folder in _folders() if _is_left(folder)]


def unwritable(error: OSError) -> str:
    """What to say when a temporary file could not be written."""
    variable = "TMP" if sys.platform == "win32" else "TMPDIR"
    folder = _place() or "?"
    if error.errno in FULL:
        return _(
            "there is no room for a temporary copy in {folder}; free some space there, or name another folder in "
            "the environment variable {variable}"
        ).format(folder=folder, variable=variable)
    return _(
        "a temporary copy cannot be written in {folder} ({detail}); correct its rights, or name another folder in "
        "the environment variable {variable}"
    ).format(folder=folder, detail=error.strerror or error, variable=variable)


def _place() -> str | None:
    try:
        return tempfile.gettempdir()
    except FileNotFoundError:  # none can be written to
        return None


def _made() -> tuple[Path, int]:
    """A new folder and the descriptor of its lock."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))  # 0700
        try:
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:
            continue  # somebody who sweeps took it for left
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        with contextlib.suppress(OSError):  # where there are no locks, nobody sweeps either
            if not hold(lock) or not (folder / _LOCK).exists():
                os.close(lock)
                continue
        return folder, lock


def _folders() -> Iterator[Path]:
    """Folders that look like ours and are this user's."""
    place = _place()
    if place is None:
        return
    with contextlib.suppress(OSError), os.scandir(place) as entries:
        for entry in entries:
            if entry.name.startswith(PREFIX) and _is_ours(entry):
                yield Path(entry.path)


def _is_ours(entry: os.DirEntry[str]) -> bool:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and is_mine(status)


def _is_left(folder: Path) -> bool:
    """Whether no process uses the folder."""
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR)
    except FileNotFoundError:
        return _is_from_before(folder)
    except OSError:
        return False
    try:
        return hold(lock)
    except OSError:
        return False
    finally:
        os.close(lock)


def _is_from_before(folder: Path) -> bool:
    try:
        return time.time() - folder.stat().st_mtime > _FROM_BEFORE_S
    except OSError:
        return False


def _reclaimed(folder: Path) -> bool:
    """Delete the folder if no process uses it; whether that was done."""
    with signals.Undisturbed(), contextlib.suppress(OSError):
        try:
            lock = os.open(folder / _LOCK, os.O_RDWR)
        except FileNotFoundError:
            if _is_from_before(folder):
                shutil.rmtree(folder, ignore_errors=True)
            else:
                folder.rmdir()  # left between being made and being locked; one that is not empty is refused
            return not folder.exists()
        try:
            free = hold(lock)
        except OSError:
            free = False
        if free:
            _remove(folder, lock)
            return not folder.exists()
        os.close(lock)
    return False


def _remove(folder: Path, lock: int) -> None:
    """Delete a folder that this process has locked."""
    emptied = _emptied(folder)
    with contextlib.suppress(OSError):
        if emptied and sys.platform != "win32":  # Windows deletes no file that is open
            (folder / _LOCK).unlink(missing_ok=True)
        os.close(lock)
        if emptied:
            (folder / _LOCK).unlink(missing_ok=True)
            folder.rmdir()


def _emptied(folder: Path) -> bool:
    """Delete everything in the folder but its lock; whether all is gone."""
    for attempt in range(_ATTEMPTS):
        time.sleep(0.05 * attempt)  # a virus scanner may hold a file for a moment
        left = [path for path in _inside(folder) if path.name != _LOCK and not _deleted(path)]
        if not left:
            return True
    return False


def _inside(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _deleted(path: Path) -> bool:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
    return not path.exists()
