"""Job files: a command and its options written down once, for cron and for colleagues.

    command = "import"
    files = ["exports/stops-{date}.xlsx"]
    profile = "shop"                       # or profiles = ["shop", "outlet"], or profiles = "all"
    on_finish = ["python3", "notify.py"]   # gets the summary as JSON on its standard input

    [options]                              # the command's long options, with - or _
    list = "stop"
    report = "reports/stops-{date}.html"
    yes = true

`files` belongs to commands that read files, `plan` to `apply`, `run` to `resume`, `undo` and `show`.
Relative paths are taken from the job file's folder, since a scheduler runs it from anywhere; those given on
the command line with `--set` from the current folder, as everywhere else. Every text may hold `${NAME}` or
`${NAME:-default}` (environment) and `{date}`, `{datetime}` or `{date:%Y%m%d}` (local time).
"""

from __future__ import annotations

from ptx_bulk.jobs.hook import run_hook
from ptx_bulk.jobs.job_files import Job, load_job

__all__ = ["Job", "load_job", "run_hook"]
