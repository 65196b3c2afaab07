"""Reports of a run (CSV, XLSX, JSON, HTML, Parquet), rejects to mend, exports for other programs.

Nothing here is ever half written: a file appears whole, under its name, or not at all.
"""

from __future__ import annotations

from ptx_bulk.reports.crm import CrmLayout, apply_crm, crm_columns, crm_names
from ptx_bulk.reports.exporting import EXPORT_DIALECTS, EXPORT_FORMATS, export
from ptx_bulk.reports.names import default_paths, free
from ptx_bulk.reports.new_files import new_file
from ptx_bulk.reports.places import check_places, try_folder
from ptx_bulk.reports.rejecting.rejected import RejectsSheet as RejectsSheet
from ptx_bulk.reports.rejecting.rejects import Rejects, write_rejects
from ptx_bulk.reports.results import check_ending, write_report
from ptx_bulk.reports.summary import Summary

__all__ = [
    "EXPORT_DIALECTS",
    "EXPORT_FORMATS",
    "CrmLayout",
    "Rejects",
    "RejectsSheet",
    "Summary",
    "apply_crm",
    "check_ending",
    "check_places",
    "crm_columns",
    "crm_names",
    "default_paths",
    "export",
    "free",
    "new_file",
    "try_folder",
    "write_rejects",
    "write_report",
]
