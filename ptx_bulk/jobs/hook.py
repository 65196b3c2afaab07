"""The exit hook of a job: a command that is told how the run ended."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

_SECONDS = 60.0
_STANDARD_ERROR = 2
# What programs need to start, to find their files and to speak; and our own settings that are no secrets.
_PASSED_ON = frozenset(
    {
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "SHELL",
        "LANG",
        "LANGUAGE",
        "TZ",
        "TMPDIR",
        "TMP",
        "TEMP",
        "TERM",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "SYSTEMROOT",
        "SYSTEMDRIVE",
        "WINDIR",
        "COMSPEC",
        "PATHEXT",
        "USERNAME",
        "USERPROFILE",
        "HOMEDRIVE",
        "HOMEPATH",
        "APPDATA",
        "LOCALAPPDATA",
        "PROGRAMDATA",
        "PROGRAMFILES",
        "PROGRAMFILES(X86)",
        "PROGRAMW6432",
        "COMPUTERNAME",
        "NUMBER_OF_PROCESSORS",
        "PROCESSOR_ARCHITECTURE",
        "OS",
        "PTX_HOME",
        "PTX_CONFIG",
        "PTX_PROFILE",
        "PTX_BASE_URL",
        "PTX_LANG",
        "PTX_ACTOR",
    }
)


def run_hook(
    command: Sequence[str], summary: bytes, timeout: float = _SECONDS, *, folder: Path | None = None
) -> int | None:
    """Run a job's `on_finish` command, without a shell, the summary on its standard input.

    What it prints goes to standard error. Of the environment it gets what a program needs to start and our settings,
    but no secret, least of all the API key; what else it needs is named in the job: `["env", "TOKEN=${TOKEN}", ...]`.
    It never raises: a failing hook does not change the run.

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
            command, input=summary, stdout=_STANDARD_ERROR, timeout=timeout, cwd=folder, env=_environment(), check=False
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return done.returncode


def _environment() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if name.upper() in _PASSED_ON or name.upper().startswith(("LC_", "XDG_"))
    }
