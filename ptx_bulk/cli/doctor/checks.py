"""What a check of doctor tells."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ptx_bulk.i18n import N_, _


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
    "temporary_files": N_("Temporary files"),
    "configuration": N_("config.toml"),
    "base_url": N_("Address of the API"),
    "proxy": N_("Proxy"),
    "certificates": N_("Certificates"),
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


def ok(name: str, detail: str) -> Check:
    """In order."""
    return Check(name=name, state=State.OK, detail=detail)


def warning(name: str, detail: str, remedy: str) -> Check:
    """Works, but something should be done."""
    return Check(name=name, state=State.WARNING, detail=detail, remedy=remedy)


def failed(name: str, detail: object, remedy: str = "", *, exit_code: int = 2) -> Check:
    """Does not work; doctor ends with this exit code."""
    return Check(name=name, state=State.FAILED, detail=str(detail), remedy=remedy, exit_code=exit_code)


def skipped(name: str, why: str) -> Check:
    """Could not be looked at."""
    return Check(name=name, state=State.SKIPPED, detail=_("not checked: {why}").format(why=why))
