"""ptx-bulk: bulk management of the suppression lists of a Primotexto account.

Whatever the command line does, a program can do:

    import ptx_bulk

    with ptx_bulk.connect() as account:                # key as on the command line; connect(sandbox=True) to try
        result = account.import_("stops.xlsx")         # a path, paths, a DataFrame, a Series or an iterable of numbers
        print(result.exit_code, result.summary.counts)
        stops = account.read("stop")                   # the list as a DataFrame

    checked = ptx_bulk.check(["06 12 34 56 78", "3,36E+10"])    # no account, no network
    print(checked.frame[["raw", "e164", "code"]])

The names are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptx_bulk import lazy
from ptx_bulk._version import __version__

if TYPE_CHECKING:
    from ptx_bulk.errors import PtxError
    from ptx_bulk.journal import Purged, RunRecord
    from ptx_bulk.library.connection import Connection, check, connect
    from ptx_bulk.model import Accept, Action, Change, Code, ListKind, Mode, Outcome, Status
    from ptx_bulk.numbers import normalise
    from ptx_bulk.pipeline import Audit, Exported, Fault, Interface, Quiet, Result, Shown
    from ptx_bulk.remote import Client
    from ptx_bulk.reports import Summary
    from ptx_bulk.snapshot import Snapshot

__all__ = [
    "Accept",
    "Action",
    "Audit",
    "Change",
    "Client",
    "Code",
    "Connection",
    "Exported",
    "Fault",
    "Interface",
    "ListKind",
    "Mode",
    "Outcome",
    "PtxError",
    "Purged",
    "Quiet",
    "Result",
    "RunRecord",
    "Shown",
    "Snapshot",
    "Status",
    "Summary",
    "__version__",
    "check",
    "connect",
    "normalise",
]

__getattr__ = lazy.attach(
    __name__,
    {
        "Accept": "model",
        "Action": "model",
        "Audit": "pipeline",
        "Change": "model",
        "Client": "remote",
        "Code": "model",
        "Connection": "library.connection",
        "Exported": "pipeline",
        "Fault": "pipeline",
        "Interface": "pipeline",
        "ListKind": "model",
        "Mode": "model",
        "Outcome": "model",
        "PtxError": "errors",
        "Purged": "journal",
        "Quiet": "pipeline",
        "Result": "pipeline",
        "RunRecord": "journal",
        "Shown": "pipeline",
        "Snapshot": "snapshot",
        "Status": "model",
        "Summary": "reports",
        "check": "library.connection",
        "connect": "library.connection",
        "normalise": "numbers",
    },
)
