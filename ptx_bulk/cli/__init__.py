"""The command line: parse, wire, show, exit. The only place that prints.

Commands import the rooms below inside their functions, so that `--help` answers in a quarter of a second.
"""

from __future__ import annotations

from ptx_bulk.cli.entry import main

__all__ = ["main"]
