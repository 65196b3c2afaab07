"""`connect()`, and one method a command; what needs no account is a function."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, Self, Unpack

import pandas as pd

from ptx_bulk import pipeline, reports
from ptx_bulk.arguments import of_type, one_of, word, wrong
from ptx_bulk.i18n import _
from ptx_bulk.journal import Erased, Purged, RunRecord
from ptx_bulk.library.inputs import Input
from ptx_bulk.library.keywords import (
    AuditKeywords,
    CheckKeywords,
    DiffKeywords,
    FetchKeywords,
    PaceKeywords,
    PathLike,
    ScrubKeywords,
    SendKeywords,
    WriteKeywords,
    reporting_of,
    scrubbing_of,
    sending_of,
    source_of,
    spelled_out,
)
from ptx_bulk.library.logged import Logged
from ptx_bulk.model import ListKind, Mode
from ptx_bulk.pipeline import Audit, Changes, Exported, Fault, Found, Interface, Result, Scrubbed, Shown
from ptx_bulk.remote import AccountState, check_base_url
from ptx_bulk.settings import Profile, Secret, Settings, api_key, load

ListName = ListKind | Literal["stop", "npai"]


def connect(
    *,
    sandbox: bool = False,
    profile: str | None = None,
    base_url: str | None = None,
    key: str | None = None,
    interface: Interface | None = None,
) -> Connection:
    """The account that the key is for; no call is made yet.

    Args:
        sandbox: the embedded simulator instead of the live API: no key, no network.
        profile: a table of config.toml.
        base_url: the address of the API, if it is not the usual one.
        key: the API key; default: as on the command line (PTX_API_KEY, the profile's command, the keyring).
        interface: told of the work and asked what only a person knows; default: notices go to the logger `ptx_bulk`,
            and nobody is asked.

    Raises:
        ConfigurationError: there is no key, or the profile, the address or the state folder cannot be used.
    """
    of_type("sandbox", sandbox, bool)
    for name, value in (("profile", profile), ("base_url", base_url), ("key", key)):
        if value is not None:
            of_type(name, value, str)
    settings = load(base_url=base_url, profile=profile, sandbox=sandbox)
    if key is not None:
        settings = replace(settings, environment_key=Secret(key, source="connect(key=...)"))
    if not sandbox:
        check_base_url(settings.base_url)
        api_key(settings)
    return Connection(settings, interface)


class Connection:
    """An account as a program uses it: one method a command; made by `connect`.

    It holds nothing open between calls. Methods block until their work is done, inside a running event loop, too.
    They raise `PtxError`s only; each carries the `exit_code` of the command line.
    """

    def __init__(self, settings: Settings, interface: Interface | None = None) -> None:
        self._settings = settings
        self._interface = interface or Logged()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """Nothing is held open."""

    def __repr__(self) -> str:
        where = "sandbox" if self._settings.sandbox else self._settings.base_url
        return f"<ptx_bulk connection to {where}>"

    @spelled_out(WriteKeywords)
    def import_(self, numbers: Input, **options: Unpack[WriteKeywords]) -> Result:
        """Add the numbers to a list.

        Args:
            numbers: a path, paths, a DataFrame, a Series or an iterable of numbers.
            options: see `ReadKeywords`, `SendKeywords`.

        Raises:
            ConfigurationError: an argument is wrong; the text names it.
            PtxError: the command ended before there were lines to report; nothing was sent. What ends it later is
                `error` of the result.
        """
        return self._write(Mode.IMPORT, numbers, options)

    @spelled_out(WriteKeywords)
    def remove(self, numbers: Input, **options: Unpack[WriteKeywords]) -> Result:
        """Take the numbers off a list; arguments and errors as in `import_`, and:

        Raises:
            SafetyRefusal: more would go than `max_removals` allows, or from STOP without leave and reason (in
                `error` of the result; nothing was sent).
        """  # noqa: D415 - the sentence goes on in the sections
        return self._write(Mode.REMOVE, numbers, options)

    @spelled_out(WriteKeywords)
    def sync(self, numbers: Input, **options: Unpack[WriteKeywords]) -> Result:
        """Make a list equal to the numbers: add what is missing, remove what is not there; otherwise as `remove`."""
        return self._write(Mode.SYNC, numbers, options)

    @spelled_out(DiffKeywords)
    def diff(
        self,
        numbers: Input,
        *,
        mode: Mode | Literal["import", "remove", "sync"] = Mode.IMPORT,
        save_plan: PathLike | None = None,
        **options: Unpack[DiffKeywords],
    ) -> Result:
        """What `import_`, `remove` or `sync` would do; nothing is sent.

        Args:
            numbers: as in `import_`.
            mode: what is foreseen.
            save_plan: a file to keep the plan in for `apply`; needs files as input.
            options: see `ReadKeywords`, `FetchKeywords`.
        """
        return pipeline.diff(
            one_of("mode", mode, Mode),
            source_of(numbers, options, self._profile),
            sending_of(options, self._profile),
            reporting_of(options, self._profile),
            self._settings,
            self._interface,
            plan_path=None if save_plan is None else str(save_plan),
        )

    @spelled_out(SendKeywords)
    def apply(self, plan: PathLike, **options: Unpack[SendKeywords]) -> Result:
        """Carry a saved plan out exactly.

        Raises:
            InputError: the file cannot be read or is no plan.
            PlanStale: it was altered, or its input or a list changed since.
            SafetyRefusal: it was made for another account.
        """
        sending, reporting = sending_of(options, self._profile), reporting_of(options, self._profile)
        return pipeline.apply(str(plan), sending, reporting, self._settings, self._interface)

    @spelled_out(FetchKeywords)
    def read(
        self, list: ListName, *, format: str = "e164", since: str | None = None, **options: Unpack[FetchKeywords]
    ) -> pd.DataFrame:
        """A list as a DataFrame: columns `EXPORT_COLUMNS`, a row a number, sorted by number.

        Args:
            list: `stop` or `npai`.
            format: `e164`, `national`, `international` or `msisdn`.
            since: a run or an ISO date: only what came later, by the local snapshots.
            options: see `FetchKeywords`.

        Raises:
            RemoteError: the list cannot be read.
            SuspectList: it shrank too much to be trusted.
        """
        return self._exported((one_of("list", list, ListKind),), format, since, options).frame

    @spelled_out(FetchKeywords)
    def export(
        self,
        path: PathLike,
        *,
        list: ListName | Literal["both"] = "both",
        format: str | None = None,
        since: str | None = None,
        crm: str | None = None,
        dialect: Literal["rfc4180", "excel-fr"] | None = None,
        **options: Unpack[FetchKeywords],
    ) -> Exported:
        """Write the lists to a file (.csv .xlsx .json .parquet); one that is there is replaced.

        Args:
            path: the file.
            list: which list.
            format: as in `read`; default: what the CRM wants, else `e164`.
            since: as in `read`.
            crm: whose columns are written (the command line's `--for`).
            dialect: of CSV, for programs (`rfc4180`) or for a French Excel (`excel-fr`); default: the profile's, else
                `rfc4180`.
            options: see `FetchKeywords`.

        Raises:
            ConfigurationError: an argument is wrong; the text names it.
            PlaceRefused: the file cannot be written there.
            RemoteError: a list cannot be read.
        """
        lists = tuple(ListKind) if list == "both" else (one_of("list", list, ListKind),)
        layout = None if crm is None else reports.crm_columns(crm)
        target = Path(path)
        form = reports.export_format(str(path))
        chosen = self._dialect(dialect)
        reports.check_places([target], replace=True)
        exported = self._exported(lists, format or (layout.number_format if layout else "e164"), since, options)
        frame = reports.apply_crm(exported.frame, layout) if layout else exported.frame
        reports.export(target, frame, format=form, dialect=chosen)
        return exported

    @spelled_out(FetchKeywords)
    def changes(
        self,
        *,
        since: str | None = None,
        list: ListName | Literal["both"] = "both",
        format: str = "e164",
        offline: bool = False,
        **options: Unpack[FetchKeywords],
    ) -> Changes:
        """What came to the lists and left them since then, event by event; `run_id` of the answer is the next `since`.

        Args:
            since: a run or an ISO date; None: everything, from an empty list on.
            list: which list.
            format: as in `read`.
            offline: read nothing, compare the local snapshots.
            options: see `FetchKeywords`.

        Raises:
            ConfigurationError: an argument is wrong (the text names it), or no snapshot is as old as `since`.
            RemoteError: a list cannot be read.
            SuspectList: it shrank too much to be trusted.
        """
        return pipeline.changes(
            tuple(ListKind) if list == "both" else (one_of("list", list, ListKind),),
            self._settings,
            style=format,
            since=since,
            offline=offline,
            sending=sending_of(options, self._profile),
            interface=self._interface,
        )

    @spelled_out(AuditKeywords)
    def audit(
        self,
        *,
        faults: Iterable[Fault | str] = (),
        on: ListName | None = None,
        against: Input | None = None,
        **options: Unpack[AuditKeywords],
    ) -> Audit:
        """The lists' own faults; nothing is changed.

        Args:
            faults: those to look for; none means all, MISPLACED only with a reference.
            on: only entries of this list; default: both.
            against: an input that says which number belongs on which list.
            options: how the lists are read, and how `against` is; see `ReadKeywords`.

        Raises:
            ConfigurationError: an argument is wrong; the text names it.
            RemoteError: a list cannot be read.
        """
        if isinstance(faults, str) or not isinstance(faults, Iterable):
            raise wrong("faults", faults, _("a tuple of {words}").format(words=", ".join(Fault)))
        return pipeline.audit(
            self._settings,
            faults=tuple(one_of("faults", fault, Fault) for fault in faults),
            lists=tuple(ListKind) if on is None else (one_of("on", on, ListKind),),
            against=None if against is None else source_of(against, {"accept": "any", **options}, self._profile),
            sending=sending_of(options, self._profile),
            interface=self._interface,
        )

    @spelled_out(ScrubKeywords)
    def scrub(
        self,
        files: PathLike | Iterable[PathLike],
        *,
        list: ListName | Literal["both"] = "both",
        lists: PathLike | Iterable[PathLike] = (),
        **options: Unpack[ScrubKeywords],
    ) -> Scrubbed:
        """Write the files without the people on the lists; nothing is sent but reads.

        Args:
            files: a path, or several.
            list: whom to take out.
            lists: files that `export` wrote, instead of the account's lists.
            options: see `ScrubKeywords`, `FetchKeywords`.

        Raises:
            ConfigurationError: an argument is wrong; the text names it.
            InputError: a file or a list cannot be read, has no phone column, or what it means is in doubt.
            RemoteError: a list cannot be read.
            SuspectList: it shrank too much to be trusted.
        """
        return _scrubbed(files, list, lists, options, self._settings, self._interface)

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

    @spelled_out(FetchKeywords)
    def find(
        self,
        numbers: str | Iterable[str],
        *,
        offline: bool = False,
        region: str | None = None,
        output: PathLike | None = None,
        dossier: PathLike | None = None,
        lang: Literal["fr", "en"] = "fr",
        controller: str = "",
        contact: str = "",
        kept_for: str = "",
        **options: Unpack[FetchKeywords],
    ) -> Found:
        """All that is known of numbers: where they stand, and every event in order; nothing is changed.

        Args:
            numbers: one number or several, in any writing.
            offline: don't read the lists, but tell how they were last read.
            region: ISO code of the country of numbers written without one; default: the profile's, else `FR`.
            output: a file for the events (.csv .xlsx .json .parquet .html); one that is there is replaced.
            dossier: a page to print for the person whose number it is (.html); never overwritten.
            lang: of the dossier.
            controller: who answers for the data, as the dossier says; left to be filled in where not given.
            contact: where the person may write to; likewise.
            kept_for: how long the data is kept; likewise.
            options: see `FetchKeywords`.

        Raises:
            ConfigurationError: what was given is no number, or an argument is wrong.
            PlaceRefused: a file cannot be written there.
            RemoteError: a list cannot be read.
        """
        word("lang", lang, ("fr", "en"))
        form = None if output is None else reports.export_format(str(output), reports.FOUND_FORMATS)
        page = [] if dossier is None else [Path(dossier)]
        reports.check_places(page)
        reports.check_places([*page, *([] if output is None else [Path(output)])], replace=True)
        sending = sending_of(options, self._profile)
        found = pipeline.find(
            [numbers] if isinstance(numbers, str) else numbers,
            self._settings,
            region=region,
            offline=offline,
            sending=sending,
            interface=self._interface,
        )
        if page:
            told = {"language": lang, "controller": controller, "contact": contact, "kept_for": kept_for}
            reports.write_dossiers(page[0], found.numbers, **told)
        if output is not None and form is not None:
            about = {"notices": found.notices}
            target, chosen = Path(output), self._dialect(None)
            reports.export_found(target, found.numbers, found.frame, format=form, dialect=chosen, **about)
        return found

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

    def probe(self) -> AccountState:
        """Ask for the account's state: tries address, road and key, and changes nothing.

        Raises:
            AccessRefused: the key or the account is refused.
            WrongAddress: the base URL leads elsewhere than to the API.
            RemoteError: no documented answer arrived.
        """
        return pipeline.probe(self._settings, api_key(self._settings))

    @property
    def _profile(self) -> Profile:
        return self._settings.defaults

    def _dialect(self, given: str | None) -> str:
        dialect = given if given is not None else self._profile.dialect or "rfc4180"
        word("dialect", dialect, reports.DIALECTS)
        return dialect

    def _write(self, mode: Mode, numbers: Input, options: WriteKeywords) -> Result:
        return pipeline.write(
            mode,
            source_of(numbers, options, self._profile),
            sending_of(options, self._profile),
            reporting_of(options, self._profile),
            self._settings,
            self._interface,
        )

    def _exported(self, lists: tuple[ListKind, ...], style: str, since: str | None, options: Any) -> Exported:  # noqa: ANN401
        sending = sending_of(options, self._profile)
        return pipeline.export(
            lists, self._settings, style=style, since=since, sending=sending, interface=self._interface
        )


@spelled_out(CheckKeywords)
def check(numbers: Input, **options: Unpack[CheckKeywords]) -> Result:
    """Read, normalise and validate; no network, no key, no journal.

    Args:
        numbers: a path, paths, a DataFrame, a Series or an iterable of numbers.
        options: see `ReadKeywords`, and `report`.

    Raises:
        ConfigurationError: an argument is wrong; the text names it.
        InputError: a file cannot be read, has no phone column, or what it means is in doubt.
    """
    return pipeline.check(source_of(numbers, options, Profile()), reporting_of(options, Profile()), Logged())


@spelled_out(ScrubKeywords)
def scrub(
    files: PathLike | Iterable[PathLike],
    *,
    lists: PathLike | Iterable[PathLike],
    list: ListName | Literal["both"] = "both",
    **options: Unpack[ScrubKeywords],
) -> Scrubbed:
    """Write the files without the people on lists that `export` wrote; no network, no key, no journal.

    Args:
        files: a path, or several.
        lists: files with the lists.
        list: whom to take out.
        options: see `ScrubKeywords`.

    Raises:
        ConfigurationError: an argument is wrong; the text names it.
        InputError: a file or a list cannot be read, has no phone column, or what it means is in doubt.
    """
    return _scrubbed(files, list, lists, options, None, Logged())


def _scrubbed(
    files: Any,  # noqa: ANN401 - it is checked
    kind: Any,  # noqa: ANN401
    lists: Any,  # noqa: ANN401
    options: Any,  # noqa: ANN401
    settings: Settings | None,
    interface: Interface,
) -> Scrubbed:
    profile = Profile() if settings is None else settings.defaults
    several = [files] if isinstance(files, str | os.PathLike) else [*files]
    exports = [lists] if isinstance(lists, str | os.PathLike) else [*lists]
    named = [Path(one) if isinstance(one, str) and one != "-" else one for one in several]
    source = source_of(named, {"accept": "any", **options}, profile)
    return pipeline.scrub(
        source, scrubbing_of(kind, exports, options), settings, sending_of(options, profile), interface
    )
