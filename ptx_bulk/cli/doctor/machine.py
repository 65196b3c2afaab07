"""What doctor looks at on this machine: versions, console, state folder, journal."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
import re
import shutil
import sys
import tempfile
import zoneinfo
from collections.abc import Iterator
from pathlib import Path

from ptx_bulk import i18n, numbers
from ptx_bulk._version import __version__
from ptx_bulk.cli.doctor.checks import Check, failed, ok, skipped, warning
from ptx_bulk.errors import ConfigurationError, JournalError
from ptx_bulk.i18n import Quantity, _, ngettext
from ptx_bulk.journal import Journal, RunState
from ptx_bulk.settings import state_home
from ptx_bulk.system.scratch import leftovers

_OLDEST_METADATA = (9, 0, 29)  # overseas France is complete from there on
_LONG_AGO = dt.timedelta(days=365)
_FIRST_YEAR = 2025  # no version that we need is older; some package managers give all files a time long ago
_LITTLE_SPACE = 500 << 20
_SAMPLE = "éà’€"


def installation() -> Iterator[Check]:
    """Python, packages and numbering plans."""
    bits = 64 if sys.maxsize > 2**32 else 32
    yield ok(
        "python", f"{platform.python_version()} ({platform.python_implementation()}, {bits} bit, {platform.system()})"
    )
    wrong = list(_unfit_packages())
    if wrong:
        remedy = _("Run: {command}").format(command="pip install --upgrade ptx-bulk")
        yield failed("packages", ", ".join(wrong), remedy)
    else:
        yield ok("packages", f"ptx-bulk {__version__}")
    yield numbering_plans(numbers.metadata_version(), dt.datetime.now(dt.UTC).date(), _installed("phonenumbers"))


def numbering_plans(version: str, today: dt.date, installed: dt.date | None = None) -> Check:
    """Whether the numbering plans know what operators use today.

    Args:
        version: that of phonenumbers.
        today: the date.
        installed: when the package was installed, where that is known.
    """
    update = _("Run: {command}").format(command="pip install --upgrade phonenumbers")
    if _version(version) < _OLDEST_METADATA:
        detail = _("phonenumbers {version} does not know all overseas numbers of France").format(version=version)
        return failed("phone_metadata", detail, update)
    date = numbers.metadata_date(version, installed)
    if date is None:
        return ok("phone_metadata", f"phonenumbers {version}")
    if today - date > _LONG_AGO:
        detail = _(
            "phonenumbers {version} is from about {date}, more than a year old: numbers that came into use since are "
            "refused"
        )
        return warning("phone_metadata", detail.format(version=version, date=f"{date:%Y-%m}"), update)
    return ok(
        "phone_metadata", _("phonenumbers {version}, from about {date}").format(version=version, date=f"{date:%Y-%m}")
    )


def _installed(package: str) -> dt.date | None:
    """When a package was installed, by its files; None where they were given another time."""
    try:
        files = importlib.metadata.files(package) or []
        moments = [Path(str(file.locate())).stat().st_mtime for file in files if file.name == "METADATA"]
    except (importlib.metadata.PackageNotFoundError, OSError):
        return None
    dates = [dt.datetime.fromtimestamp(moment, dt.UTC).date() for moment in moments]
    return max((date for date in dates if date.year >= _FIRST_YEAR), default=None)


def _unfit_packages() -> Iterator[str]:
    """Packages that are missing or older than this version needs; none are known where it runs uninstalled."""
    try:
        needed = importlib.metadata.requires("ptx-bulk") or []
    except importlib.metadata.PackageNotFoundError:
        return
    for requirement in needed:
        match = re.fullmatch(r"([A-Za-z0-9._-]+)\s*>=\s*([0-9.]+)", requirement)
        if match is None:  # an extra, or for another platform
            continue
        try:
            present = importlib.metadata.version(match[1])
        except importlib.metadata.PackageNotFoundError:
            yield _("{package} is missing").format(package=match[1])
            continue
        if _version(present) < _version(match[2]):
            yield _("{package} {present} is older than {needed}").format(
                package=match[1], present=present, needed=match[2]
            )


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def time_zone() -> Check:
    """What local times mean here."""
    now = dt.datetime.now().astimezone()
    detail = f"{now.tzname()} (UTC{now:%z})"
    chosen = os.environ.get("TZ", "")
    if "/" in chosen and not chosen.startswith((":", "/")) and os.name == "posix":
        try:
            zoneinfo.ZoneInfo(chosen)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            remedy = _("Correct the environment variable TZ, or install the system's time zones (package tzdata).")
            return warning(
                "time_zone", _("TZ={zone} is not known; {detail} is used").format(zone=chosen, detail=detail), remedy
            )
    return ok("time_zone", detail)


def console() -> Check:
    """Whether the console shows every letter."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    detail = _("{encoding}, language {language}").format(encoding=encoding, language=i18n.language())
    try:
        _SAMPLE.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        remedy = _("Set PYTHONUTF8=1; in a Windows console also run: chcp 65001")
        return warning("console", _("{detail}; it cannot show every letter").format(detail=detail), remedy)
    return ok("console", detail)


