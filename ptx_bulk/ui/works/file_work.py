"""The way of files to a list: read, planned, sent, and their rejects mended."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ptx_bulk import pipeline
from ptx_bulk.errors import PlanStale, PtxError, SafetyRefusal
from ptx_bulk.i18n import _
from ptx_bulk.journal import new_run_id
from ptx_bulk.model import Action, Mode, Status
from ptx_bulk.pipeline import Reporting, Result
from ptx_bulk.plan import Safeguards
from ptx_bulk.settings import Settings
from ptx_bulk.ui.works.asking import sending_by
from ptx_bulk.ui.works.choices import Choices
from ptx_bulk.ui.works.mending import Mending
from ptx_bulk.ui.works.reading_work import ReadingWork
from ptx_bulk.ui.works.work import Phase


class FileWork(ReadingWork):
    """Files on their way to a list.

    Attributes:
        plan: what would happen, None before that is known.
        mending: the rejects, None where there are none.
        refusal: why the plan was not sent, None where nothing was refused.
    """

    kind = "file"

    def __init__(self, work_id: str, folder: Path, settings: Settings, choices: Choices | None = None) -> None:
        super().__init__(work_id, folder, settings, choices)
        self.plan: Result | None = None
        self.mending: Mending | None = None
        self.refusal: PtxError | None = None
        self._plans = 0
        self._plan_path = ""

    def _begin_reading(self) -> None:
        self.plan = None

    def go(self) -> None:
        """See what would happen."""
        self.begin(self._go, _("Making the plan"))

    def _go(self) -> Phase:
        self._plans += 1
        self._interface.begin()
        self._plan_path = str(self.folder / f"plan-{self._plans}.json")
        self.plan = pipeline.diff(
            self.choices.mode,
            self.source,
            sending_by(self.settings),
            Reporting(folder=None),
            self.settings,
            self._interface,
            plan_path=self._plan_path,
        )
        self.refusal = self.plan.refusal
        self._retell(self.plan.notices[:-1])  # the last says that this is a dry run
        return Phase.PLANNED

    def _retell(self, notices: Sequence[str]) -> None:
        """Tell these, without what was confirmed before, and what is told beside them."""
        refused = str(self.refusal or "\n")
        self.notices[:] = [self.short(one) for one in self._interface.fresh(notices) if refused not in one]

    def send(self, safeguards: Safeguards) -> None:
        """Carry the plan out exactly as it was shown."""
        self.begin(lambda: self._send(safeguards), _("Checking that nothing changed"))

    def _send(self, safeguards: Safeguards) -> Phase:
        self._interface.begin()
        try:
            result = pipeline.apply(
                self._plan_path,
                sending_by(self.settings, safeguards),
                Reporting(folder=self.folder),
                self.settings,
                self._interface,
                run_id=new_run_id(),
            )
        except PlanStale as stale:
            return self._anew(stale)
        if isinstance(result.error, PlanStale):
            return self._anew(result.error)
        if isinstance(result.error, SafetyRefusal):
            self.refusal = result.error
            return Phase.PLANNED
        self._keep(result)
        return Phase.DONE

    def _anew(self, stale: PlanStale) -> Phase:
        """Show the plan as it is now: what is sent is what was seen."""
        phase = self._go()
        self.note(str(stale))
        self.note(_("This is the new plan; nothing of the old one was sent."))
        return phase

    def _keep(self, result: Result) -> None:
        self.result, self.error, self.refusal = result, result.error, None
        self._retell(result.notices)
        self.offer(result.summary.reports)
        self._interface.forget()
        if result.mendable and result.rejects:
            self.show(_("Looking for what can be mended"))
            accept, rejects = self.choices.accept, result.rejects
            self.mending = Mending(
                pipeline.wrong_cells(result, accept),
                lambda mending, folder: pipeline.mend(rejects, mending.texts, folder, accept, lists=mending.lists),
            )

    def following(self, work_id: str, folder: Path) -> FileWork:
        """The next one, of the mended rows: those of a file that stood for the whole list are added to it."""
        mode = Mode.REMOVE if self.choices.mode is Mode.REMOVE else Mode.IMPORT
        return FileWork(work_id, folder, self.settings, Choices(mode=mode, accept=self.choices.accept))

    def planned(self, action: Action) -> int:
        """How many changes of that action the plan holds."""
        if self.plan is None:
            return 0
        frame = self.plan.frame
        return int(((frame["status"] == Status.PLANNED.value) & (frame["action"] == action.value)).sum())
