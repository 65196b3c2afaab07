"""What a command tells while it works, and whom it asks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Protocol

from ptx_bulk.model import Outcome
from ptx_bulk.plan import Plan
from ptx_bulk.workbooks import Question

if TYPE_CHECKING:
    from ptx_bulk.applying import Progress


class Interface(Protocol):
    """What a command tells while it works, and the questions that it asks, only where it is `interactive`."""

    interactive: bool

    def notice(self, text: str) -> None:
        """Something the user should know."""

    def stage(self, text: str) -> AbstractContextManager[object]:
        """A part of the work that takes a while begins; leaving the context ends it."""

    def waiting(self, text: str) -> AbstractContextManager[Callable[[str], None]]:
        """A wait begins that may take a minute; what it gives is called with a new text when there is news."""

    def sending(self, total: int) -> AbstractContextManager[Progress]:
        """So many changes are about to be sent."""

    def ask(self, plan: Plan, estimate: str) -> bool:
        """Whether the user confirms the plan."""

    def confirm(self, question: str) -> bool:
        """Whether the user says yes to a question that is no plan."""

    def choose(self, question: Question) -> int | None:
        """The place of the candidate that the user chooses, None where nobody does."""

    def password(self, path: str) -> str | None:
        """The password of a protected workbook, None where nobody knows it."""


class _NoProgress:
    def advance(self, outcome: Outcome) -> None:
        """Nothing to show."""


class Quiet:
    """An interface that shows nothing and cannot ask: for programs and pipes."""

    interactive = False

    def notice(self, text: str) -> None:
        """Notices are in the result."""

    def stage(self, text: str) -> AbstractContextManager[object]:
        """Nothing to show."""
        return nullcontext()

    def waiting(self, text: str) -> AbstractContextManager[Callable[[str], None]]:
        """Told once, as a notice."""
        self.notice(text)
        return nullcontext(lambda _text: None)

    def sending(self, total: int) -> AbstractContextManager[Progress]:
        """Nothing to show."""
        return nullcontext(_NoProgress())

    def ask(self, plan: Plan, estimate: str) -> bool:
        """Nobody is there to say yes."""
        return False

    def confirm(self, question: str) -> bool:
        """Nobody is there to say yes."""
        return False

    def choose(self, question: Question) -> int | None:
        """Nobody is there to choose."""

    def password(self, path: str) -> str | None:
        """Nobody is there to know it."""
