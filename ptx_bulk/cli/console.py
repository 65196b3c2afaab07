"""What a person sees: notices and progress on standard error, the summary or one JSON object on standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import click

from ptx_bulk import signals
from ptx_bulk.cli.output import echo, terminal, write_json
from ptx_bulk.i18n import Quantity, _
from ptx_bulk.model import CODE_SENTENCES, Action, Code, Outcome
from ptx_bulk.visible import visible

if TYPE_CHECKING:
    from ptx_bulk.pipeline import Result
    from ptx_bulk.plan import Plan


class Console:
    """The interface of commands on a terminal or in a pipe."""

    def __init__(self, *, quiet: bool = False, as_json: bool = False, verbose: bool = False) -> None:
        self._quiet = quiet
        self._as_json = as_json
        self._verbose = verbose
        self._live = not quiet and sys.stderr.isatty()
        self._told: set[str] = set()
        self.interactive = sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()

    @classmethod
    def current(cls) -> Console:
        """The console that the global options of the command under way ask for."""
        state = click.get_current_context().find_root().obj
        return cls(
            quiet=bool(state.get("quiet")), as_json=bool(state.get("as_json")), verbose=bool(state.get("verbose"))
        )

    def notice(self, text: str) -> None:
        """A sentence on standard error, once."""
        if not self._quiet and text not in self._told:
            echo(text, err=True)
        self._told.add(text)

    def stage(self, text: str) -> AbstractContextManager[object]:
        """A spinner while the work goes on; nothing where nobody watches."""
        if not self._live:
            return nullcontext()
        from rich.console import Console as Rich

        return Rich(file=terminal()).status(visible(text))

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
        if not self._live or not total:
            return nullcontext(_Nothing())
        return _bar(total)

    def ask(self, plan: Plan, estimate: str) -> bool:
        """Show the plan and ask."""
        for kind in plan.lists:
            for action in (Action.ADD, Action.REMOVE):
                if n := plan.count(action, kind):
                    echo(
                        _plan_line(action).format(count=Quantity(n), list=kind.name, size=Quantity(plan.before[kind])),
                        err=True,
                    )
        echo(estimate, err=True)
        return click.confirm(_("Go ahead?"), default=False, err=True)

    def confirm(self, question: str) -> bool:
        """Ask a question that is no plan."""
        return click.confirm(visible(question), default=False, err=True)

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
        if result.error is not None:
            echo(_("Error: {error}").format(error=result.error), err=True)
        return result.exit_code

    def show_json(self, value: dict[str, Any]) -> bool:
        """Print the object if `--json` asks for it; tells whether it did."""
        signals.finish()
        state = click.get_current_context().find_root().obj
        state["summary"] = value  # for the exit hook of a job, which gets it in any case
        if self._as_json:
            state["printed"] = True
            write_json(value)
        return self._as_json


def summary_lines(result: Result) -> list[str]:
    """The summary for people."""
    summary = result.summary
    lines = [_("Run {run_id} ({command}): {rows:,} rows, {blank:,} blank.").format(
        run_id=summary.run_id, command=summary.command, rows=Quantity(summary.rows), blank=Quantity(summary.blank)
    )]  # fmt: skip
    lines.extend(f"  {Quantity(n):>9,}  {status}" for status, n in summary.counts.items())
    if summary.codes:
        lines.append(_("Reasons:"))
        by_number = sorted(summary.codes.items(), key=lambda item: -item[1])
        lines.extend(f"  {Quantity(n):>9,}  {code:<22}  {_(CODE_SENTENCES[Code(code)])}" for code, n in by_number)
    if summary.before is not None:
        after = "" if summary.after is None else _(", now {after:,}").format(after=Quantity(summary.after))
        lines.append(_("The list held {before:,} numbers{after}.").format(before=Quantity(summary.before), after=after))
    lines.extend(_("Report: {path}").format(path=path) for path in summary.reports)
    return lines


def _plan_line(action: Action) -> str:
    if action is Action.ADD:
        return _("{count:,} numbers will be added to the {list} list, which holds {size:,}.")
    return _("{count:,} numbers will be REMOVED from the {list} list, which holds {size:,}.")


class _Nothing:
    def advance(self, _outcome: Outcome) -> None:
        """Nobody watches."""


@contextmanager
def _bar(total: int) -> Iterator[Any]:
    from rich.console import Console as Rich
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Rich(file=terminal())) as progress:
        task = progress.add_task(_("Sending"), total=total, rate="")

        class Bar:
            def advance(self, _outcome: Outcome) -> None:
                speed = progress.tasks[0].finished_speed or progress.tasks[0].speed or 0
                progress.update(task, advance=1, rate=f"{Quantity(round(speed)):,}/s")

        yield Bar()
