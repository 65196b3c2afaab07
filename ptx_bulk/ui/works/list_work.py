"""The lists as files: an export of them, or of what came to them and left them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ptx_bulk import pipeline, reports
from ptx_bulk.i18n import Quantity, _, ngettext
from ptx_bulk.model import ListKind
from ptx_bulk.pipeline.steps.styles import spelled_out_notice
from ptx_bulk.ui.works.asking import sending_by
from ptx_bulk.ui.works.page_interface import PageInterface
from ptx_bulk.ui.works.work import Phase, Work

if TYPE_CHECKING:
    import pandas as pd

    from ptx_bulk.pipeline import Changes, Exported

ENDINGS = ("csv", "xlsx", "json", "parquet")


@dataclass(frozen=True, kw_only=True)
class FileKind:
    """What a file of the lists is to be like.

    Attributes:
        lists: whose numbers.
        style: how numbers are written; '' as the CRM wants them, else in E.164.
        dialect: of a CSV.
        ending: which kind of file.
        crm: whose columns, '' for all of ours.
        since: the run or date that it begins with, '' for none.
    """

    lists: tuple[ListKind, ...]
    style: str
    dialect: str
    ending: str
    crm: str = ""
    since: str = ""

    @property
    def layout(self) -> reports.CrmLayout | None:
        """The columns of the CRM, None for ours."""
        return reports.crm_columns(self.crm) if self.crm else None

    @property
    def number_style(self) -> str:
        """How numbers are written."""
        layout = self.layout
        return self.style or (layout.number_format if layout else "e164")


class ListFileWork(Work):
    """A file that is made of the lists."""

    kind = "export"

    def export(self, wanted: FileKind) -> None:
        """Write who is on the lists."""
        self.begin(lambda: self._export(wanted), _("Reading the remote lists"))

    def _export(self, wanted: FileKind) -> Phase:
        exported = pipeline.export(
            wanted.lists,
            self.settings,
            style=wanted.number_style,
            since=wanted.since or None,
            sending=sending_by(self.settings),
            interface=PageInterface(self),
        )
        layout = wanted.layout
        frame = exported.frame if layout is None else reports.apply_crm(exported.frame, layout)
        self._write("", wanted, frame)
        told = ngettext("{count:,} number is in the file.", "{count:,} numbers are in the file.", len(frame))
        self.note(told.format(count=Quantity(len(frame))))
        self._tell_what_differs(exported)
        return Phase.DONE

    def changes(self, wanted: FileKind, *, offline: bool) -> None:
        """Write what came to the lists and left them."""
        self.begin(lambda: self._changes(wanted, offline), _("Reading the remote lists"))

    def _changes(self, wanted: FileKind, offline: bool) -> Phase:
        found = pipeline.changes(
            wanted.lists,
            self.settings,
            style=wanted.number_style,
            since=wanted.since or None,
            offline=offline,
            sending=sending_by(self.settings),
            interface=PageInterface(self),
        )
        layout, left_out = wanted.layout, 0
        frame = found.frame
        if layout is not None:
            frame, left_out = reports.apply_crm_to_changes(found.final, layout)
        self._write("changes.", wanted, frame)
        self._tell_events(found)
        if left_out and layout is not None:
            self.note(
                _(
                    "{count:,} numbers left the lists, which the import of {crm} cannot take; they are not in the "
                    "file. Make the file once more without a CRM to see them."
                ).format(count=Quantity(left_out), crm=layout.title)
            )
        self._tell_what_differs(found)
        return Phase.DONE

    def _tell_events(self, found: Changes) -> None:
        for kind, counts in found.counts.items():
            self.note(
                _("{list}: {added:,} added, {removed:,} removed.").format(
                    list=kind.name, added=Quantity(counts.get("added", 0)), removed=Quantity(counts.get("removed", 0))
                )
            )
        self.note(
            _("Next time, begin with run {run_id}: nothing is missed and nothing comes twice.").format(
                run_id=found.run_id
            )
        )

    def _write(self, what: str, wanted: FileKind, frame: pd.DataFrame) -> None:
        name = "+".join(kind.value for kind in wanted.lists)
        path = reports.free(self.folder / f"{name}.{what}{time.strftime('%Y-%m-%d')}.{wanted.ending}")
        reports.export(path, frame, format=reports.export_format(path.name), dialect=wanted.dialect)
        self.offer((str(path),))

    def _tell_what_differs(self, found: Exported | Changes) -> None:
        if found.malformed:
            told = ngettext(
                "{count:,} entry of the lists is no number and is left out; the audit shows it.",
                "{count:,} entries of the lists are no numbers and are left out; the audit shows them.",
                found.malformed,
            )
            self.note(told.format(count=Quantity(found.malformed)))
        if found.spelled_out:
            self.note(spelled_out_notice(found.spelled_out))
