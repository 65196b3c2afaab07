"""What doctor looks at: one check after the other, each with what to do about it."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import platform
import re
import shutil
import sys
import tempfile
import time
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ptx_bulk import __version__, i18n, numbers
from ptx_bulk.configfile import read_toml
from ptx_bulk.errors import (
    AccessRefused,
    ConfigurationError,
    JournalError,
    NetworkFault,
    RemoteError,
    Throttled,
)
from ptx_bulk.i18n import N_, _
from ptx_bulk.journal import Journal, RunState
from ptx_bulk.pipeline import probe
from ptx_bulk.remote import check_base_url
from ptx_bulk.remote.addresses import proxy_for
from ptx_bulk.settings import Secret, Settings, api_key, config_path, load, read_profile, state_home

_OLDEST_METADATA = (9, 0, 29)  # overseas France is complete from there on
_LITTLE_SPACE = 500 << 20
_SKEW_S = 60.0
_SAMPLE = "éà’€"
_PLACEHOLDER = Secret("doctor")  # tells whether the API answers at all where there is no key


class State(StrEnum):
    """How a check ended; stable words."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


TITLES: dict[str, str] = {
    "python": N_("Python"),
    "packages": N_("Packages"),
    "phone_metadata": N_("Numbering plans"),
    "time_zone": N_("Time zone"),
    "console": N_("Console"),
    "state_folder": N_("State folder"),
    "disk_space": N_("Disk space"),
    "journal": N_("Journal"),
    "configuration": N_("config.toml"),
    "base_url": N_("Address of the API"),
    "api_key": N_("API key"),
    "connection": N_("Connection"),
    "access": N_("Access"),
    "clock": N_("Clock"),
}


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check.

    Attributes:
        name: a key of `TITLES`; stable.
        detail: what was found, in the language in use.
        remedy: what to do, '' where nothing is to be done or the detail says it.
        exit_code: what doctor ends with because of it.
    """

    name: str
    state: State
    detail: str
    remedy: str = ""
    exit_code: int = 0

    @property
    def title(self) -> str:
        """The name as shown to people."""
        return _(TITLES[self.name])


def examine(*, base_url: str | None, profile: str | None, sandbox: bool) -> Iterator[Check]:
    """The checks in their order; the values are those of the global options."""
    yield from _installation()
    yield _time_zone()
    yield _console()
    yield from _state()
    yield _configuration(profile)
    try:
        settings = load(base_url=base_url, profile=profile, sandbox=sandbox)
    except ConfigurationError:  # its reason stands in the checks before
        for name in ("base_url", "api_key", "connection", "access", "clock"):
            yield _skipped(name, _("the settings cannot be read"))
        return
    address = _base_url(settings)
    yield address
    key, found = _key(settings)
    yield found
    if address.state is State.FAILED:
        for name in ("connection", "access", "clock"):
            yield _skipped(name, _("there is no usable address"))
        return
    yield from _account(settings, key)


def _ok(name: str, detail: str) -> Check:
    return Check(name=name, state=State.OK, detail=detail)


def _warning(name: str, detail: str, remedy: str) -> Check:
    return Check(name=name, state=State.WARNING, detail=detail, remedy=remedy)


def _failed(name: str, detail: object, remedy: str = "", *, exit_code: int = 2) -> Check:
    return Check(name=name, state=State.FAILED, detail=str(detail), remedy=remedy, exit_code=exit_code)


def _skipped(name: str, why: str) -> Check:
    return Check(name=name, state=State.SKIPPED, detail=_("not checked: {why}").format(why=why))


def _installation() -> Iterator[Check]:
    bits = 64 if sys.maxsize > 2**32 else 32
    yield _ok(
        "python", f"{platform.python_version()} ({platform.python_implementation()}, {bits} bit, {platform.system()})"
    )
    wrong = list(_unfit_packages())
    if wrong:
        remedy = _("Run: {command}").format(command="pip install --upgrade ptx-bulk")
        yield _failed("packages", ", ".join(wrong), remedy)
    else:
        yield _ok("packages", f"ptx-bulk {__version__}")
    metadata = numbers.metadata_version()
    if _version(metadata) < _OLDEST_METADATA:
        detail = _("phonenumbers {version} does not know all overseas numbers of France").format(version=metadata)
        yield _failed(
            "phone_metadata", detail, _("Run: {command}").format(command="pip install --upgrade phonenumbers")
        )
    else:
        yield _ok("phone_metadata", f"phonenumbers {metadata}")


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


def _time_zone() -> Check:
    now = dt.datetime.now().astimezone()
    detail = f"{now.tzname()} (UTC{now:%z})"
    chosen = os.environ.get("TZ", "")
    if "/" in chosen and not chosen.startswith((":", "/")) and os.name == "posix":
        try:
            zoneinfo.ZoneInfo(chosen)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            remedy = _("Correct the environment variable TZ, or install the system's time zones (package tzdata).")
            return _warning(
                "time_zone", _("TZ={zone} is not known; {detail} is used").format(zone=chosen, detail=detail), remedy
            )
    return _ok("time_zone", detail)


def _console() -> Check:
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    detail = _("{encoding}, language {language}").format(encoding=encoding, language=i18n.language())
    try:
        _SAMPLE.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        remedy = _("Set PYTHONUTF8=1; in a Windows console also run: chcp 65001")
        return _warning("console", _("{detail}; it cannot show every letter").format(detail=detail), remedy)
    return _ok("console", detail)


def _state() -> Iterator[Check]:
    try:
        home = state_home()
        with tempfile.TemporaryFile(dir=home):
            pass
    except ConfigurationError as error:
        yield _failed("state_folder", error)
    except OSError as error:
        detail = _("{folder} cannot be written to ({reason})").format(folder=home, reason=error.strerror)
        yield _failed("state_folder", detail, _("Correct its rights, or set PTX_HOME to a folder you may write to."))
    else:
        yield _privacy(home)
        yield _space(home)
        yield _journal(home)
        return
    for name in ("disk_space", "journal"):
        yield _skipped(name, _("there is no usable state folder"))


def _privacy(home: Path) -> Check:
    if os.name == "posix" and home.stat().st_mode & 0o077:
        detail = _("{folder} can be read by other users of this machine").format(folder=home)
        return _warning("state_folder", detail, _("Run: {command}").format(command=f"chmod 700 {home}"))
    return _ok("state_folder", str(home))


def _space(home: Path) -> Check:
    free = shutil.disk_usage(home).free
    detail = _("{free:,} MB free").format(free=free >> 20)
    if free < _LITTLE_SPACE:
        return _warning(
            "disk_space", detail, _("Free some space: a run writes its plan, its results and the lists down.")
        )
    return _ok("disk_space", detail)


def _journal(home: Path) -> Check:
    try:
        journal = Journal(home)
        try:
            runs = journal.runs()
        finally:
            journal.close()
    except JournalError as error:
        return _failed("journal", error)
    unfinished = [run.run_id for run in runs if run.state in (RunState.RUNNING, RunState.STOPPED)]
    if unfinished:
        detail = _("{count} runs, {unfinished} of them not finished (the latest is {run_id})").format(
            count=len(runs), unfinished=len(unfinished), run_id=unfinished[0]
        )
        remedy = _("Unless it is still at work, go on with it: {command}").format(
            command=f"ptx-bulk resume {unfinished[0]}"
        )
        return _warning("journal", detail, remedy)
    return _ok("journal", _("{count} runs, none interrupted").format(count=len(runs)))


def _configuration(profile: str | None) -> Check:
    path = config_path(os.environ)
    chosen = (profile or os.environ.get("PTX_PROFILE", "")).strip()
    if not chosen and not path.exists():
        return _ok("configuration", _("there is none, and none is needed ({path})").format(path=path))
    try:
        names = list(read_toml(path).values) if path.exists() else []
        for name in dict.fromkeys([*names, *filter(None, [chosen])]):
            read_profile(path, name)
    except ConfigurationError as error:
        return _failed("configuration", error)
    detail = _("{path}, profiles: {names}").format(path=path, names=", ".join(names) or "-")
    return _ok("configuration", f"{detail}; {_('in use: {name}').format(name=chosen)}" if chosen else detail)


def _base_url(settings: Settings) -> Check:
    if settings.sandbox:
        return _ok("base_url", _("the embedded simulator (--sandbox)"))
    try:
        return _ok("base_url", check_base_url(settings.base_url))
    except ConfigurationError as error:
        return _failed("base_url", error)


def _key(settings: Settings) -> tuple[Secret | None, Check]:
    try:
        key = api_key(settings)
    except ConfigurationError as error:
        return None, _failed("api_key", error)
    if settings.sandbox:
        return key, _ok("api_key", _("the sandbox has its own"))
    return key, _ok("api_key", _("found in {source}").format(source=key.source))


def _account(settings: Settings, key: Secret | None) -> Iterator[Check]:
    """Connection, access and clock, by one call."""
    started = time.time()
    access: Check | None = None
    server_time: float | None = None
    try:
        account = probe(settings, key or _PLACEHOLDER)
    except AccessRefused as error:
        access = _failed("access", error, exit_code=error.exit_code)
    except Throttled as error:
        access = _warning("access", str(error), _("Wait a while, then try again."))
    except ConfigurationError as error:
        yield _failed("connection", error)
    except RemoteError as error:
        remedy = "" if isinstance(error, NetworkFault) else _("Check --base-url and the proxy, or try again later.")
        yield _failed("connection", error, remedy, exit_code=error.exit_code)
    else:
        accepted = _("the key is accepted")
        if account.credits is not None:
            accepted = _("the key is accepted; {credits:,.0f} credits").format(credits=account.credits)
        access = _ok("access", accepted)
        server_time = account.server_time
    ended = time.time()
    if access is None:
        for name in ("access", "clock"):
            yield _skipped(name, _("the API was not reached"))
        return
    yield _ok("connection", _road(settings, (ended - started) * 1000))
    yield access if key else _skipped("access", _("there is no key"))
    yield _clock(server_time, (started + ended) / 2)


def _road(settings: Settings, ms: float) -> str:
    proxy = None if settings.sandbox else proxy_for(settings.base_url)
    if proxy is None:
        return _("the API answered in {ms:,.0f} ms, without a proxy").format(ms=ms)
    # `proxy.url` is without user name and password.
    return _("the API answered in {ms:,.0f} ms, over the proxy {proxy}").format(ms=ms, proxy=proxy.url)


def _clock(server_time: float | None, now: float) -> Check:
    if server_time is None:
        return _skipped("clock", _("the server did not tell its time"))
    skew = now - server_time
    if abs(skew) > _SKEW_S:
        detail = _("this machine's clock is {seconds:,.0f} seconds off the server's").format(seconds=skew)
        return _warning("clock", detail, _("Switch on the system's automatic time setting."))
    return _ok("clock", _("agrees with the server's to within {seconds:.0f} s").format(seconds=max(1.0, abs(skew))))
