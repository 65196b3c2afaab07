"""The one summary of all accounts: a table for people, one object for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ptx_bulk.cli.accounts.command_lines import TOLD_WHOLE
from ptx_bulk.cli.accounts.working import Ended
from ptx_bulk.cli.showing.exit_codes import meaning
from ptx_bulk.cli.showing.output import command_line, echo
from ptx_bulk.i18n import Quantity, _, ngettext
from ptx_bulk.model import Status
from ptx_bulk.visible import visible

_RESUMABLE = frozenset({5, 130})
_FINISHED = frozenset({0, 4, 9, 10})
_FEW_REPORTS = 12


def as_json(ended: Sequence[Ended], exit_code: int, reports: Sequence[str]) -> dict[str, Any]:
    """The object of `--json`; `reports` are of all accounts together."""
    told: dict[str, Any] = {"profiles": {one.name: one.value for one in ended}, "exit_code": exit_code}
    return {**told, "reports": list(reports)} if reports else told


def what_to_do(one: Ended, *, sandbox: bool = False) -> str:
    """Why an account did not finish, and the command that goes on; '' where it did."""
    if one.code in _FINISHED and not one.error:
        return ""
    why = one.error or meaning(one.code)
    if one.code not in _RESUMABLE or not one.begun:
        return why
    words = ["ptx-bulk", *(["--sandbox"] if sandbox else []), "--profile", one.name, "resume", one.value["run_id"]]
    return _("{why} Go on with: {command}").format(why=why, command=command_line(words))


def show(ended: Sequence[Ended], command: str, reports: Sequence[str], *, quiet: bool) -> None:
    """Print what the accounts came to; `quiet`: only what each says although it was asked for silence."""
    if command in TOLD_WHOLE:
        for one in ended:
            if one.text or not quiet:
                echo(f"== {one.name} ==")
            for line in one.text.splitlines():
                echo(line)
    if quiet:
        return
    if command not in TOLD_WHOLE:
        for line in table(ended):
            echo(line)
        for line in _reports(ended):
            echo(line)
    for path in reports:
        echo(_("Report of all accounts: {path}").format(path=path))
    echo(_count(ended))


def show_errors(ended: Sequence[Ended], *, sandbox: bool) -> None:
    """Say on standard error which accounts did not finish, and why."""
    for one in ended:
        if said := what_to_do(one, sandbox=sandbox):
            text = _("Error: {error}") if one.code else "{error}"
            echo(text.format(error=f"{one.name}: {said}"), err=True)


def table(ended: Sequence[Ended]) -> list[str]:
    """A line an account: its exit code, its counts and what they mean."""
    there = {status for one in ended for status in one.value.get("counts", {})}
    statuses = [status.value for status in Status if status.value in there]
    head = [_("account"), _("exit"), *statuses, _("meaning")]
    rows = [head, *(_row(one, statuses) for one in ended)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(head))]
    last = len(head) - 1
    return [
        "  ".join(cell if at == last else f"{cell:<{width}}" if not at else f"{cell:>{width}}"
                  for at, (cell, width) in enumerate(zip(row, widths, strict=True))).rstrip()
        for row in rows
    ]  # fmt: skip


def _row(one: Ended, statuses: Sequence[str]) -> list[str]:
    counts = one.value.get("counts", {})
    numbers = [f"{Quantity(counts[status]):,}" if status in counts else "" for status in statuses]
    return [visible(one.name), str(one.code), *numbers, meaning(one.code)]


def _reports(ended: Sequence[Ended]) -> list[str]:
    written = [path for one in ended for path in one.value.get("reports", ())]
    if len(written) > _FEW_REPORTS:
        return [
            _("Reports: {count} files, such as {path}; --json names all.").format(count=len(written), path=written[0])
        ]
    return [_("Report: {path}").format(path=path) for path in written]


def _count(ended: Sequence[Ended]) -> str:
    finished = sum(one.code in _FINISHED for one in ended)
    return ngettext("{done} of {n} account finished.", "{done} of {n} accounts finished.", len(ended)).format(
        done=finished, n=len(ended)
    )