def state_folder() -> Iterator[Check]:
    """The state folder, its room and its journal."""
    try:
        home = state_home()
        with tempfile.TemporaryFile(dir=home):
            pass
    except ConfigurationError as error:
        yield failed("state_folder", error)
    except OSError as error:
        detail = _("{folder} cannot be written to ({reason})").format(folder=home, reason=error.strerror)
        yield failed("state_folder", detail, _("Correct its rights, or set PTX_HOME to a folder you may write to."))
    else:
        yield _privacy(home)
        yield _space(home)
        yield _journal(home)
        return
    for name in ("disk_space", "journal"):
        yield skipped(name, _("there is no usable state folder"))


def _privacy(home: Path) -> Check:
    if os.name == "posix" and home.stat().st_mode & 0o077:
        detail = _("{folder} can be read by other users of this machine").format(folder=home)
        return warning("state_folder", detail, _("Run: {command}").format(command=f"chmod 700 {home}"))
    return ok("state_folder", str(home))


def _space(home: Path) -> Check:
    free = shutil.disk_usage(home).free
    detail = _("{free:,} MB free").format(free=Quantity(free >> 20))
    if free < _LITTLE_SPACE:
        return warning(
            "disk_space", detail, _("Free some space: a run writes its plan, its results and the lists down.")
        )
    return ok("disk_space", detail)


def _journal(home: Path) -> Check:
    try:
        with Journal(home) as journal:
            runs, lost = journal.checked_runs(), journal.salt_lost()
    except JournalError as error:
        return failed("journal", error)
    damaged = [run.run_id for run in runs if run.fault]
    if damaged:
        detail = ngettext(
            "{count} run, {damaged} damaged (the latest is {run_id})",
            "{count} runs, {damaged} of them damaged (the latest is {run_id})",
            len(runs),
        ).format(count=len(runs), damaged=len(damaged), run_id=damaged[0])
        remedy = _("What is wrong with it, and what is left of it: {command}").format(
            command=f"ptx-bulk show {damaged[0]}"
        )
        return warning("journal", detail, remedy)
    if lost:
        return warning("journal", lost, "")
    unfinished = [run.run_id for run in runs if run.state in (RunState.RUNNING, RunState.STOPPED)]
    if unfinished:
        detail = ngettext(
            "{count} run, {unfinished} not finished (the latest is {run_id})",
            "{count} runs, {unfinished} of them not finished (the latest is {run_id})",
            len(runs),
        ).format(count=len(runs), unfinished=len(unfinished), run_id=unfinished[0])
        remedy = _("Unless it is still at work, go on with it: {command}").format(
            command=f"ptx-bulk resume {unfinished[0]}"
        )
        return warning("journal", detail, remedy)
    return ok(
        "journal",
        ngettext("{count} run, none interrupted", "{count} runs, none interrupted", len(runs)).format(count=len(runs)),
    )


def temporary_files() -> Check:
    """The folder for copies of input files, and what crashed commands left in it."""
    try:
        folder = tempfile.gettempdir()
    except FileNotFoundError:
        remedy = _("Free some space, or let the environment variable TMPDIR (TMP on Windows) name a folder.")
        return failed("temporary_files", _("there is no folder for them that can be written to"), remedy)
    left = leftovers()
    if not left:
        return ok("temporary_files", _("{folder}, nothing was left there").format(folder=folder))
    found = ngettext(
        "{count} folder with copies of input files was left in {folder} by a command that crashed",
        "{count} folders with copies of input files were left in {folder} by commands that crashed",
        len(left),
    ).format(count=len(left), folder=folder)
    return warning("temporary_files", found, _("The next command that reads a file deletes what was left."))
