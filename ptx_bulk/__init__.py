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

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "ptx_bulk.errors": ("PtxError",),
    "ptx_bulk.model": ("Accept", "Action", "Change", "Code", "ListKind", "Mode", "Outcome", "Status"),
    "ptx_bulk.numbers": ("normalise",),
    "ptx_bulk.pipeline": (
        "Audit",
        "Fault",
        "Interface",
        "Quiet",
        "Reporting",
        "Result",
        "Sending",
        "Source",
        "apply",
        "audit",
        "check",
        "diff",
        "export",
        "probe",
        "resume",
        "undo",
        "write",
    ),
    "ptx_bulk.plan": ("MaxRemovals", "Plan", "Safeguards"),
    "ptx_bulk.remote": ("Client",),
    "ptx_bulk.settings": ("Settings", "load_settings"),
    "ptx_bulk.snapshot": ("Snapshot",),
    "ptx_bulk.workbooks": ("ReadOptions",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
_RENAMED = {"load_settings": "load"}

__all__ = ["__version__", *sorted(_HOME_OF)]  # noqa: PLE0604 - names of the table above


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME_OF[name]), _RENAMED.get(name, name))


def __dir__() -> list[str]:
    return __all__
