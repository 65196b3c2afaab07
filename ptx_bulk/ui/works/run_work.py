"""A run of before that is gone on with, or taken back."""

from __future__ import annotations

from pathlib import Path

from ptx_bulk import pipeline
from ptx_bulk.errors import PtxError, SafetyRefusal
from ptx_bulk.i18n import _
from ptx_bulk.journal import new_run_id
from ptx_bulk.model import Action, Status
from ptx_bulk.pipeline import Reporting, Result, Sending
from ptx_bulk.plan import Safeguards
from ptx_bulk.settings import Settings
from ptx_bulk.ui.works.asking import sending_by
from ptx_bulk.ui.works.page_interface import PageInterface
from ptx_bulk.ui.works.work import Phase, Work


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
            self.run_id, sending_by(self.settings, dry_run=True), Reporting(folder=None), self.settings, self._interface
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
            sending_by(self.settings, safeguards),
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
