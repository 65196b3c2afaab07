"""ptx-bulk: bulk management of the suppression lists of a Primotexto account.

Whatever the command line does, a program can do:

    import ptx_bulk

    settings = ptx_bulk.load_settings()                        # key from PTX_API_KEY
    source = ptx_bulk.Source(files=("stops.xlsx",))
    result = ptx_bulk.write(ptx_bulk.Mode.IMPORT, source, ptx_bulk.Sending(), ptx_bulk.Reporting(), settings)
    print(result.exit_code, result.summary.counts)

The names are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptx_bulk import lazy
from ptx_bulk._version import __version__

if TYPE_CHECKING:
    from ptx_bulk.errors import PtxError
    from ptx_bulk.model import Accept, Action, Change, Code, ListKind, Mode, Outcome, Status
    from ptx_bulk.numbers import normalise
    from ptx_bulk.pipeline import (
        Audit,
        Fault,
        Interface,
        Quiet,
        Reporting,
        Result,
        Sending,
        Source,
        apply,
        audit,
        check,
        diff,
        export,
        probe,
        resume,
        undo,
        write,
    )
    from ptx_bulk.plan import MaxRemovals, Plan, Safeguards
    from ptx_bulk.remote import Client
    from ptx_bulk.settings import Settings
    from ptx_bulk.settings import load as load_settings
    from ptx_bulk.snapshot import Snapshot
    from ptx_bulk.workbooks import ReadOptions

__all__ = [
    "Accept",
    "Action",
    "Audit",
    "Change",
    "Client",
    "Code",
    "Fault",
    "Interface",
    "ListKind",
    "MaxRemovals",
    "Mode",
    "Outcome",
    "Plan",
    "PtxError",
    "Quiet",
    "ReadOptions",
    "Reporting",
    "Result",
    "Safeguards",
    "Sending",
    "Settings",
    "Snapshot",
    "Source",
    "Status",
    "__version__",
    "apply",
    "audit",
    "check",
    "diff",
    "export",
    "load_settings",
    "normalise",
    "probe",
    "resume",
    "undo",
    "write",
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
        "Fault": "pipeline",
        "Interface": "pipeline",
        "ListKind": "model",
        "MaxRemovals": "plan",
        "Mode": "model",
        "Outcome": "model",
        "Plan": "plan",
        "PtxError": "errors",
        "Quiet": "pipeline",
        "ReadOptions": "workbooks",
        "Reporting": "pipeline",
        "Result": "pipeline",
        "Safeguards": "plan",
        "Sending": "pipeline",
        "Settings": "settings",
        "Snapshot": "snapshot",
        "Source": "pipeline",
        "Status": "model",
        "apply": "pipeline",
        "audit": "pipeline",
        "check": "pipeline",
        "diff": "pipeline",
        "export": "pipeline",
        "load_settings": "settings:load",
        "normalise": "numbers",
        "probe": "pipeline",
        "resume": "pipeline",
        "undo": "pipeline",
        "write": "pipeline",
    },
)
