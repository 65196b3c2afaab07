"""The process that parses one untrusted workbook: job on standard input, sheets and a verdict as files in its folder.

It ends with its parent, however that ends: standard input ends then, and Linux kills it.
Nothing here prints: what a parser writes to the standard streams is thrown away by the parent.
"""

from __future__ import annotations

import _thread
import ctypes
import faulthandler
import gc
import json
import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.abc import MetaPathFinder
from pathlib import Path

from ptx_bulk import i18n
from ptx_bulk.errors import UnreadableFile
from ptx_bulk.system.scratch import FULL
from ptx_bulk.workbooks.guard.archives import LockedWorkbook
from ptx_bulk.workbooks.guard.passwords import decrypt, encrypt
from ptx_bulk.workbooks.sheets.limits import Limits
from ptx_bulk.workbooks.sheets.stored import SheetWriter

Reader = Callable[[Path, Limits, SheetWriter], None]

ENCRYPT = "encrypt"
VERDICT = "verdict.json"
NO_ROOM = 74  # exit code where not even a verdict could be written
_STDIN = 0
_LAST_SECONDS = 10.0  # after the parent should have ended us
_PR_SET_PDEATHSIG = 1


class _WithoutPandas(MetaPathFinder):
    """Keeps pandas out: Arrow loads it, which takes longer than most files, to ask whether a list is one of its."""

    def find_spec(self, fullname: str, _path: object, _target: object = None) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname)


def reader(name: str) -> Reader:
    """The function that `module:function` names."""
    module, _colon, function = name.partition(":")
    found: Reader = getattr(import_module(module), function)
    return found


def main() -> None:
    """Do the job and write the verdict: the stored sheets, or why the file is refused."""
    gc.disable()  # a short life full of rows, which make no reference cycles
    sys.meta_path.insert(0, _WithoutPandas())
    job = json.loads(sys.stdin.readline())
    limits = Limits(**job["limits"])
    _end_with_parent(job["parent"], limits)
    _restrict(limits)
    i18n.use(job["language"])
    folder = Path(job["folder"])
    writer = SheetWriter(folder)
    verdict: dict[str, object]
    try:
        if job["password"] is None:
            reader(job["reader"])(Path(job["path"]), limits, writer)
        elif job["reader"] == ENCRYPT:
            encrypt(Path(job["path"]), folder, job["password"])
        else:
            decrypt(Path(job["path"]), folder, job["password"])
        verdict = {"sheets": writer.as_json()}
    except LockedWorkbook:
        verdict = {"locked": True}
    except UnreadableFile as error:
        verdict = {"refused": str(error)}
    except MemoryError:
        verdict = {"memory": True}
    except OSError as error:
        if error.errno in FULL:
            sys.exit(NO_ROOM)
        verdict = {"failed": f"{type(error).__name__}: {error}"[:200]}
    except Exception as error:
        verdict = {"failed": f"{type(error).__name__}: {error}"[:200]}
    _tell(folder / VERDICT, verdict)


def _tell(path: Path, verdict: dict[str, object]) -> None:
    draft = path.with_suffix(".part")
    try:
        draft.write_text(json.dumps(verdict), encoding="utf-8")
        draft.replace(path)
    except OSError:
        sys.exit(NO_ROOM)


def _end_with_parent(parent: int, limits: Limits) -> None:
    """See to it that this process does not outlive the one that wants its work, even while a parser holds the GIL."""
    _thread.start_new_thread(_end_with_input, ())
    # A last bound everywhere: this watchdog needs no GIL.
    faulthandler.dump_traceback_later(limits.seconds + _LAST_SECONDS, exit=True)
    if sys.platform == "linux":
        try:
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        except (OSError, AttributeError):
            return
        if os.getppid() != parent:  # it went before we asked
            os._exit(1)


def _end_with_input() -> None:
    while os.read(_STDIN, 1):
        pass
    os._exit(1)


def _restrict(limits: Limits) -> None:
    """Let the system refuse memory where it can (Linux); elsewhere the parent watches."""
    try:
        import resource  # noqa: PLC0415 - does not exist on Windows
    except ImportError:
        return
    for what, most in ((resource.RLIMIT_DATA, limits.memory), (resource.RLIMIT_CORE, 0)):
        try:
            hard = resource.getrlimit(what)[1]
            most_allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(what, (most_allowed, hard))
        except (OSError, ValueError):
            continue
