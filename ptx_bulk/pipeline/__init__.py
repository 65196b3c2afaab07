"""The commands as functions: the only place that knows the order of the rooms below."""

from __future__ import annotations

from ptx_bulk import lazy

# Their types stand in __init__.pyi.
_HOMES = {
    "apply_command": ("apply",),
    "audit_command": (
        "Audit",
        "audit",
    ),
    "changes_command": (
        "Changes",
        "changes",
    ),
    "check_command": ("check",),
    "diff_command": ("diff",),
    "erase_command": ("erase",),
    "export_command": (
        "Exported",
        "export",
    ),
    "find_command": (
        "Found",
        "FoundNumber",
        "find",
    ),
    "interface": (
        "Interface",
        "Quiet",
    ),
    "list_faults": (
        "AUDIT_COLUMNS",
        "Fault",
    ),
    "number_search": ("Standing",),
    "probe_command": ("probe",),
    "profiles_command": (
        "ProfileState",
        "Profiles",
        "profiles",
    ),
    "requests": (
        "Reporting",
        "Sending",
        "Source",
    ),
    "result": ("Result",),
    "resume_command": ("resume",),
    "runs_commands": (
        "Shown",
        "purge",
        "runs",
        "show",
    ),
    "scrub_command": (
        "Scrubbed",
        "Scrubbing",
        "scrub",
    ),
    "steps.account": (
        "Account",
        "give_sandbox",
        "opened",
    ),
    "undo_command": ("undo",),
    "write_commands": ("write",),
}

__getattr__, __all__ = lazy.attach(__name__, _HOMES)
