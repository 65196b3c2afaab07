"""The run command: a job file carried out as the command line that it holds."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from ptx_bulk.cli.help_sections import command, option
from ptx_bulk.cli.options import PathName, global_options
from ptx_bulk.cli.showing.output import echo, global_words
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _
from ptx_bulk.system import signals

if TYPE_CHECKING:
    from ptx_bulk.jobs import Job

JOB_COMMANDS = (
    "import",
    "remove",
    "sync",
    "diff",
    "apply",
    "check",
    "export",
    "changes",
    "audit",
    "find",
    "resume",
    "undo",
    "purge",
    "show",
)
# Commands that change something and cannot be tried; those that change nothing may run in a dry run as they are.
_NEVER_DRY = frozenset({"resume", "purge"})


@command(
    "run",
    help=_("Carry out a job file: a command and its options, written down once."),
    epilog="\b\n" + _("Examples:") + "\n  ptx-bulk run jobs/nightly-stop-import.toml --dry-run\n"
    "  ptx-bulk run jobs/nightly-stop-import.toml --sandbox\n"
    "  ptx-bulk run jobs/migration-diff.toml --set files=their-export.csv --set list=npai",
)
@click.argument("job", metavar="JOB.toml", type=PathName())
@option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help=_("Another value for a key or an option of the job; may be repeated."),
)
@option("-n", "--dry-run", is_flag=True, help=_("Do everything but send; the job's on_finish command is not run."))
@global_options
def run_command(job: str, overrides: tuple[str, ...], dry_run: bool) -> int:
    from ptx_bulk.cli.ending import run_inside
    from ptx_bulk.jobs import load_job

    root = click.get_current_context().find_root()
    root.obj.update(command="run")
    known, flags = _options_of(cast("click.Group", root.command))
    loaded = load_job(Path(job), overrides, known_options=known, flags=flags, now=dt.datetime.now().astimezone())
    options = global_words(root.obj)
    if dry_run:
        options += _dry_words(loaded, known)
    signals.defer()  # until the job's command can tell its end
    root.obj["printed"] = True  # what is printed from here on, the job's command prints
    code, summary = run_inside(cast("click.Group", root.command), _command_line(loaded, options), job)
    if loaded.on_finish and dry_run:
        echo(_("The on_finish command of {job} is not run in a dry run.").format(job=job), err=True)
    elif loaded.on_finish:
        _finish(loaded, loaded.on_finish, code, summary)
    return code


def _options_of(group: click.Group) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """For each command a job may hold the names of its long options, and the names of those without a value."""
    known: dict[str, frozenset[str]] = {}
    flags: set[str] = set()
    for name in JOB_COMMANDS:
        options = [param for param in group.commands[name].params if isinstance(param, click.Option)]
        names = {one: [word[2:] for word in one.opts if word.startswith("--")] for one in options}
        known[name] = frozenset(word for one in options for word in names[one])
        flags.update(word for one in options if one.is_flag or one.count for word in names[one])
    return known, frozenset(flags)


def _dry_words(job: Job, known: dict[str, frozenset[str]]) -> list[str]:
    # A bookmark that moves is a change, too: the next feed begins behind it.
    if job.command in _NEVER_DRY or any(word.startswith("--bookmark=") for word in job.arguments):
        raise ConfigurationError(
            _("{file}: `{command}` cannot be tried with --dry-run; leave it out to run the job.").format(
                file=job.path, command=job.command
            )
        )
    return ["--dry-run"] if "dry-run" in known[job.command] else []


def _command_line(job: Job, options: list[str]) -> list[str]:
    """The job's command line with more options behind its own, so that these win; accounts do not add up."""
    words = job.arguments
    end = words.index("--") if "--" in words else len(words)
    own = words[:end]
    if any(map(_names_account, options)):
        own = [word for word in own if not _names_account(word)]
    return [job.command, *own, *options, *words[end:]]


def _names_account(word: str) -> bool:
    return word == "--all-profiles" or word.startswith("--profile=")


def _finish(job: Job, command: list[str], code: int, summary: dict[str, Any] | None) -> None:
    """Tell the job's exit hook how the run ended; what becomes of the hook is said, but changes nothing."""
    from ptx_bulk.jobs import run_hook
    from ptx_bulk.reports.summary import Summary

    told = {**(summary or Summary(run_id="", command=job.command).as_json()), "exit_code": code}
    try:
        signals.again()
        ended = run_hook(command, json.dumps(told).encode(), folder=job.path.parent)
        signals.finish()
    except KeyboardInterrupt:
        ended = None
        signals.finish()
    if ended is None:
        problem = _(
            "The on_finish command of {job} did not start or did not end in time; the run itself is not affected."
        )
        echo(problem.format(job=job.path), err=True)
    elif ended:
        problem = _("The on_finish command of {job} ended with exit code {code}; the run itself is not affected.")
        echo(problem.format(job=job.path, code=ended), err=True)


COMMANDS = (run_command,)
