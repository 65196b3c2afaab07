"""One piece of work: what it does at the moment, what it asks, what came of it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ptx_bulk.errors import PtxError, RunInProgress
from ptx_bulk.i18n import _
from ptx_bulk.pipeline.steps.sending.interrupts import handed
from ptx_bulk.ui.works.progress import Progress

if TYPE_CHECKING:
    from ptx_bulk.pipeline import Result
    from ptx_bulk.pipeline.steps.sending.interrupts import Stoppable
    from ptx_bulk.settings import Settings
    from ptx_bulk.workbooks import Question


class Phase(StrEnum):
    """What a piece of work waits for."""

    NEW = "new"  # for more files
    BUSY = "busy"  # for itself
    ASKING = "asking"  # for an answer
    READ = "read"  # for what the file means to be confirmed
    PLANNED = "planned"  # for the plan to be confirmed
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What only the person can answer, while the thread waits.

    Attributes:
        kind: `choose`, `confirm` or `password`.
        text: the question.
        question: with its candidates, where it is about a file's meaning.
    """

    kind: str
    text: str
    question: Question | None = None


class Work:
    """A piece of work; whatever changes it, does so by its methods, which any thread may call.

    Attributes:
        work_id: what it is known by.
        folder: its files: what was uploaded, plans, reports.
        title: what it is, for people.
        phase, stage: what it waits for, and what it does while it is busy.
        version: changes whenever something else is to be shown.
        notices: what the user should know, in order.
        progress: of the sending, None while nothing is sent.
        error: what ended the last step early.
        result: of a command that judged or changed numbers.
        downloads: the files that it made, by name.
        view: what is shown of it, for one version and language; kept, since it may take a moment to count.
    """

    kind = ""

    def __init__(self, work_id: str, folder: Path, settings: Settings, title: str) -> None:
        self.work_id, self.folder, self.settings, self.title = work_id, folder, settings, title
        self.started = time.time()
        self.phase, self.stage = Phase.NEW, ""
        self.version = 0
        self.notices: list[str] = []
        self.progress: Progress | None = None
        self.error: PtxError | None = None
        self.result: Result | None = None
        self.downloads: dict[str, Path] = {}
        self.asked: Asked | None = None
        self.sending = False
        self.gave_up = False
        self.view: tuple[tuple[int, str], dict[str, Any]] | None = None
        self._answer: Any = None
        self._turn = threading.Condition()
        self._stop: Stoppable | None = None
        self._thread: threading.Thread | None = None

    @property
    def face(self) -> str:
        """Which page is shown of it while it is busy: whether it sends, and is being stopped, are others."""
        return f"{self.phase.value}{'-sending' if self.sending else ''}{'-stopping' if self.gave_up else ''}"

    @property
    def account(self) -> str:
        """Whose lists it is about, for people."""
        return account_label(self.settings)

    @property
    def busy(self) -> bool:
        """Whether its thread is at work, or waits for an answer."""
        return self.phase in (Phase.BUSY, Phase.ASKING)

    def begin(self, step: Callable[[], Phase], stage: str = "") -> None:
        """Do a step in a thread; what it returns is the phase that follows.

        Raises:
            RunInProgress: another step is not done yet, for instance one that a second tab has begun.
        """
        with self._turn:
            if self.busy:
                raise RunInProgress(_("This is being done already; look at what it says, or stop it."))
            self.phase, self.stage, self.error, self.gave_up = Phase.BUSY, stage, None, False
            self.version += 1
        self._thread = threading.Thread(target=self._run, args=(step,), name=f"work {self.work_id}", daemon=True)
        self._thread.start()

    def _run(self, step: Callable[[], Phase]) -> None:
        try:
            with handed(self._take_stop):
                phase = step()
        except PtxError as error:
            self._settle(Phase.FAILED, error)
        except Exception as error:
            self._settle(Phase.FAILED, _unforeseen(error))
        else:
            self._settle(phase, self.error)

    def _settle(self, phase: Phase, error: PtxError | None) -> None:
        with self._turn:
            self.phase, self.error, self.stage, self.asked, self.sending = phase, error, "", None, False
            self._stop = None
            self.version += 1
            self._turn.notify_all()

    def _take_stop(self, stop: Stoppable) -> None:
        with self._turn:
            self._stop, self.sending = stop, True
            self.version += 1
            if self.gave_up:
                stop.interrupt()

    def stop(self) -> None:
        """Ask it to stop: a question is left unanswered, a sending ends cleanly, a second call gives up waiting."""
        with self._turn:
            self.gave_up = True
            if self._stop is not None:
                self._stop.interrupt()
            if self.asked is not None:
                self._answered(None)
            self.version += 1

    def join(self, seconds: float) -> bool:
        """Wait for its thread; whether it has ended."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self._thread is None or not self._thread.is_alive()

    def note(self, text: str) -> None:
        """Something the user should know; each sentence once."""
        with self._turn:
            if text not in self.notices:
                self.notices.append(text)
                self.version += 1

    def show(self, stage: str) -> None:
        """What it does now."""
        with self._turn:
            self.stage = stage
            self.version += 1

    def show_progress(self, progress: Progress | None) -> None:
        """Changes are about to be sent, or are all sent."""
        with self._turn:
            self.progress = progress
            self.version += 1

    def ask(self, asked: Asked) -> Any:  # noqa: ANN401 - what the question is about
        """Wait for the person's answer, None where it is not to be had; called by the work's own thread."""
        with self._turn:
            if self.gave_up:
                return None
            self.phase, self.asked, self._answer = Phase.ASKING, asked, None
            self.version += 1
            while self.asked is asked:
                self._turn.wait()
            return self._answer

    def answer(self, version: int, value: Any) -> bool:  # noqa: ANN401 - what the question is about
        """Answer what is asked; False where it is not asked any more (another tab was first)."""
        with self._turn:
            if self.asked is None or version != self.version:
                return False
            self._answered(value)
            return True

    def _answered(self, value: Any) -> None:  # noqa: ANN401 - what the question is about
        self._answer, self.asked, self.phase = value, None, Phase.BUSY
        self.version += 1
        self._turn.notify_all()

    def offer(self, paths: list[str] | tuple[str, ...]) -> None:
        """Files that may be downloaded."""
        self.downloads.update({Path(path).name: Path(path) for path in paths})

    def short(self, text: str) -> str:
        """A text with the folder left out of the names of files that were dropped here, now or before."""
        return bare(text, self.folder.parent)


def bare(text: str, works: Path) -> str:
    """A text with the folders of pieces of work, which tell nobody anything, left out of the names in it."""
    return re.sub(re.escape(str(works)) + r"[/\\]\d{8}-\d{6}-[0-9a-f]{8}[/\\]", "", text)


def _unforeseen(error: Exception) -> PtxError:
    return PtxError(
        _(
            "Unexpected error ({kind}); what was sent before is recorded. Look under The runs, "
            "and report the error with what you did."
        ).format(kind=type(error).__name__)
    )


def account_label(settings: Settings) -> str:
    """An account as people call it: its profile, else where it is reached."""
    name = settings.profile or ("" if settings.sandbox else urlsplit(settings.base_url).netloc)
    if not settings.sandbox:
        return name or settings.base_url
    return _("sandbox of {name}").format(name=name) if name else _("sandbox")
