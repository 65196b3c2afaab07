"""A file from its name to bytes that can be read again and again: regular files in place, pipes as a copy."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.i18n import _, grouped
from ptx_bulk.workbooks.sheets.limits import MIB, Limits

_STDIN = "-"
_CHUNK = 1 << 20
# A change within one tick of the file system's clock shows in no time stamp.
_FRESH_NS = 2_000_000_000


@dataclass(frozen=True)
class Arrival:
    """A file whose bytes are known.

    Attributes:
        path: where they are.
        sha256, size: of the bytes.
    """

    path: Path
    sha256: str
    size: int


@contextmanager
def arrived(path: str, folder: Path, limits: Limits) -> Iterator[Arrival]:
    """A file to be read within the context; `-` is standard input, which is copied to `folder` as pipes are.

    Raises:
        UnreadableFile: missing, no file, not to be read, too long, or (when the context ends) other bytes stand
            there now than those whose SHA-256 was taken; the text does not name the file.
    """
    if path == _STDIN:
        copy = folder / "stdin"
        yield _copied(_standard_input(), copy, limits)
        return
    with _sentences():
        path.encode()  # a name that is no text can neither be reported nor kept
        before = Path(path).stat()
        _check_kind(before.st_mode)
        if not stat.S_ISREG(before.st_mode):
            arrival = _from_pipe(path, folder / "pipe", limits)
        else:
            arrival = Arrival(Path(path), *_fingerprint(Path(path)))
    if not stat.S_ISREG(before.st_mode):
        yield arrival
        return
    fresh = time.time_ns() - before.st_mtime_ns < _FRESH_NS
    try:
        yield arrival
    except (UnreadableFile, OSError):
        _check_unchanged(arrival, before, fresh=fresh)  # damage that came from outside is said to be that
        raise
    _check_unchanged(arrival, before, fresh=fresh)


def _check_kind(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise UnreadableFile(_("this is a folder; name the files in it"))
    if not stat.S_ISREG(mode) and not stat.S_ISFIFO(mode):
        raise UnreadableFile(_("this is a device or a socket, not a file; name a file, or - for standard input"))


def _check_unchanged(arrival: Arrival, before: os.stat_result, *, fresh: bool) -> None:
    try:
        same = _marks(arrival.path.stat()) == _marks(before)
        if not same or fresh:
            same = _fingerprint(arrival.path)[0] == arrival.sha256
    except OSError:
        same = False
    if not same:
        raise UnreadableFile(_("the file changed while it was read; try again when nobody writes to it"))


def _marks(state: os.stat_result) -> tuple[int, ...]:
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns


def _fingerprint(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return digest, file.tell()


def _from_pipe(path: str, copy: Path, limits: Limits) -> Arrival:
    """A pipe that somebody writes into, as `<(command)` of a shell is one."""
    # Without this flag the opening would wait for a writer who may never come.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "rb", buffering=0) as pipe:
        first: bytes | None = pipe.read(_CHUNK)  # None: there is a writer, who has not written yet
        if first == b"":
            raise UnreadableFile(_("nothing comes out of this pipe; name a file, or - for standard input"))
        os.set_blocking(handle, True)
        return _copied(pipe, copy, limits, first or b"")


def _standard_input() -> IO[bytes]:
    if sys.stdin is None:
        raise UnreadableFile(_("there is no standard input; name a file"))
    return sys.stdin.buffer


def _copied(stream: IO[bytes], copy: Path, limits: Limits, data: bytes = b"") -> Arrival:
    digest, size = hashlib.sha256(), 0
    with copy.open("wb") as out:
        while data or (data := stream.read(_CHUNK)):
            size += len(data)
            if size > limits.streamed:
                raise UnreadableFile(
                    _("more than {size} MB came and no end; save it as a file first").format(
                        size=grouped(limits.streamed // MIB)
                    )
                )
            digest.update(data)
            out.write(data)
            data = b""
    return Arrival(copy, digest.hexdigest(), size)


@contextmanager
def _sentences() -> Iterator[None]:
    """What the system says of a name that leads to no bytes, in words."""
    try:
        yield
    except FileNotFoundError as error:
        raise UnreadableFile(_("there is no such file; check its name and folder")) from error
    except IsADirectoryError as error:
        raise UnreadableFile(_("this is a folder; name the files in it")) from error
    except PermissionError as error:
        raise UnreadableFile(_("the file may not be read; close it in other programs or check its rights")) from error
    except UnicodeEncodeError as error:
        raise UnreadableFile(_("the file's name is not UTF-8 text; rename it")) from error
    except OSError as error:
        raise UnreadableFile(_("the file cannot be read ({detail})").format(detail=error.strerror or error)) from error
    except ValueError as error:
        raise UnreadableFile(_("no file can have such a name; correct it")) from error


def is_lock_file(path: str) -> bool:
    """Whether the name is that of such a file: `~$list.xlsx`, `.~lock.list.ods#`."""
    name = Path(path).name
    return name.startswith("~$") or (name.startswith(".~lock.") and name.endswith("#"))


def without_lock_files(paths: Sequence[Path | str]) -> tuple[list[str], list[str]]:
    """The files to read, and a notice for each lock file among them; a lock file named alone stays, to be refused."""
    named = [str(path) for path in paths]
    kept = [path for path in named if not is_lock_file(path)]
    if not kept:
        return named, []
    notice = _("{file} was left out: it only shows that the workbook beside it is open")
    return kept, [notice.format(file=path) for path in named if is_lock_file(path)]
