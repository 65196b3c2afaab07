"""The interface of commands whose user looks at a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from ptx_bulk.i18n import _
from ptx_bulk.plan import Plan
from ptx_bulk.ui.works.progress import Progress
from ptx_bulk.ui.works.work import Asked, Work
from ptx_bulk.workbooks import Question


class PageInterface:
    """Tells a piece of work what a command tells, and waits where it asks.

    Answers are remembered: a file is read several times on its way, and nobody answers twice.
    """

    interactive = True

    def __init__(self, work: Work) -> None:
        self._work = work
        self._choices: dict[tuple[str, str, str, str], str] = {}
        self._passwords: dict[str, str] = {}
        self._told: list[str] = []
        self._of_reading: set[str] = set()

    def forget(self) -> None:
        """Forget the passwords: they are kept no longer than the work that needs them."""
        self._passwords.clear()

    def forget_choices(self) -> None:
        """Ask anew, since something else is said of the file."""
        self._choices.clear()

    def notice(self, text: str) -> None:
        """Shown as long as the work is."""
        self._told.append(text)
        self._work.note(self._work.short(text))

    def begin(self) -> None:
        """A step begins: nothing of it is told yet."""
        self._told.clear()
        self._of_reading.clear()

    def fresh(self, notices: Iterable[str]) -> list[str]:
        """Those that do not speak of the reading of the files, which was looked at and confirmed before."""
        return [text for text in notices if text not in self._of_reading]

    @contextmanager
    def stage(self, text: str) -> Iterator[None]:
        """What the work does now; what was told before the last stage began is of the reading."""
        self._of_reading.update(self._told)
        self._work.show(text)
        yield

    @contextmanager
    def waiting(self, text: str) -> Iterator[Callable[[str], None]]:
        """The same, with news."""
        self._work.show(text)
        yield self._work.show

    @contextmanager
    def sending(self, total: int) -> Iterator[Progress]:
        """Changes are being sent."""
        self._work.show(_("Sending"))
        progress = Progress(total)
        self._work.show_progress(progress)
        yield progress
        self._work.show(_("Reading the list again, to be sure"))

    def ask(self, plan: Plan, estimate: str) -> bool:  # noqa: ARG002 - the plan was confirmed on its page
        """Plans are confirmed before the command that sends is called."""
        return False

    def confirm(self, question: str) -> bool:
        """A question that is no plan."""
        return bool(self._work.ask(Asked(kind="confirm", text=question)))

    def choose(self, question: Question) -> int | None:
        """What a file means; the same question gets the same answer."""
        key = (question.file, question.sheet, question.about.value, question.text)
        options = list(question.options)
        if (known := self._choices.get(key)) in options:
            return options.index(known)
        place = self._work.ask(Asked(kind="choose", text=question.text, question=question))
        if place is None:
            return None
        self._choices[key] = options[place]
        return int(place)

    def password(self, path: str) -> str | None:
        """The password of a protected workbook."""
        if path not in self._passwords:
            given = self._work.ask(Asked(kind="password", text=self._work.short(path)))
            if not given:
                return None
            self._passwords[path] = given
        return self._passwords[path]
