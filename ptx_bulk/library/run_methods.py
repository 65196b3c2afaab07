"""The methods about earlier runs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Unpack

from ptx_bulk import pipeline
from ptx_bulk.arguments import of_type, wrong
from ptx_bulk.i18n import _
from ptx_bulk.journal import Erased, Purged, RunRecord
from ptx_bulk.library.account_settings import AccountSettings
from ptx_bulk.library.keywords import PaceKeywords, PathLike, SendKeywords, spelled_out
from ptx_bulk.library.requests_from_keywords import reporting_of, sending_of
from ptx_bulk.pipeline import Result, Shown


class RunMethods(AccountSettings):
    """What a connection does with its runs."""

    @spelled_out(PaceKeywords)
    def resume(self, run: str | None = None, **options: Unpack[PaceKeywords]) -> Result:
        """Go on with an interrupted run: what its plan holds and was not done; nothing is planned anew.

        Args:
            run: its name; default: the latest that was stopped, unless it is old or superseded.
            options: see `PaceKeywords`; the run's own values come first.

        Raises:
            NothingToResume: no run was stopped.
            NotResumable: the run cannot go on.
        """
        return pipeline.resume(
            run, sending_of(options), reporting_of(options, self._profile), self._settings, self._interface
        )

    @spelled_out(SendKeywords)
    def undo(self, run: str, **options: Unpack[SendKeywords]) -> Result:
        """Take back what a run changed itself, where the lists still are as it left them; this is a run, too.

        Args:
            run: its whole name.
            options: see `SendKeywords`; removals from STOP need `reason`.

        Raises:
            NoSuchRun: there is no such run.
            SafetyRefusal: it belongs to another account.
        """
        sending, reporting = sending_of(options, self._profile), reporting_of(options, self._profile)
        return pipeline.undo(run, sending, reporting, self._settings, self._interface)

    def runs(self, *, all_accounts: bool = False) -> list[RunRecord]:
        """The account's runs, or those of every account of the state folder, the latest first."""
        return pipeline.runs(self._settings, all_accounts=all_accounts)

    def show(self, run: str, *, report: PathLike | Sequence[PathLike] = ()) -> Shown:
        """One run: its record and inputs, planned changes by action, outcomes by status.

        Args:
            run: its name.
            report: reports to write anew, one path or several; what they are made of is `result` then.

        Raises:
            NoSuchRun: there is no such run.
            DamagedRun: no report can be made of what is left of it.
            PlaceRefused: a report cannot be written there.
        """
        reporting = reporting_of({"report": report}, self._profile)
        return pipeline.show(of_type("run", run, str), self._settings, reporting=reporting, interface=self._interface)

    def purge(
        self, older_than: timedelta, *, abandoned: bool = False, reports: bool = False, dry_run: bool = False
    ) -> Purged:
        """Forget ended runs and snapshots of that age, of every account of the state folder.

        Args:
            older_than: the age.
            abandoned: runs, too, that were stopped and never resumed.
            reports: the runs' reports, too, where they lie unchanged as they were written.
            dry_run: only tell what would go.
        """
        age = of_type("older_than", older_than, timedelta).total_seconds()
        if age < 0:
            raise wrong("older_than", older_than, _("a time of 0 or more"))
        return pipeline.purge(
            time.time() - age, self._settings, abandoned=abandoned, with_reports=reports, dry_run=dry_run
        )

    def erase(self, *numbers: str, region: str | None = None, dry_run: bool = False) -> Erased:
        """Take numbers out of the state folder, for good: of every run and snapshot, whichever account they are of.

        The lists are not touched.

        Args:
            numbers: in any writing.
            region: country of numbers written without a country code; default: the profile's, else FR.
            dry_run: only tell what would be erased.

        Raises:
            ConfigurationError: a number cannot be read.
            SafetyRefusal: a run is at work, or an unfinished one needs a number.
        """
        for number in numbers:
            of_type("numbers", number, str)
        return pipeline.erase(numbers, self._settings, self._interface, region=region, yes=True, dry_run=dry_run)
