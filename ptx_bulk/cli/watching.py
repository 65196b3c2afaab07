"""What a machine watches a command by: the log file of its events, and the figures of its end."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import platform
import re
import time
from pathlib import Path
from typing import Any

from ptx_bulk import eventlog
from ptx_bulk._version import __version__
from ptx_bulk.errors import ConfigurationError, PtxError
from ptx_bulk.i18n import _

# Commands that work on an account's lists; the figures of others would tell nothing.
_MEASURED = frozenset(
    {"import", "remove", "sync", "apply", "resume", "undo", "export", "audit", "scrub", "changes"}
)  # fmt: skip
_FACTS = ("list", "counts", "codes", "verified", "remote", "reports")
_DRY = re.compile(r"--dry-run|-[nqvy]*n[nqvy]*")


class _LogFile(logging.Handler):
    """Appends each event as one JSON object in a line."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        # A pipe that nobody reads is refused, not waited for.
        waiting_not = getattr(os, "O_NONBLOCK", 0)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | waiting_not, 0o600)
        if waiting_not:
            os.set_blocking(self._file, True)

    def emit(self, record: logging.LogRecord) -> None:
        """Write it in one piece, so that processes that share the file don't mix their lines."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z"
        head = {"time": moment, "level": record.levelname.lower(), "event": record.getMessage()}
        line = json.dumps(head | getattr(record, "facts", {}), ensure_ascii=False, default=str)
        with contextlib.suppress(OSError):  # a full disk ends no run
            os.write(self._file, f"{line}\n".encode("utf-8", "backslashreplace"))

    def close(self) -> None:
        """Close the file."""
        with contextlib.suppress(OSError):
            os.close(self._file)
        super().close()


def begin(state: dict[str, Any], argv: list[str]) -> None:
    """Open what the command line or the environment names, before anything else is done.

    Raises:
        ConfigurationError: the log file cannot be written.
        PlaceRefused: the metrics file cannot.
    """
    state["began"] = time.monotonic()
    _log_to(state, _named(argv, "--log-file", "PTX_LOG_FILE"))
    _measure_to(state, _named(argv, "--metrics", "PTX_METRICS"))


def begin_by_profile(state: dict[str, Any], log_file: str | None, metrics: str | None) -> None:
    """Open what the profile names where nobody else named a file; errors as in `begin`."""
    if "log" not in state:
        _log_to(state, log_file or "")
    if "measured" not in state:
        _measure_to(state, metrics or "")


def end(state: dict[str, Any], argv: list[str], command: str, code: int) -> str:
    """Note how the command ended, and write its figures; returns what to tell of figures that could not be written."""
    seconds = time.monotonic() - state.get("began", time.monotonic())
    summary = state.get("summary") or {}
    facts = {name: summary[name] for name in _FACTS if summary.get(name)}
    run_id = summary.get("run_id") or state.get("run_id") or ""
    eventlog.note("end", command=command, run_id=run_id, exit_code=code, seconds=round(seconds, 3), **facts)
    if (log := state.pop("log", None)) is not None:
        eventlog.LOGGER.removeHandler(log)
        log.close()
    path = state.pop("measured", None)
    dry = any(_DRY.fullmatch(word) for word in argv)
    several = state.get("all_profiles") or len(state.get("profiles", ())) > 1  # each account writes its own
    if path is None or command not in _MEASURED or dry or several:
        return ""
    return _measured(path, _profile(state), command, code, seconds, summary)


def _measured(path: Path, profile: str, command: str, code: int, seconds: float, summary: dict[str, Any]) -> str:
    from ptx_bulk.reports.metrics import LastRun, write_metrics

    remote = summary.get("remote") or {}
    after = remote.get("after")
    run = LastRun(
        profile=profile,
        command=command,
        ended=time.time(),
        seconds=seconds,
        exit_code=code,
        counts=summary.get("counts") or {},
        lists=summary.get("list") or "",
        numbers=remote.get("before") if after is None else after,
    )
    try:
        write_metrics(path, run)
    except PtxError as error:
        return _("The figures of the run were not written: {error}").format(error=error)
    return ""


def _log_to(state: dict[str, Any], name: str) -> None:
    if not name:
        return
    path = Path(name).absolute()
    if any(isinstance(handler, _LogFile) and handler.path == path for handler in eventlog.LOGGER.handlers):
        return  # of the job that this command is of
    try:
        handler = _LogFile(path)
    except OSError as error:
        raise ConfigurationError(
            _(
                "The log file {path} cannot be written ({reason}); correct --log-file, PTX_LOG_FILE or the profile."
            ).format(path=name, reason=error.strerror)
        ) from error
    state["log"] = handler
    eventlog.LOGGER.setLevel(logging.DEBUG)
    eventlog.LOGGER.addHandler(handler)
    profile = _profile(state)
    eventlog.bind(**({"profile": profile} if profile else {}))
    eventlog.note(
        "start", version=__version__, python=platform.python_version(), system=platform.system(), pid=os.getpid()
    )


def _measure_to(state: dict[str, Any], name: str) -> None:
    if not name:
        return
    from ptx_bulk.reports.places import check_places

    check_places([Path(name)], replace=True)
    state["measured"] = Path(name).absolute()


def _profile(state: dict[str, Any]) -> str:
    return str(state.get("profile") or os.environ.get("PTX_PROFILE", "")).strip()


def _named(argv: list[str], option: str, variable: str) -> str:
    """What the last such option of the command line names, else the variable."""
    named = os.environ.get(variable, "").strip()
    for at, word in enumerate(argv):
        if word == "--":
            break
        if word.startswith(f"{option}="):
            named = word.partition("=")[2]
        elif word == option and at + 1 < len(argv):
            named = argv[at + 1]
    return named
