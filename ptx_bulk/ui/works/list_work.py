"""Work on the lists and runs as they are: export, audit, resume, undo."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from ptx_bulk import pipeline, reports
from ptx_bulk.errors import SafetyRefusal
from ptx_bulk.i18n import Quantity, _, ngettext
from ptx_bulk.journal import new_run_id
from ptx_bulk.model import Action, ListKind, Status
from ptx_bulk.pipeline import Audit, Reporting, Result, Sending
from ptx_bulk.plan import Safeguards
from ptx_bulk.settings import Settings
from ptx_bulk.ui.works.page_interface import PageInterface
from ptx_bulk.ui.works.work import Phase, Work

if TYPE_CHECKING:
    import pandas as pd

    from ptx_bulk.errors import PtxError

ENDINGS = ("csv", "xlsx", "json", "parquet")


def _sending(settings: Settings, safeguards: Safeguards | None = None, *, dry_run: bool = False) -> Sending:
    profile = settings.defaults
    return Sending(
        yes=True,
        dry_run=dry_run,
        safeguards=safeguards or Safeguards(),
        concurrency=profile.concurrency,
        max_rate=profile.max_rate,
        timeout=profile.timeout,
    )


class ExportWork(Work):
    """The lists as a file."""

    kind = "export"

    def export(self, lists: tuple[ListKind, ...], style: str, dialect: str, ending: str) -> None:
        """Write them."""
        self.begin(lambda: self._export(lists, style, dialect, ending), _("Reading the remote lists"))

    def _export(self, lists: tuple[ListKind, ...], style: str, dialect: str, ending: str) -> Phase:
        exported = pipeline.export(
            lists, self.settings, style=style, sending=_sending(self.settings), interface=PageInterface(self)
        )
        name = "+".join(kind.value for kind in lists)
        path = self.folder / f"{name}.{time.strftime('%Y-%m-%d')}.{ending}"
        reports.export(path, exported.frame, format=reports.export_format(path.name), dialect=dialect)
        count = len(exported.frame)
        told = ngettext("{count:,} number is in the file.", "{count:,} numbers are in the file.", count)
        self.note(told.format(count=Quantity(count)))
        if exported.malformed:
            self.note(
                _("{count} entries of the lists are no numbers and are left out; the audit shows them.").format(
                    count=exported.malformed
                )
            )
        if exported.spelled_out:
            self.note(
                _(
                    "{count:,} numbers are written with + and country code: written otherwise, they would be read as "
                    "somebody else's."
                ).format(count=Quantity(exported.spelled_out))
            )
        self.offer((str(path),))
        return Phase.DONE


class AuditWork(Work):
    """The lists' own faults."""

    kind = "audit"

    def __init__(self, work_id: str, folder: Path, settings: Settings, title: str) -> None:
        super().__init__(work_id, folder, settings, title)
        self.audit: Audit | None = None

    def look(self) -> None:
        """Find them."""
        self.begin(self._look, _("Reading the remote lists"))

    def _look(self) -> Phase:
        self.audit = pipeline.audit(self.settings, sending=_sending(self.settings), interface=PageInterface(self))
        path = reports.free(self.folder / f"audit.{self.audit.run_id}.xlsx")
        reports.export(path, self.audit.frame, format="xlsx")
        self.offer((str(path),))
        return Phase.DONE

    def of_fault(self, fault: str) -> pd.DataFrame:
        """The lines with this fault."""
        assert self.audit is not None  # noqa: S101 - shown once it is done
        return self.audit.frame[(self.audit.frame["fault"] == fault).to_numpy()]


class RunWork(Work):
    """A run of before that is gone on with, or taken back."""

    kind = "run"

    def __init__(self, work_id: str, folder: Path, settings: Settings, title: str, run_id: str) -> None:
        super().__init__(work_id, folder, settings, title)
        self.run_id = run_id
        self.plan: Result | None = None
        self.refusal: PtxError | None = None
        self._interface = PageInterface(self)

    def resume(self) -> None:
        """Go on with it."""
        self.begin(self._resume, _("Reading the remote lists"))

    def _resume(self) -> Phase:
        # Without the profile's pace: that of the run itself comes before it. An old run is asked about.
        return self._ended(
            pipeline.resume(self.run_id, Sending(), Reporting(folder=self.folder), self.settings, self._interface)
        )

    def foresee_undo(self) -> None:
        """See what taking it back would change."""
        self.begin(self._foresee_undo, _("Reading the remote lists"))

    def _foresee_undo(self) -> Phase:
        self.plan = pipeline.undo(
            self.run_id, _sending(self.settings, dry_run=True), Reporting(folder=None), self.settings, self._interface
        )
        self.refusal = self.plan.refusal
        self.notices.clear()  # the page says itself that nothing was sent yet, and why it would be refused
        return Phase.PLANNED

    def send(self, safeguards: Safeguards) -> None:
        """Take it back."""
        self.begin(lambda: self._undo(safeguards), _("Reading the remote lists"))

    def _undo(self, safeguards: Safeguards) -> Phase:
        result = pipeline.undo(
            self.run_id,
            _sending(self.settings, safeguards),
            Reporting(folder=self.folder),
            self.settings,
            self._interface,
            own_id=new_run_id(),
        )
        if isinstance(result.error, SafetyRefusal):
            self.refusal = result.error
            return Phase.PLANNED
        return self._ended(result)

    def _ended(self, result: Result) -> Phase:
        self.result, self.error = result, result.error
        for notice in result.notices:
            self.note(notice)
        self.offer(result.summary.reports)
        return Phase.DONE

    def planned(self, action: Action) -> int:
        """How many changes of that action taking back makes."""
        if self.plan is None:
            return 0
        frame = self.plan.frame
        return int(((frame["status"] == Status.PLANNED.value) & (frame["action"] == action.value)).sum())
