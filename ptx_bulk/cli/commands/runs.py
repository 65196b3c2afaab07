"""Commands on runs: resume, undo, runs, show."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from ptx_bulk.cli.completion import run_names
from ptx_bulk.cli.help_sections import command, option
from ptx_bulk.cli.options import PathName, dialect_option, examples, global_options, plan_options, resuming_options
from ptx_bulk.cli.requests_from_options import note_run, reporting, sending, settings
from ptx_bulk.cli.showing.console import Console
from ptx_bulk.cli.showing.output import echo
from ptx_bulk.i18n import Quantity, _, local_time, ngettext

if TYPE_CHECKING:
    from ptx_bulk.journal import InputRecord, RunRecord
    from ptx_bulk.pipeline.upkeep.runs_commands import Shown


def _note(command: str) -> None:
    click.get_current_context().find_root().obj.update(command=command)


@command(
    "resume",
    help=_("Go on with an interrupted run, by default the latest."),
    epilog=examples("ptx-bulk resume\nptx-bulk resume 20261123-190333-k3f9 --report whole-run.html"),
)
@click.argument("run", required=False, metavar="[RUN]", shell_complete=run_names)
@resuming_options
@global_options
def resume_command(run: str | None, **options: Any) -> int:
    _note("resume")
    click.get_current_context().find_root().obj.update(run_id=run or "")
    from ptx_bulk import pipeline

    console, chosen = Console.current(), settings()
    # Without the profile's values: those of the run itself come before them.
    return console.show(pipeline.resume(run, sending(options), reporting(options, chosen), chosen, console))


@command(
    "undo",
    help=_("Take back what a run itself changed, nothing else."),
    epilog=examples(
        'ptx-bulk undo 20261123-190333-k3f9 --dry-run\nptx-bulk undo 20261123-190333-k3f9 --yes --reason "wrong file"'
    ),
)
@click.argument("run", metavar="RUN", shell_complete=run_names)
@plan_options
@global_options
def undo_command(run: str, **options: Any) -> int:
    _note("undo")
    from ptx_bulk import pipeline

    console, chosen = Console.current(), settings()
    return console.show(
        pipeline.undo(run, sending(options, chosen), reporting(options, chosen), chosen, console, own_id=note_run())
    )


def _nothing(all_accounts: bool) -> str:
    """What is said where there are no runs."""
    from ptx_bulk import pipeline

    if not all_accounts and pipeline.runs(settings(), all_accounts=True):
        return _("There are no runs of this account yet; --all-accounts lists those of others.")
    return _("There are no runs yet.")


@command(
    "runs",
    help=_("List the runs, the latest first."),
    epilog=examples("ptx-bulk runs\nptx-bulk runs --all-accounts --json"),
)
@option("--all-accounts", is_flag=True, help=_("Runs of every account of this state folder."))
@global_options
def runs_command(all_accounts: bool) -> int:
    _note("runs")
    from ptx_bulk import pipeline

    console = Console.current()
    records = pipeline.runs(settings(), all_accounts=all_accounts)
    if console.show_json({"command": "runs", "exit_code": 0, "runs": [_as_json(record) for record in records]}):
        return 0
    if not records:
        console.notice(_nothing(all_accounts))
    width = max((len(_profile(record)) for record in records), default=0)
    for record in records:
        done = record.summary.get("counts", {})
        counts = ", ".join(f"{Quantity(n):,} {status}" for status, n in done.items())
        lists = "+".join(record.lists)
        account = f"{_profile(record):<{width}}  " if width else ""
        echo(
            f"{record.run_id}  {local_time(record.started_at)}  {account}{record.command:<7} {lists:<9} "
            f"{_state(record):<9} {counts}" + "".join(f"  {text}" for text in (record.who, record.comment) if text)
        )
    return 0


@command(
    "show",
    help=_("Show one run: what was asked, from which files, and what came of it."),
    epilog=examples(
        "ptx-bulk show 20261123-190333-k3f9\nptx-bulk show 20261123-190333-k3f9 --json\n"
        "ptx-bulk show 20261123-190333-k3f9 --report again.xlsx"
    ),
)
@click.argument("run", metavar="RUN", shell_complete=run_names)
@option(
    "--report",
    multiple=True,
    type=PathName(),
    metavar="PATH",
    help=_("Write the run's report anew (.csv .xlsx .json .html .parquet), and its rejects; may be repeated."),
)
@dialect_option
@global_options
def show_command(run: str, report: tuple[str, ...], dialect: str | None) -> int:
    _note("show")
    from ptx_bulk import pipeline

    console, chosen = Console.current(), settings()
    asked = reporting({"report": report, "dialect": dialect}, chosen)
    shown = pipeline.show(run, chosen, reporting=asked, interface=console)
    record = shown.record
    written = list(shown.result.summary.reports) if shown.result else []
    inputs = [
        {"path": file.path, "sha256": file.sha256, "rows": file.rows, "blank": file.blank} for file in shown.inputs
    ]
    if console.show_json(
        {
            "command": "show",
            "exit_code": 0,
            **_as_json(record),
            "inputs": inputs,
            "planned": shown.planned,
            "done": shown.done,
            "reports": written,
        }
    ):
        return 0
    rows = _rows(shown)
    width = max(len(name) for name, _value in rows)
    for name, value in rows:
        echo(f"{name:<{width}}  {value}")
    for path in written:
        echo(_("Report written anew: {path}").format(path=path))
    if shown.resumable:
        echo(_("Go on with: ptx-bulk resume {run_id}").format(run_id=record.run_id))
    elif shown.undoable:
        echo(_("Take back with: ptx-bulk undo {run_id}").format(run_id=record.run_id))
    return 0


def _rows(shown: Shown) -> list[tuple[str, str]]:
    """What `show` says of a run: names and values."""
    record = shown.record
    return [
        (_("Run"), record.run_id),
        (_("Command"), record.command + (f" ({record.parent})" if record.parent else "")),
        *([(_("Profile"), _profile(record))] if _profile(record) else []),
        (_("Lists"), ", ".join(kind.name for kind in record.lists)),
        (_("State"), _state(record) + (f": {record.fault}" if record.fault else "")),
        (_("Started"), local_time(record.started_at)),
        (_("Ended"), local_time(record.finished_at) if record.finished_at else "-"),
        (_("Exit code"), "-" if record.exit_code is None else str(record.exit_code)),
        (_("Reason"), record.reason or "-"),
        (_("By"), record.who or "-"),
        (_("Comment"), record.comment or "-"),
        (_("Address"), record.base_url),
        (_("Versions"), f"ptx-bulk {record.version}, phonenumbers {record.metadata_version}"),
        *((_("Input"), _input(file)) for file in shown.inputs),
        (_("Planned"), _counts(shown.planned)),
        (_("Done"), _counts(shown.done)),
        *((_("Report"), path) for path in record.summary.get("reports", ())),
    ]


def _as_json(record: RunRecord) -> dict[str, Any]:
    return {
        "run_id": record.run_id,
        "of_command": record.command,
        "lists": list(record.lists),
        "state": record.state.value,
        "started_at": _utc(record.started_at),
        "finished_at": _utc(record.finished_at) if record.finished_at else None,
        "run_exit_code": record.exit_code,
        "reason": record.reason,
        "actor": record.actor,
        "host": record.host,
        "comment": record.comment,
        "version": record.version,
        "parent": record.parent,
        "profile": _profile(record),
        "summary": record.summary,
        **({"fault": record.fault} if record.fault else {}),
    }


def _profile(record: RunRecord) -> str:
    """The profile that the run was made with, '' for none."""
    return str(record.options.get("profile") or "")


def _state(record: RunRecord) -> str:
    return record.state.value


def _input(file: InputRecord) -> str:
    return ngettext(
        "{path} ({rows:,} row, SHA-256 {sha256}...)", "{path} ({rows:,} rows, SHA-256 {sha256}...)", file.rows
    ).format(path=file.path, rows=Quantity(file.rows), sha256=file.sha256[:16])


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{Quantity(n):,} {name}" for name, n in counts.items()) or "-"


def _utc(moment: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


COMMANDS = (resume_command, undo_command, runs_command, show_command)
