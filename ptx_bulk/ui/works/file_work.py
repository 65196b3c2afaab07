"""The way of files: uploaded, read, planned, sent, and their rejects mended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ptx_bulk import pipeline, workbooks
from ptx_bulk.errors import ColumnNotFound, InputError, PlanStale, PtxError, SafetyRefusal
from ptx_bulk.i18n import _
from ptx_bulk.journal import new_run_id
from ptx_bulk.model import Action, Mode, Status
from ptx_bulk.pipeline import Reporting, Result, Sending, Source
from ptx_bulk.plan import Safeguards
from ptx_bulk.settings import Settings
from ptx_bulk.ui.works.choices import Choices, Place
from ptx_bulk.ui.works.mending import Mending
from ptx_bulk.ui.works.page_interface import PageInterface
from ptx_bulk.ui.works.work import Phase, Work
from ptx_bulk.workbooks import ReadOptions, SheetPreview, SheetReading


class FileWork(Work):
    """Files on their way.

    Attributes:
        files: their paths, in the order in which they came.
        choices: what the person says of them.
        previews: the first rows of each sheet.
        readings: what each sheet that is read means.
        plan: what would happen, None before that is known.
        mending: the rejects, None where there are none.
        refusal: why the plan was not sent, None where nothing was refused.
    """

    kind = "file"

    def __init__(self, work_id: str, folder: Path, settings: Settings, choices: Choices | None = None) -> None:
        super().__init__(work_id, folder, settings, "")
        self.files: list[str] = []
        self.choices = choices or Choices()
        self.previews: dict[Place, SheetPreview] = {}
        self.readings: tuple[SheetReading, ...] = ()
        self.plan: Result | None = None
        self.mending: Mending | None = None
        self.refusal: PtxError | None = None
        self._interface = PageInterface(self)
        self._given: Source | None = None
        self._reading = ReadOptions()
        self._plans = 0
        self._plan_path = ""

    def add(self, path: Path) -> None:
        """One more file."""
        self.files.append(str(path))
        self.title = ", ".join(Path(file).name for file in self.files)

    def take(self, source: Source, title: str) -> None:
        """Files that are known already, and how they are to be read."""
        self.files, self.title, self._given = list(source.files), title, source
        self.choices.accept = source.accept

    def read(self) -> None:
        """See what the files mean."""
        self.notices.clear()
        self.begin(self._read, _("Reading the files"))

    def read_and_plan(self) -> None:
        """The same for files whose meaning is known, and at once what would happen."""
        self.notices.clear()
        self.begin(self._read_and_plan, _("Reading the files"))

    def _read_and_plan(self) -> Phase:
        return self._make_plan() if self._read() is Phase.READ and self.readings else Phase.READ

    def _read(self) -> Phase:
        wanted, alone = self._wanted(), len(self.previews) == 1
        self.previews.clear()
        self.readings, self.plan = (), None
        try:
            self._reading = self._settled(wanted, alone=alone)
        except ColumnNotFound as error:
            self.error = error
        except InputError:
            self._interface.forget()  # a wrong password is one of the reasons
            raise
        return Phase.READ

    def _wanted(self) -> list[Place]:
        """The sheets to read of those that were seen: the named ones, else those that were read or spoken of."""
        said = self.choices.sheets
        read = {(one.file, one.sheet) for one in self.readings} | set(self.choices.own)
        return [place for place in self.previews if (place[1] in said if said and place[1] else place in read)]

    def _settled(self, wanted: list[Place], *, alone: bool) -> ReadOptions:
        """How the files are to be read, by what is said of them."""
        profile, files = self.settings.defaults, tuple(self.files)
        if self._given is not None:
            return self._looked(files, self._given.reading)
        options = self.choices.options(profile)
        own = [place for place in wanted if place in self.choices.own]
        if not own:
            return self._looked(files, options)
        if alone:
            return self._looked(files, self.choices.of_sheet(own[0], profile))
        for place in wanted:
            self._looked((place[0],), self.choices.of_sheet(place, profile))
        return replace(options, settled=tuple(one.settled() for one in self.readings))

    def _looked(self, files: tuple[str, ...], options: ReadOptions) -> ReadOptions:
        """Read these files, and keep what they mean."""
        interface = self._interface
        with workbooks.read(files, options, interface.choose, interface.password, look=self._look) as reading:
            self.readings = (*self.readings, *reading.sheets)
            for notice in reading.notices:
                self.note(self.short(notice))
        return options

    def _look(self, previews: tuple[SheetPreview, ...]) -> None:
        self.previews.update({(one.file, one.sheet): one for one in previews})
        self.show(_("Finding out what the columns mean"))

    def make_plan(self) -> None:
        """See what would happen."""
        self.begin(self._make_plan, _("Making the plan"))

    def _make_plan(self) -> Phase:
        self._plans += 1
        self._interface.begin()
        self._plan_path = str(self.folder / f"plan-{self._plans}.json")
        source = Source(files=tuple(self.files), reading=self._reading, accept=self.choices.accept)
        self.plan = pipeline.diff(
            self.choices.mode,
            source,
            self._sending(Safeguards()),
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

    def _sending(self, safeguards: Safeguards) -> Sending:
        profile = self.settings.defaults
        return Sending(
            yes=True,
            safeguards=safeguards,
            concurrency=profile.concurrency,
            max_rate=profile.max_rate,
            timeout=profile.timeout,
        )

    def send(self, safeguards: Safeguards) -> None:
        """Carry the plan out exactly as it was shown."""
        self.begin(lambda: self._send(safeguards), _("Checking that nothing changed"))

    def _send(self, safeguards: Safeguards) -> Phase:
        self._interface.begin()
        try:
            result = pipeline.apply(
                self._plan_path,
                self._sending(safeguards),
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
        phase = self._make_plan()
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
            self.mending = Mending(result, self.choices.accept)

    @property
    def next_mode(self) -> Mode:
        """What mended rows are for: those of a file that stood for the whole list are added to it."""
        return Mode.REMOVE if self.choices.mode is Mode.REMOVE else Mode.IMPORT

    def planned(self, action: Action) -> int:
        """How many changes of that action the plan holds."""
        if self.plan is None:
            return 0
        frame = self.plan.frame
        return int(((frame["status"] == Status.PLANNED.value) & (frame["action"] == action.value)).sum())
