"""What a person sees: notices and progress on standard error, the summary or one JSON object on standard output."""

from __future__ import annotations

import logging
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ptx_bulk import eventlog, signals
from ptx_bulk.cli.showing.channel import channel
from ptx_bulk.cli.showing.output import account_words, command_line, echo, prompt, terminal, write_json
from ptx_bulk.cli.showing.progress import News, Noted, bar
from ptx_bulk.errors import ReportError
from ptx_bulk.i18n import Quantity, _, ngettext
from ptx_bulk.model import Action, Code, Status
from ptx_bulk.sentences import CODE_SENTENCES, STATUS_SENTENCES
from ptx_bulk.visible import visible

if TYPE_CHECKING:
    from rich.status import Status as Spinner

    from ptx_bulk.pipeline import Result
    from ptx_bulk.plan import Plan
    from ptx_bulk.workbooks import Candidate, Question


class Console:
    """The interface of commands on a terminal or in a pipe."""

    def __init__(self, *, quiet: bool = False, as_json: bool = False, verbose: bool = False) -> None:
        self._quiet = quiet
        self._as_json = as_json
        self._verbose = verbose
        self._live = not quiet and sys.stderr.isatty()
        self._told: set[str] = set()
        self._spinner: Spinner | None = None
        self._channel = channel()
        self._present = sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
        self.interactive = self._channel.asks if self._channel else self._present

    @classmethod
    def current(cls) -> Console:
        """The console that the global options of the command under way ask for."""
        state = click.get_current_context().find_root().obj
        return cls(
            quiet=bool(state.get("quiet")), as_json=bool(state.get("as_json")), verbose=bool(state.get("verbose"))
        )

    def notice(self, text: str) -> None:
        """A sentence on standard error, once."""
        if text not in self._told:
            eventlog.note("notice", text=text)
        if not self._quiet and text not in self._told:
            echo(text, err=True)
        self._told.add(text)

    @contextmanager
    def stage(self, text: str) -> Iterator[object]:
        """A spinner while the work goes on, at rest during questions; nothing where nobody watches."""
        began = time.monotonic()
        eventlog.note("stage", text=text)
        with self._spinning(text) as spinner:
            yield spinner
        eventlog.note("stage done", text=text, seconds=round(time.monotonic() - began, 3))

    @contextmanager
    def _spinning(self, text: str) -> Iterator[object]:
        if not self._live:
            yield None
            return
        from rich.console import Console as Rich

        with Rich(file=terminal()).status(visible(text)) as spinner:
            self._spinner = spinner
            try:
                yield spinner
            finally:
                self._spinner = None

    @contextmanager
    def _at_rest(self) -> Iterator[None]:
        """The spinner, if there is one, stands still, so that it does not draw over a question."""
        if self._spinner is None:
            yield
            return
        self._spinner.stop()
        try:
            yield
        finally:
            self._spinner.start()

    @contextmanager
    def waiting(self, text: str) -> Iterator[Callable[[str], None]]:
        """A spinner that tells how much is missing; one sentence where nobody watches."""
        if not self._live:
            self.notice(text)
            yield lambda _text: None
            return
        from rich.console import Console as Rich

        with Rich(file=terminal()).status(visible(text)) as status:
            yield lambda news: status.update(visible(news))

    def sending(self, total: int) -> AbstractContextManager[Any]:
        """A progress bar with rate and time left; nothing where nobody watches."""
        # From here on the run is in the journal, heeds stops itself and comes to a result.
        click.get_current_context().find_root().obj["sending"] = True
        signals.finish()
        eventlog.note("sending", total=total)
        if self._channel:
            return nullcontext(News(self._channel, total))
        if not self._live or not total:
            return nullcontext(Noted(total))
        return bar(total)

    def ask(self, plan: Plan, estimate: str) -> bool:
        """Show the plan, with the numbers that nobody here put on STOP, and ask."""
        lines = [*_plan_lines(plan), estimate]
        if self._channel:
            answer = self._channel.ask(plan=lines)
        else:
            for line in lines:
                echo(line, err=True)
            answer = yes(_("Go ahead?"))
        eventlog.note("asked", about="plan", answer=answer)
        return answer

    def confirm(self, question: str) -> bool:
        """Ask a question that is no plan."""
        answer = self._channel.ask(plan=[question]) if self._channel else yes(question)
        eventlog.note("asked", about=question, answer=answer)
        return answer

    def choose(self, question: Question) -> int | None:
        """Ask with a numbered list of the answers and the first values of each; None where nobody is there."""
        if not self._present:
            return None
        with self._at_rest():
            return self._chosen(question)

    def password(self, path: str) -> str | None:
        """Ask for the password of a protected workbook; None where nobody is there, or nothing is typed."""
        if not self._present:
            return None
        with self._at_rest():
            question = _("Password of {file}").format(file=path)
            return prompt(question, hide_input=True, default="", show_default=False) or None

    def _chosen(self, question: Question) -> int | None:
        where = _("{file}, sheet '{sheet}'") if question.sheet else "{file}"
        file = where.format(file=question.file, sheet=question.sheet)
        echo(_("{file}: {problem}").format(file=file, problem=question.text), err=True)
        for place, candidate in enumerate(question.candidates, start=1):
            echo(f"  {place:>2}  {candidate_line(candidate)}", err=True)
        none = len(question.candidates) + 1
        echo(f"  {none:>2}  " + _("none of these: stop here"), err=True)
        answer = prompt(_("Your choice"), type=click.IntRange(1, none))
        return None if answer == none else int(answer) - 1

    def show(self, result: Result) -> int:
        """Print what a command came to and return its exit code."""
        signals.finish()
        for notice in result.notices:
            self.notice(notice)
        if not self.show_json(result.summary.as_json()) and not self._quiet:
            for line in summary_lines(result):
                echo(line)
            if self._verbose:
                echo(
                    _("It took {seconds:.1f} s with ptx-bulk {version} and phonenumbers {metadata}.").format(
                        seconds=result.summary.elapsed_s,
                        version=result.summary.version,
                        metadata=result.summary.metadata_version,
                    )
                )
        if self._channel:
            self._tell(result)
            return result.exit_code
        if result.rejects and not self._quiet and result.mendable:
            echo(_mending_line(result), err=self._as_json)
        if result.error is not None:
            eventlog.note("error", level=logging.ERROR, kind=type(result.error).__name__, text=str(result.error))
            echo(_("Error: {error}").format(error=result.error), err=True)
        return result.exit_code

    def _tell(self, result: Result) -> None:
        """What the process of all accounts shows of this one's result."""
        if self._channel and self._channel.lines:
            from ptx_bulk.reports import write_report

            with suppress(ReportError):  # the account's own report is written already
                write_report(Path(self._channel.lines), result.frame, result.summary)
        if self._channel and result.error is not None:
            self._channel.tell(error=str(result.error), code=result.exit_code)

    def show_json(self, value: dict[str, Any]) -> bool:
        """Print the object if `--json` asks for it; tells whether it did."""
        signals.finish()
        state = click.get_current_context().find_root().obj
        if state.get("profile"):
            value = {**value, "profile": state["profile"]}
        if self._channel:
            self._channel.tell(summary=value)
        state["summary"] = value  # for the exit hook of a job, which gets it in any case
        if self._as_json:
            state["printed"] = True
            write_json(value)
        return self._as_json


