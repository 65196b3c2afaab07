"""`ptx-bulk` as the pages' readers call it; the word RUN stands for the name of the latest run."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from ptx_bulk.cli import main
from ptx_bulk.journal import Journal


def meant(word: str) -> str:
    """The word with the name of the latest run, for a file the latest of which there is one, in the place of RUN."""
    journal = Journal(Path(os.environ["PTX_HOME"]))
    try:
        words = [re.sub(r"\bRUN\b", run.run_id, word) for run in journal.runs()]
    finally:
        journal.close()
    return next((found for found in words if Path(found).exists()), words[0])


if __name__ == "__main__":
    main([meant(word) if re.search(r"\bRUN\b", word) else word for word in sys.argv[1:]])
