"""Reports of a run (CSV, XLSX, JSON, HTML, Parquet), rejects to mend, exports for other programs.

Nothing here is ever half written: a file appears whole, under its name, or not at all.
"""

from __future__ import annotations

from ptx_bulk import lazy

# Their types stand in __init__.pyi.
_HOMES = {
    "bookmark": (
        "read_bookmark",
        "set_bookmark",
    ),
    "combined": (
        "AccountResult",
        "check_combined",
        "write_combined",
    ),
    "crm": (
        "CrmLayout",
        "apply_crm",
        "apply_crm_to_changes",
        "crm_columns",
        "crm_names",
    ),
    "dialects": (
        "DIALECTS",
        "USUAL",
        "Dialect",
        "dialect_named",
        "dialect_stored",
        "of_a_workbook",
    ),
    "exporting": (
        "EXPORT_FORMATS",
        "FOUND_FORMATS",
        "export",
        "export_format",
        "export_found",
        "write_dossiers",
    ),
    "names": (
        "free",
        "is_workbook",
        "part_path",
        "label_of",
        "labelled",
        "rejects_path",
        "results_path",
    ),
    "new_files": ("new_file",),
    "owned": (
        "delete_unchanged",
        "digests",
    ),
    "places": (
        "check_places",
        "try_folder",
    ),
    "rejecting.rejected": (
        "RejectsSheet",
        "dialect_of",
    ),
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
