"""The process that parses one untrusted workbook: job on standard input, sheets and a verdict as files in its folder.

Nothing here prints: what a parser writes to the standard streams is thrown away by the parent.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from ptx_bulk import i18n
from ptx_bulk.errors import UnreadableFile
from ptx_bulk.workbooks.options import Limits
from ptx_bulk.workbooks.stored import SheetWriter

Reader = Callable[[Path, Limits, SheetWriter], None]

VERDICT = "verdict.json"

# format → module and function; imported when needed, so that one format's library is no burden to the others
_READERS = {
    "xlsx": ("xlsx", "read_xlsx"),
    "xls": ("xls", "read_xls"),
    "xlsb": ("xlsb", "read_xlsb"),
    "ods": ("ods", "read_ods"),
    "html": ("html_tables", "read_html"),
    "xml2003": ("spreadsheetml", "read_spreadsheetml"),
    "parquet": ("parquet", "read_parquet"),
}


def reader(form: str) -> Reader:
    """The function that reads workbooks of this format."""
    module, function = _READERS[form]
    found: Reader = getattr(import_module(f"ptx_bulk.workbooks.{module}"), function)
    return found


def main() -> None:
    """Do the job and write the verdict: the stored sheets, or why the file is refused."""
    gc.disable()  # a short life full of rows, which make no reference cycles
    job = json.load(sys.stdin)
    limits = Limits(**job["limits"])
    _restrict(limits)
    i18n.use(job["language"])
    folder = Path(job["folder"])
    writer = SheetWriter(folder)
    verdict: dict[str, object]
    try:
        reader(job["format"])(Path(job["path"]), limits, writer)
        verdict = {"sheets": writer.as_json()}
    except UnreadableFile as error:
        verdict = {"refused": str(error)}
    except MemoryError:
        verdict = {"memory": True}
    except Exception as error:
        verdict = {"failed": f"{type(error).__name__}: {error}"[:200]}
    (folder / VERDICT).write_text(json.dumps(verdict), encoding="utf-8")


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
