"""`python -m ptx_bulk` is the command line."""

from __future__ import annotations

from ptx_bulk.cli import main

if __name__ == "__main__":
    main()