def _mending_line(result: Result) -> str:
    """What to do with the rows that were not taken, ready to paste."""
    state = click.get_current_context().find_root().obj
    words = ["ptx-bulk", *account_words(state), _again(result), *result.rejects]
    return _("To mend: {files}, then: {command}").format(files=", ".join(result.rejects), command=command_line(words))


def _again(result: Result) -> str:
    """The command for the mended rows; those of a file that stood for the whole list are added to it."""
    command = result.summary.command
    if command in ("check", "import", "remove"):
        return command
    return "remove" if command != "sync" and (result.frame["action"] == Action.REMOVE.value).any() else "import"


_WIDTH = 80  # of the summary, in columns
_ANSWERS = {"y": True, "yes": True, "o": True, "oui": True, "n": False, "no": False, "non": False}


def yes(question: str) -> bool:
    """Whether the answer is a yes, in either language; no answer is a no."""
    while True:
        answer = prompt(question + _(" [y/N]"), default="n", show_default=False)
        if answer.strip().casefold() in _ANSWERS:
            return _ANSWERS[answer.strip().casefold()]
        echo(_("Please answer yes or no."), err=True)


def candidate_line(candidate: Candidate) -> str:
    """An answer in one line: its column, its first values, and the option that says it."""
    name = f"{candidate.letters}  {candidate.label}" if candidate.values else candidate.label
    values = ": " + ", ".join(candidate.values) if candidate.values else ""
    return f"{name}{values}  ({candidate.option})"


