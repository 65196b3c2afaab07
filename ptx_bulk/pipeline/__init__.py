"""The commands as functions: the only place that knows the order of the rooms below."""

from __future__ import annotations

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
