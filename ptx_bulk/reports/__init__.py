"""Reports of a run (CSV, XLSX, JSON, HTML, Parquet), rejects to mend, exports for other programs.

Nothing here is ever half written: a file appears whole, under its name, or not at all.
"""

from __future__ import annotations

from ptx_bulk import lazy

# Their types stand in __init__.pyi.
_HOMES = {
    "combined": (
        "AccountResult",
        "check_combined",
        "write_combined",
    ),
    "crm": (
        "CrmLayout",
        "apply_crm",
        "crm_columns",
        "crm_names",
    ),
    "exporting": (
        "EXPORT_DIALECTS",
        "EXPORT_FORMATS",
        "export",
        "export_format",
    ),
    "names": (
        "free",
        "is_workbook",
        "label_of",
        "labelled",
        "rejects_path",
        "results_path",
    ),
    "new_files": ("new_file",),
    "places": (
        "check_places",
        "try_folder",
    ),
    "rejecting.rejected": ("RejectsSheet",),
    "rejecting.rejects": (
        "Rejects",
        "write_rejects",
    ),
    "results": (
        "check_ending",
        "write_report",
    ),
    "summary": ("Summary",),
}

__getattr__, __all__ = lazy.attach(__name__, _HOMES)
