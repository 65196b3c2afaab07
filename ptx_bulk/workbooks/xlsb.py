"""XLSB, Excel's binary format, by python-calamine."""

from __future__ import annotations

from pathlib import Path

from ptx_bulk.workbooks.archives import Archive
from ptx_bulk.workbooks.calamine import read_with_calamine
from ptx_bulk.workbooks.options import Limits
from ptx_bulk.workbooks.stored import SheetWriter


def read_xlsb(path: Path, limits: Limits, writer: SheetWriter) -> None:
    """Hand every sheet of the workbook to `writer`.

    Raises:
        UnreadableFile: damaged, protected or hostile.
    """
    with Archive(path, limits):
        pass  # the declared sizes are checked on the way in
    read_with_calamine(path, limits, writer)
