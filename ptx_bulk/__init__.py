"""ptx-bulk: bulk management of the suppression lists of a Primotexto account.

Whatever the command line does, a program can do:

    import ptx_bulk

    with ptx_bulk.connect() as account:                # key as on the command line; connect(sandbox=True) to try
        result = account.import_("stops.xlsx")         # a path, paths, a DataFrame, a Series or an iterable of numbers
        print(result.exit_code, result.summary.counts)
        stops = account.read("stop")                   # the list as a DataFrame

    checked = ptx_bulk.check(["06 12 34 56 78", "3,36E+10"])    # no account, no network
    print(checked.frame[["raw", "e164", "code"]])
    ptx_bulk.scrub("contacts.xlsx", lists="lists.csv")          # contacts.<run>.kept.xlsx: nobody on the lists

The names are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from ptx_bulk import lazy
from ptx_bulk._version import __version__ as __version__

# Their types stand in __init__.pyi.
_HOMES = {
    "errors": ("PtxError",),
    "journal": (
        "Erased",
        "Purged",
        "RunRecord",
    ),
    "library.connection": (
        "Connection",
        "connect",
    ),
    "library.without_account": (
        "check",
        "scrub",
    ),
    "model": (
        "Accept",
        "Action",
        "Change",
        "Code",
        "ListKind",
        "Mode",
        "Outcome",
        "Status",
    ),
    "numbers": ("normalise",),
    "pipeline": (
        "Audit",
        "Changes",
        "Exported",
        "Fault",
        "Found",
        "FoundNumber",
        "Interface",
        "Profiles",
        "Quiet",
        "Result",
        "Scrubbed",
        "Shown",
        "Standing",
        "profiles",
    ),
    "remote": ("Client",),
    "reports": ("Summary",),
    "snapshot": ("Snapshot",),
}

__getattr__, __all__ = lazy.attach(__name__, _HOMES)
__all__ += ["__version__"]
