"""The guarded process inside of the one that tries inputs: starting it for each of them would take most of the time."""

from __future__ import annotations

from pathlib import Path

from ptx_bulk.errors import UnreadableFile
from ptx_bulk.workbooks import storing
from ptx_bulk.workbooks.guard.archives import LockedWorkbook, locked_workbook
from ptx_bulk.workbooks.guard.child import reader as function
from ptx_bulk.workbooks.sheets.limits import Limits
from ptx_bulk.workbooks.sheets.stored import SheetWriter, StoredSheet
from ptx_bulk.workbooks.splitting import splitting


class Crashed(UnreadableFile):
    """What the guarded process would tell as damage: the reader did not refuse the file, it fell over it."""


def parse(path: Path, reader: str, folder: Path, limits: Limits, password: str | None = None) -> list[StoredSheet]:
    """As `parse_guarded`, without a process of its own."""
    writer = SheetWriter(folder)
    if password is not None:
        raise locked_workbook()
    try:
        function(reader)(path, limits, writer)
    except LockedWorkbook:
        raise locked_workbook() from None
    except (UnreadableFile, MemoryError):
        raise
    except BaseException as error:  # a panic of Rust is no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        raise Crashed(f"{reader}: {type(error).__name__}: {error}") from error
    return [StoredSheet(**sheet) for sheet in writer.as_json()]


def stay_here() -> None:
    """Have files parsed and cut in this process from now on."""
    storing.parse_guarded = parse  # type: ignore[assignment]
    splitting.parse_guarded = parse  # type: ignore[assignment]
