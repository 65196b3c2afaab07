"""The methods that look at the lists."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, Unpack

import pandas as pd

from ptx_bulk import pipeline, reports
from ptx_bulk.arguments import one_of, word, wrong
from ptx_bulk.i18n import _
from ptx_bulk.library.account_settings import AccountSettings
from ptx_bulk.library.inputs import Input
from ptx_bulk.library.keywords import AuditKeywords, FetchKeywords, ListName, PathLike, ScrubKeywords, spelled_out
from ptx_bulk.library.requests_from_keywords import sending_of, source_of
from ptx_bulk.library.without_account import scrubbed
from ptx_bulk.model import ListKind
from ptx_bulk.pipeline import Audit, Changes, Exported, Fault, Found, Scrubbed


class ListMethods(AccountSettings):
    """What a connection does with the lists as they are."""

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
        return scrubbed(files, list, lists, options, self._settings, self._interface)

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

    def _exported(self, lists: tuple[ListKind, ...], style: str, since: str | None, options: Any) -> Exported:  # noqa: ANN401
        sending = sending_of(options, self._profile)
        return pipeline.export(
            lists, self._settings, style=style, since=since, sending=sending, interface=self._interface
        )
