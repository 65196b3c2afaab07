"""The commands as functions: the only place that knows the order of the rooms below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptx_bulk import lazy

if TYPE_CHECKING:
    from ptx_bulk.pipeline.account import Account, opened
    from ptx_bulk.pipeline.auditing import Audit, audit
    from ptx_bulk.pipeline.checking import check
    from ptx_bulk.pipeline.faults import AUDIT_COLUMNS, Fault
    from ptx_bulk.pipeline.history import Shown, purge, runs, show
    from ptx_bulk.pipeline.probing import probe
    from ptx_bulk.pipeline.requests import Interface, Quiet, Reporting, Result, Sending, Source
    from ptx_bulk.pipeline.resuming import resume, undo
    from ptx_bulk.pipeline.saved import apply
    from ptx_bulk.pipeline.viewing import Exported, diff, export
    from ptx_bulk.pipeline.writing import write

__all__ = [
    "AUDIT_COLUMNS",
    "Account",
    "Audit",
    "Exported",
    "Fault",
    "Interface",
    "Quiet",
    "Reporting",
    "Result",
    "Sending",
    "Shown",
    "Source",
    "apply",
    "audit",
    "check",
    "diff",
    "export",
    "opened",
    "probe",
    "purge",
    "resume",
    "runs",
    "show",
    "undo",
    "write",
]

__getattr__ = lazy.attach(
    __name__,
    {
        "AUDIT_COLUMNS": "faults",
        "Account": "account",
        "Audit": "auditing",
        "Exported": "viewing",
        "Fault": "faults",
        "Interface": "requests",
        "Quiet": "requests",
        "Reporting": "requests",
        "Result": "requests",
        "Sending": "requests",
        "Shown": "history",
        "Source": "requests",
        "apply": "saved",
        "audit": "auditing",
        "check": "checking",
        "diff": "viewing",
        "export": "viewing",
        "opened": "account",
        "probe": "probing",
        "purge": "history",
        "resume": "resuming",
        "runs": "history",
        "show": "history",
        "undo": "resuming",
        "write": "writing",
    },
)
