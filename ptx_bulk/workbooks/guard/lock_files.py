"""The files that Excel and LibreOffice put beside a workbook while it is open; a glob of the shell names them, too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ptx_bulk.i18n import _


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