def summary_lines(result: Result) -> list[str]:
    """The summary for people."""
    summary = result.summary
    told = ngettext(
        "Run {run_id} ({command}): {rows:,} row, {blank:,} blank.",
        "Run {run_id} ({command}): {rows:,} rows, {blank:,} blank.",
        summary.rows,
    )
    rows, blank = Quantity(summary.rows), Quantity(summary.blank)
    lines = [told.format(run_id=summary.run_id, command=summary.command, rows=rows, blank=blank)]
    if summary.excluded:
        lines.append(
            ngettext(
                "{excluded:,} row was left out by --where.",
                "{excluded:,} rows were left out by --where.",
                summary.excluded,
            ).format(excluded=Quantity(summary.excluded))
        )
    for status, n in summary.counts.items():
        lines += _explained(n, f"{status:<13}", _(STATUS_SENTENCES[Status(status)]))
    if summary.codes:
        lines.append(_("Reasons:"))
        by_number = sorted(summary.codes.items(), key=lambda item: -item[1])
        for code, n in by_number:
            lines += _explained(n, f"{code:<22}", _(CODE_SENTENCES[Code(code)]))
    if summary.before is not None:
        after = "" if summary.after is None else _(", now {after:,}").format(after=Quantity(summary.after))
        lines.append(
            ngettext(
                "The list held {before:,} number{after}.", "The list held {before:,} numbers{after}.", summary.before
            ).format(before=Quantity(summary.before), after=after)
        )
    lines.extend(_("Report: {path}").format(path=path) for path in summary.reports)
    return lines


def _explained(count: int, name: str, meaning: str) -> list[str]:
    """A count with its name and what that means, in lines that fit a terminal of the usual width."""
    start = f"  {Quantity(count):>9,}  {name}  "
    return textwrap.wrap(
        meaning,
        _WIDTH,
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _plan_lines(plan: Plan) -> Iterator[str]:
    """What a plan does, and by name the numbers that nobody here put on STOP."""
    from ptx_bulk.plan import named_removals

    for kind in plan.lists:
        for action in (Action.ADD, Action.REMOVE):
            if n := plan.count(action, kind):
                size = Quantity(plan.before[kind])
                yield _plan_line(action, n).format(count=Quantity(n), list=kind.name, size=size)
    yield from named_removals(plan.removals)


def _plan_line(action: Action, count: int) -> str:
    if action is Action.ADD:
        return ngettext(
            "{count:,} number will be added to the {list} list, which holds {size:,}.",
            "{count:,} numbers will be added to the {list} list, which holds {size:,}.",
            count,
        )
    return ngettext(
        "{count:,} number will be REMOVED from the {list} list, which holds {size:,}.",
        "{count:,} numbers will be REMOVED from the {list} list, which holds {size:,}.",
        count,
    )
