"""The command line: parse, wire, show, exit. The only place that prints.

Commands import the rooms below inside their functions, so that `--help` answers in a quarter of a second.
"""

from __future__ import annotations

from collections.abc import Sequence

from ptx_bulk.system import signals

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code (see `errors`)."""
    signals.heed()  # before all that takes time to be imported
    from ptx_bulk.cli import entry

    entry.main(arguments)
