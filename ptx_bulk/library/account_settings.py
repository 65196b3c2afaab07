"""What every method of a connection works with: the account's settings, and who is told of the work."""

from __future__ import annotations

from ptx_bulk import reports
from ptx_bulk.arguments import word
from ptx_bulk.library.logged import Logged
from ptx_bulk.pipeline import Interface
from ptx_bulk.settings import Profile, Settings


class AccountSettings:
    """The settings of one account, and the interface that its commands talk to."""

    def __init__(self, settings: Settings, interface: Interface | None = None) -> None:
        self._settings = settings
        self._interface = interface or Logged()

    @property
    def _profile(self) -> Profile:
        return self._settings.defaults

    def _dialect(self, given: str | None) -> str:
        dialect = given if given is not None else self._profile.dialect or "rfc4180"
        word("dialect", dialect, reports.DIALECTS)
        return dialect
