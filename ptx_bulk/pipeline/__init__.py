"""The commands as functions: the only place that knows the order of the rooms below."""

from __future__ import annotations

from ptx_bulk import lazy

# Their types stand in __init__.pyi.
_HOMES = {
    "changing_lists.apply_command": ("apply",),
    "reading_lists.audit_command": (
        "Audit",
        "audit",
    ),
    "reading_lists.changes_command": (
        "Changes",
        "changes",
    ),
    "changing_lists.check_command": ("check",),
    "changing_lists.diff_command": ("diff",),
    "upkeep.erase_command": ("erase",),
    "reading_lists.export_command": (
        "Exported",
        "export",
    ),
    "reading_lists.find_command": (
        "Found",
        "FoundNumber",
        "find",
    ),
    "interface": (
        "Interface",
        "Quiet",
    ),
    "reading_lists.list_faults": (
        "AUDIT_COLUMNS",
        "FAULT_SENTENCES",
        "Fault",
    ),
    "reading_lists.fault_mending": (
        "MendingStep",
        "mended_list_by_list",
        "mending_steps",
    ),
    "changing_lists.mend_command": (
        "Place",
        "WrongCell",
        "mend",
        "unsure_cells",
        "wrong_cells",
    ),
    "reading_lists.number_search": ("Standing",),
    "upkeep.probe_command": (
        "check_key",
        "probe",
    ),
    "upkeep.profiles_command": (
        "ProfileState",
        "Profiles",
        "profile_settings",
        "profiles",
    ),
    "requests": (
        "Reporting",
        "Sending",
        "Source",
    ),
    "result": ("Result",),
    "changing_lists.resume_command": ("resume",),
    "upkeep.runs_commands": (
        "Shown",
        "purge",
        "runs",
        "show",
    ),
    "reading_lists.scrub_command": (
        "Scrubbed",
        "Scrubbing",
        "scrub",
    ),
    "steps.account": (
        "Account",
        "give_sandbox",
        "opened",
    ),
    "changing_lists.undo_command": ("undo",),
    "changing_lists.write_commands": ("write",),
}

__getattr__, __all__ = lazy.attach(__name__, _HOMES)
