"""The exit hook of a job: a command that is told how the run ended."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

_SECONDS = 60.0
_STANDARD_ERROR = 2


def run_hook(
    command: Sequence[str], summary: bytes, timeout: float = _SECONDS, *, folder: Path | None = None
) -> int | None:
    """Run a job's `on_finish` command, without a shell, the summary on its standard input.

    What it prints goes to standard error. It never raises: a failing hook does not change the run.

    Args:
        command: program and arguments.
        summary: the run's summary as JSON.
        timeout: seconds, after which it is ended.
        folder: where it runs: the job file's folder, so that a script beside the job is found.

    Returns:
        its exit code; None when it could not be started or did not end in time.
    """
    try:
        done = subprocess.run(  # noqa: S603 - the user's own command
            command, input=summary, stdout=_STANDARD_ERROR, timeout=timeout, cwd=folder, check=False
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return done.returncode
