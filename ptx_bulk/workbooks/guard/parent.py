"""Parsing of untrusted workbooks in a child process with limits: of memory, of time, of what it knows of us.

The child's standard input stays open as long as we live: its end tells the child that we are gone, however that came.
"""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

import psutil

from ptx_bulk import i18n
from ptx_bulk.errors import UnreadableFile
from ptx_bulk.i18n import _, grouped
from ptx_bulk.system import signals
from ptx_bulk.system.scratch import unwritable
from ptx_bulk.workbooks.guard.archives import locked_workbook
from ptx_bulk.workbooks.guard.child import ENCRYPT, NO_ROOM, VERDICT
from ptx_bulk.workbooks.guard.passwords import DECRYPTED, ENCRYPTED
from ptx_bulk.workbooks.sheets.limits import MIB, Limits
from ptx_bulk.workbooks.sheets.stored import StoredSheet

_LOOK_EVERY = 0.05
# the child finds the package where we found it
_HOME = Path(__file__).absolute().parents[3]
_START = """
import signal, sys
for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):  # who stops us does not stop the child: we do
    if hasattr(signal, name):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
if sys.argv[1] not in sys.path:
    sys.path.insert(0, sys.argv[1])
from ptx_bulk.workbooks.guard.archives import locked_workbook
from ptx_bulk.workbooks.guard.child import main
main()
"""
# What an interpreter needs to start and to find its packages: no key, no token, no proxy.
_PASSED_ON = (
    *("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "HOME"),
    *(
        "PYTHONHOME",
        "PYTHONPATH",
        "PYTHONUSERBASE",
        "PYTHONNOUSERSITE",
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONPYCACHEPREFIX",
    ),
    *("SYSTEMROOT", "WINDIR", "SYSTEMDRIVE", "TEMP", "TMP", "APPDATA", "USERPROFILE", "PATHEXT"),  # Windows
)


def decrypt_guarded(path: Path, folder: Path, limits: Limits, password: str) -> Path:
    """Decrypt the workbook in a child process; the copy, in `folder`, which only this user may read.

    Raises:
        UnreadableFile: the password is wrong, or what `parse_guarded` says; the text does not name the file.
    """
    parse_guarded(path, "", folder, limits, password)
    return folder / DECRYPTED


def encrypt_guarded(path: Path, folder: Path, limits: Limits, password: str) -> None:
    """Put the workbook behind a password, in a child process; `folder` is for the copy that takes its place.

    Raises:
        UnreadableFile: what `parse_guarded` says; the text does not name the file.
    """
    parse_guarded(path, ENCRYPT, folder, limits, password)
    (folder / ENCRYPTED).replace(path)


def parse_guarded(
    path: Path, reader: str, folder: Path, limits: Limits, password: str | None = None
) -> list[StoredSheet]:
    """Parse the workbook in a child process by `reader` (`module:function`); its sheets, stored in `folder`.

    With a password it is only decrypted.

    Raises:
        LockedWorkbook: it needs a password.
        UnreadableFile: damaged, protected, hostile, or beyond a limit; the text does not name the file.
    """
    job = {
        "path": str(path.absolute()),
        "reader": reader,
        "folder": str(folder),
        "limits": asdict(limits),
        "language": i18n.language(),
        "parent": os.getpid(),
        "password": password,
    }
    with _child() as process:
        _send(process, json.dumps(job))
        _watch(process, limits)
    return _verdict(folder, process.returncode)


@contextmanager
def _child() -> Iterator[subprocess.Popen[str]]:
    """The child process; it has ended when the context has."""
    process = None
    try:
        with signals.Undisturbed():
            process = _started()
        yield process
    finally:
        if process is not None:
            with signals.Undisturbed():
                process.kill()
                with suppress(OSError):  # what it did not take any more
                    process.communicate()


def _started() -> subprocess.Popen[str]:
    # In a group of its own, so that Ctrl-C on the terminal reaches us alone.
    group = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-P", "-c", _START, str(_HOME)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        text=True,
        encoding="utf-8",
        creationflags=group,
        process_group=None if sys.platform == "win32" else 0,
    )


def _environment() -> dict[str, str]:
    """The little of ours that the child needs, and no memory set aside for threads that it does not start."""
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | {
        "PYTHONUTF8": "1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }


def _send(process: subprocess.Popen[str], job: str) -> None:
    if process.stdin is None:
        return
    with suppress(OSError):  # the child died at once; its exit code tells
        process.stdin.write(f"{job}\n")
        process.stdin.flush()


def _watch(process: subprocess.Popen[str], limits: Limits) -> None:
    """Wait for the child; refuse the file when it takes too long or too much memory."""
    end = time.monotonic() + limits.seconds
    try:
        watched = psutil.Process(process.pid)
    except psutil.Error:
        return
    while True:
        try:
            process.wait(_LOOK_EVERY)
        except subprocess.TimeoutExpired:
            pass
        else:
            return
        if time.monotonic() > end:
            raise UnreadableFile(
                _("reading took more than {seconds:g} seconds; save the numbers as CSV and use that").format(
                    seconds=limits.seconds
                )
            )
        try:
            used = watched.memory_info().rss
        except psutil.Error:
            continue
        if used > limits.memory:
            raise _too_hungry(limits)


def _too_hungry(limits: Limits) -> UnreadableFile:
    return UnreadableFile(
        _("reading needs more than {size} MB of memory; save the numbers as CSV and use that").format(
            size=grouped(limits.memory // MIB)
        )
    )


def _verdict(folder: Path, returncode: int) -> list[StoredSheet]:
    written = folder / VERDICT
    if returncode == NO_ROOM:
        raise UnreadableFile(unwritable(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))))
    if not written.exists():
        raise UnreadableFile(
            _("the file makes the reader crash (code {code}); it is damaged or hostile, so it was not read").format(
                code=returncode
            )
        )
    verdict = json.loads(written.read_text(encoding="utf-8"))
    written.unlink()
    if "locked" in verdict:
        raise locked_workbook()
    if "refused" in verdict:
        raise UnreadableFile(verdict["refused"])
    if "memory" in verdict:
        raise UnreadableFile(_("reading needs more memory than allowed; save the numbers as CSV and use that"))
    if "failed" in verdict:
        raise UnreadableFile(
            _("the file is damaged ({detail}); open it in a spreadsheet program and save it again").format(
                detail=verdict["failed"]
            )
        )
    return [StoredSheet(**sheet) for sheet in verdict["sheets"]]
