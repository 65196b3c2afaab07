"""A run's summary and its plan, in lines for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from ptx_bulk.cli.showing.output import account_words, command_line
from ptx_bulk.i18n import Quantity, _, ngettext
from ptx_bulk.model import Action, Code, Status
from ptx_bulk.sentences import CODE_SENTENCES, STATUS_SENTENCES

if TYPE_CHECKING:
    from ptx_bulk.pipeline import Result
    from ptx_bulk.plan import Plan
    from ptx_bulk.workbooks import Candidate


def mending_line(result: Result) -> str:
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


def plan_lines(plan: Plan) -> Iterator[str]:
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
