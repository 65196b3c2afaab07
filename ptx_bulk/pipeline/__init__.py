"""The commands as functions: the only place that knows the order of the rooms below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptx_bulk import lazy

if TYPE_CHECKING:
    from ptx_bulk.pipeline.apply_command import apply
    from ptx_bulk.pipeline.audit_command import Audit, audit
    from ptx_bulk.pipeline.check_command import check
    from ptx_bulk.pipeline.diff_command import diff
    from ptx_bulk.pipeline.export_command import Exported, export
    from ptx_bulk.pipeline.interface import Interface, Quiet
    from ptx_bulk.pipeline.list_faults import AUDIT_COLUMNS, Fault
    from ptx_bulk.pipeline.probe_command import probe
    from ptx_bulk.pipeline.requests import Reporting, Sending, Source
    from ptx_bulk.pipeline.result import Result
    from ptx_bulk.pipeline.resume_command import resume
    from ptx_bulk.pipeline.runs_commands import Shown, purge, runs, show
    from ptx_bulk.pipeline.steps.account import Account, opened
    from ptx_bulk.pipeline.undo_command import undo
    from ptx_bulk.pipeline.write_commands import write

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
        "AUDIT_COLUMNS": "list_faults",
        "Account": "steps.account",
        "Audit": "audit_command",
        "Exported": "export_command",
        "Fault": "list_faults",
        "Interface": "interface",
        "Quiet": "interface",
        "Reporting": "requests",
        "Result": "result",
        "Sending": "requests",
        "Shown": "runs_commands",
        "Source": "requests",
        "apply": "apply_command",
        "audit": "audit_command",
        "check": "check_command",
        "diff": "diff_command",
        "export": "export_command",
        "opened": "steps.account",
        "probe": "probe_command",
        "purge": "runs_commands",
        "resume": "resume_command",
        "runs": "runs_commands",
        "show": "runs_commands",
        "undo": "undo_command",
        "write": "write_commands",
    },
)
