"""All pieces of work of this page: found by name, and cleared away."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _
from ptx_bulk.ui.works.work import Phase, Work

_FOLDER = "ui"
_MOST = 12  # their tables stay in memory
_KEPT_S = 30 * 86_400.0

W = TypeVar("W", bound=Work)


class Works:
    """The pieces of work of this process, the latest last; each has a folder that only this user can read.

    Attributes:
        home: the folder of their folders.

    Args:
        home: the state folder.
    """

    def __init__(self, home: Path) -> None:
        self.home = home / _FOLDER
        self._works: dict[str, Work] = {}
        self._lock = threading.Lock()
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._close()
        except OSError as error:
            raise ConfigurationError(
                _("The folder {folder} cannot be made ({reason}); set PTX_HOME to a folder you may write to.").format(
                    folder=self.home, reason=error.strerror
                )
            ) from error

    def _close(self) -> None:
        """Leave the folder to this user alone, even where it was there before."""
        if self.home.is_symlink():
            raise ConfigurationError(
                _(
                    "The folder {folder} is a link, which may lead to where others read; put a real folder there."
                ).format(folder=self.home)
            )
        self.home.chmod(0o700)

    def new(self, make: Callable[[str, Path], W]) -> W:
        """A new piece of work in a folder of its own."""
        work_id = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(4)}"
        folder = self.home / work_id
        folder.mkdir(mode=0o700)
        work = make(work_id, folder)
        with self._lock:
            self._works[work_id] = work
            for old in [one for one in self._works.values() if not one.busy][: max(len(self._works) - _MOST, 0)]:
                del self._works[old.work_id]
        return work

    def get(self, work_id: str) -> Work | None:
        """The work of that name."""
        return self._works.get(work_id)

    def drop(self, work: Work) -> None:
        """Forget a piece of work that sent nothing, and delete its files."""
        with self._lock:
            self._works.pop(work.work_id, None)
        if work.result is None:
            shutil.rmtree(work.folder, ignore_errors=True)

    @property
    def open(self) -> list[Work]:
        """What is not done yet, the latest first."""
        ended = (Phase.DONE, Phase.FAILED)
        return [work for work in reversed(self._works.values()) if work.phase not in ended]

    @property
    def busy(self) -> list[Work]:
        """What is at work, or asks."""
        return [work for work in list(self._works.values()) if work.busy]

    def stop(self, seconds: float) -> bool:
        """Ask all to stop and wait for them; whether all have ended."""
        busy = self.busy
        for work in busy:
            if not work.gave_up:  # asked twice, it would not wait for the answers that are on their way
                work.stop()
        end = time.monotonic() + seconds
        ended = [work.join(max(0.0, end - time.monotonic())) for work in busy]
        return all(ended)

    def sweep(self, now: float | None = None) -> None:
        """Delete the folders of pages of before whose last file is older than thirty days."""
        before = (time.time() if now is None else now) - _KEPT_S
        with contextlib.suppress(OSError):
            for folder in self.home.iterdir():
                if folder.is_dir() and folder.name not in self._works and _latest(folder) < before:
                    shutil.rmtree(folder, ignore_errors=True)


def _latest(folder: Path) -> float:
    try:
        return max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
    except OSError:
        return time.time()
