"""Files that appear whole or not at all, readable by their owner alone."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from ptx_bulk.errors import ReportError
from ptx_bulk.i18n import N_, _
from ptx_bulk.system import signals
from ptx_bulk.system.holding import hold, is_mine

_PREFIX, _SUFFIX = ".ptx-", ".part"
_CLOSED_S = 3600.0
_FOLDER = N_("{path} cannot be written: its folder does not exist; create it or choose another place.")
# Windows answers EACCES for a file that another program holds open.
_SENTENCES = {
    errno.ENOSPC: N_("{path} cannot be written: the disk is full; free some space and try again."),
    errno.EACCES: N_(
        "{path} cannot be written: it is open in another program or you may not write there; "
        "close it or choose another place."
    ),
    errno.EPERM: N_("{path} cannot be written: you may not write there; choose another place."),
    errno.EROFS: N_("{path} cannot be written: the disk is read-only; choose another place."),
    errno.ENOENT: _FOLDER,
    errno.ENOTDIR: _FOLDER,
    errno.ENAMETOOLONG: N_("{path} cannot be written: the name is too long; choose a shorter one."),
    errno.EISDIR: N_("{path} cannot be written: a folder has that name; choose another name."),
}


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A file that gets its name when the block ends well; what stands there is never overwritten.

    Raises:
        ReportError: something stands at `path` already, or it cannot be written.
    """
    if os.path.lexists(path):
        raise _exists(path)
    with _written(path, _publish_new) as stream:
        yield stream


@contextlib.contextmanager
def replaced_file(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the place of what stands at `path`, in one step, when the block ends well.

    Raises:
        ReportError: it cannot be written.
    """
    with _written(path, _publish_over) as stream:
        yield stream


@contextlib.contextmanager
def _written(path: Path, publish: Callable[[Path, Path], None]) -> Iterator[BinaryIO]:
    draft: Path | None = None
    try:
        sweep_drafts(path.parent)
        with signals.Undisturbed():
            draft, descriptor = _drafted(path.parent)
            signals.doom(str(draft), draft.unlink)
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
            # Its lock falls when it is closed, so it gets its name before; Windows renames no open file.
            if os.name != "nt":
                _publish(draft, path, publish)
        if os.name == "nt":
            _publish(draft, path, publish)
    except FileExistsError as error:
        raise _exists(path) from error
    except OSError as error:
        raise ReportError(sentence_for(path, error)) from error
    finally:
        if draft is not None:
            with signals.Undisturbed(), contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
                signals.spare(str(draft))


def _publish(draft: Path, path: Path, publish: Callable[[Path, Path], None]) -> None:
    with signals.Undisturbed():
        publish(draft, path)
        signals.finish()  # something lasting is there: the command says so, and ends regularly


def _drafted(folder: Path) -> tuple[Path, int]:
    """A new draft beside its goal, so that naming it is one step, and locked, so that nobody takes it for left."""
    while True:
        descriptor, name = tempfile.mkstemp(prefix=_PREFIX, suffix=_SUFFIX, dir=folder)  # 0600
        with contextlib.suppress(OSError):  # where there are no locks, nobody sweeps either
            if not hold(descriptor) or not Path(name).exists():
                os.close(descriptor)
                continue
        return Path(name), descriptor


def sweep_drafts(folder: Path) -> None:
    """Delete drafts in this folder that crashed processes of this user have left."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX) and entry.name.endswith(_SUFFIX):
                _reclaim(entry)


def _reclaim(entry: os.DirEntry[str]) -> None:
    with contextlib.suppress(OSError):
        status = entry.stat(follow_symlinks=False)
        if not stat.S_ISREG(status.st_mode) or not is_mine(status):
            return
        if os.name == "nt":  # what is open cannot be deleted; what was closed may be about to get its name
            if time.time() - status.st_mtime > _CLOSED_S:
                Path(entry.path).unlink()
            return
        descriptor = os.open(entry.path, os.O_RDWR)
        try:
            if hold(descriptor):
                Path(entry.path).unlink()
        finally:
            os.close(descriptor)


def _publish_new(draft: Path, path: Path) -> None:
    if os.name == "nt":
        draft.rename(path)  # refuses an existing goal on Windows
        return
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: take the name first, then fill it
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        draft.replace(path)


def _publish_over(draft: Path, path: Path) -> None:
    draft.replace(path)


def _exists(path: Path) -> ReportError:
    return ReportError(
        _("{path} exists already and is not overwritten; choose another name or move it away.").format(path=path)
    )


def sentence_for(path: Path, error: OSError | ValueError) -> str:
    """Why a file cannot be written at `path`, and what to do."""
    number = error.errno if isinstance(error, OSError) else None
    if sentence := _SENTENCES.get(number or 0):
        return _(sentence).format(path=path)
    reason = (error.strerror if isinstance(error, OSError) else None) or error
    return _("{path} cannot be written: {reason}.").format(path=path, reason=reason)
