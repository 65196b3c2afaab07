"""What is seen while several accounts are at work: a bar each on a terminal, a line at each end elsewhere."""

from __future__ import annotations

import sys
from typing import Any

from ptx_bulk.cli.showing.exit_codes import meaning
from ptx_bulk.cli.showing.output import echo, terminal
from ptx_bulk.i18n import _
from ptx_bulk.visible import visible

_FEW = 8  # names in a sentence


class Watch:
    """Shows what happens to accounts on standard error; what several say in the same words is said once."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._said: dict[str, list[str]] = {}
        self._bars = _Bars() if not quiet and sys.stderr.isatty() else None

    def begun(self, name: str) -> None:
        """An account is at work."""
        if self._bars:
            self._bars.begun(name)

    def progress(self, name: str, done: int, total: int) -> None:
        """So many changes of an account are sent."""
        if self._bars:
            self._bars.progress(name, done, total)

    def said(self, name: str, text: str) -> None:
        """An account says something."""
        names = self._said.setdefault(text, [])
        names.append(name)
        if len(names) == 1:
            self._tell(f"{name}: {text}")

    def ended(self, name: str, code: int, count: int, of: int) -> None:
        """An account has come to its end."""
        if self._bars:
            self._bars.ended(name)
        if not self._quiet:
            self._tell(
                _("{name}: exit code {code}, {meaning} ({count} of {of})").format(
                    name=name, code=code, meaning=meaning(code), count=count, of=of
                )
            )

    def rest(self) -> None:
        """Stand still, since a question comes."""
        if self._bars:
            self._bars.stop()

    def close(self) -> None:
        """Nothing more happens; tell whose words were left out."""
        self.rest()
        for text, names in self._said.items():
            others = names[1:]
            if not others:
                continue
            shown = ", ".join(others[:_FEW])
            if len(others) > _FEW:
                shown = _("{names} and {count} more").format(names=shown, count=len(others) - _FEW)
            self._tell(_("{names}: the same: {text}").format(names=shown, text=text))

    def _tell(self, line: str) -> None:
        if self._bars:
            self._bars.say(line)
        else:
            echo(line, err=True)


class _Bars:
    """A bar for each account at work, on a terminal."""

    def __init__(self) -> None:
        from rich.console import Console as Rich
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
        self._progress = Progress(*columns, console=Rich(file=terminal()), transient=True)
        self._tasks: dict[str, Any] = {}

    def begun(self, name: str) -> None:
        self._progress.start()
        self._tasks[name] = self._progress.add_task(visible(name), total=None)

    def progress(self, name: str, done: int, total: int) -> None:
        self._progress.start()
        self._progress.update(self._tasks[name], completed=done, total=total)

    def ended(self, name: str) -> None:
        if name in self._tasks:
            self._progress.remove_task(self._tasks.pop(name))

    def say(self, line: str) -> None:
        self._progress.console.print(visible(line), markup=False, highlight=False, soft_wrap=True)

    def stop(self) -> None:
        self._progress.stop()
