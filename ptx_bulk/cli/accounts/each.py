"""A command for each of several accounts: what every command of the group becomes."""

from __future__ import annotations

import functools
import shutil
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import click

from ptx_bulk.cli.showing.output import echo, for_several, write_json
from ptx_bulk.errors import ConfigurationError, PtxError
from ptx_bulk.i18n import N_, _
from ptx_bulk.system import signals

if TYPE_CHECKING:
    from ptx_bulk.cli.accounts.choosing import NamedAccount
    from ptx_bulk.cli.accounts.processes import AccountProcess
    from ptx_bulk.cli.accounts.working import Ended

_AT_ONCE, _FEWEST_AT_ONCE = 8, 2
_BYTES_AT_ONCE = 64 << 20  # of input, which each account reads for itself: of CSV some 3 GB of memory
_BY_ITSELF = frozenset({"run", "profiles"})  # they know what to do with several
_ALONE = {
    "apply": N_("a plan was made for one account"),
    "undo": N_("a run is one account's"),
    "show": N_("a run is one account's"),
    "login": N_("a key is one account's"),
    "purge": N_("it is about the whole state folder, which holds every account"),
    "erase": N_("it is about the whole state folder, which holds every account"),
    "completion": N_("it needs no account"),
    "sandbox": N_("it serves one account"),
    "ui": N_("its page is for one account"),
}


def for_each_account(command: click.Command) -> click.Command:
    """The command, which runs once for each account where several are asked for."""
    alone, name = command.callback, command.name or ""
    if alone is None or name in _BY_ITSELF:
        return command

    @functools.wraps(alone)
    def callback(*arguments: Any, **options: Any) -> Any:
        context = click.get_current_context()
        state = context.find_root().obj
        if for_several(state):
            return _carry_out(context, state)
        if state.get("combined_report"):
            raise ConfigurationError(
                _("--combined-report is for several accounts (--all-profiles, or several --profile); use --report.")
            )
        return alone(*arguments, **options)

    command.callback = callback
    return command


def _carry_out(context: click.Context, state: dict[str, Any]) -> int:
    from ptx_bulk.cli.accounts import choosing, telling
    from ptx_bulk.cli.showing.exit_codes import worst

    name = context.command.name or ""
    state.update(command=name, files=context.params.get("files", ()))
    _refuse_alone(name, context)
    accounts = choosing.accounts(state, name)
    combined = _combined_place(state)
    ended, written, failures = _worked(context, state, accounts, combined)
    code = worst([*(one.code for one in ended), *(failure.exit_code for failure in failures)])
    value = telling.as_json(ended, code, written)
    state["summary"] = value
    if state.get("as_json"):
        state["printed"] = True
        write_json(value)
    else:
        telling.show(ended, name, written, quiet=bool(state.get("quiet")))
    telling.show_errors(ended, sandbox=bool(state.get("sandbox")))
    for failure in failures:
        echo(_("Error: {error}").format(error=failure), err=True)
    return code


def _refuse_alone(name: str, context: click.Context) -> None:
    why = _ALONE.get(name)
    if name == "resume" and context.params.get("run"):
        why = _ALONE["undo"]
    if why:
        raise ConfigurationError(
            _("{command} works for one account at a time, since {why}; name one profile.").format(
                command=name, why=_(why)
            )
        )


def _combined_place(state: dict[str, Any]) -> Path | None:
    if not state.get("combined_report"):
        return None
    from ptx_bulk.reports import check_combined

    path = Path(state["combined_report"])
    check_combined(path)
    return path


def _worked(
    context: click.Context, state: dict[str, Any], accounts: Sequence[NamedAccount], combined: Path | None
) -> tuple[list[Ended], list[str], list[PtxError]]:
    """What became of the accounts, the reports of all that were written, and what kept one from being written."""
    from ptx_bulk.cli.accounts.watching import Watch
    from ptx_bulk.cli.accounts.working import Stops, Work
    from ptx_bulk.pipeline.steps.sending.interrupts import held
    from ptx_bulk.system.scratch import Scratch

    events: SimpleQueue[Any] = SimpleQueue()
    watch, stops = Watch(quiet=bool(state.get("quiet"))), Stops()
    with ExitStack() as stack:
        scratch = Scratch()
        stack.callback(scratch.close)
        processes = _processes(context, state, accounts, scratch.folder, events, combined)
        work = Work(
            processes,
            events,
            state.get("accounts_at_once") or _at_once(context.params.get("files", ())),
            watch,
            _ask,
            functools.partial(_nothing, state, context.command.name or ""),
        )
        with held(stops):
            ended = work.carry_out(stops)
        signals.finish()
        watch.close()
        if combined is None:
            return ended, [], []
        try:
            _write_combined(combined, ended, processes, sandbox=bool(state.get("sandbox")))
        except PtxError as error:  # the accounts have their ends and their own reports all the same
            return ended, [], [error]
    return ended, [str(combined)], []


def _at_once(files: Sequence[str]) -> int:
    """How many accounts may be at work where nobody says it: fewer where the files are large."""
    size = 1
    for file in files:
        with suppress(OSError):
            size += Path(file).stat().st_size
    return max(_FEWEST_AT_ONCE, min(_AT_ONCE, _BYTES_AT_ONCE // size))


def _processes(
    context: click.Context,
    state: dict[str, Any],
    accounts: Sequence[NamedAccount],
    folder: Path,
    events: SimpleQueue[Any],
    combined: Path | None,
) -> list[AccountProcess]:
    from ptx_bulk.cli.accounts.command_lines import of_account, reads_standard_input
    from ptx_bulk.cli.accounts.processes import AccountProcess
    from ptx_bulk.cli.showing.channel import Channel
    from ptx_bulk.journal import new_run_id

    lines = [of_account(context, account) for account in accounts]
    stdin = _kept_input(folder) if reads_standard_input(context) else ""
    asks = _asks(context)
    runs: dict[str, None] = {}
    while len(runs) < len(accounts):
        runs[new_run_id()] = None
    if state.get("sandbox"):
        _give_sandboxes(accounts)
    wanted = combined is not None and combined.suffix.lower() == ".xlsx"
    return [
        AccountProcess(
            account,
            words,
            Channel(
                label=account.label,
                run_id=run_id,
                lines=str(folder / f"{number}.parquet") if wanted else "",
                asks=asks,
            ),
            stdin,
            events,
        )
        for number, (account, words, run_id) in enumerate(zip(accounts, lines, runs, strict=True))
    ]


def _kept_input(folder: Path) -> str:
    """A copy of standard input, which can be read once only."""
    if sys.stdin is None:
        raise ConfigurationError(_("There is no standard input; name a file."))
    copy = folder / "stdin"
    with copy.open("wb") as out:
        shutil.copyfileobj(sys.stdin.buffer, out)
    return str(copy)


def _asks(context: click.Context) -> bool:
    """Whether the plans are shown and asked for."""
    options = context.params
    present = sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
    return present and "yes" in options and not options["yes"] and not options.get("dry_run")


def _give_sandboxes(accounts: Sequence[NamedAccount]) -> None:
    """Let each account have a simulator of its own: in one, they would be the same account."""
    from ptx_bulk.pipeline import give_sandbox
    from ptx_bulk.settings import load

    for account in accounts:
        with suppress(ConfigurationError):  # the account's own process says what is wrong with it
            give_sandbox(load(profile=account.name, sandbox=True))


def _nothing(state: dict[str, Any], command: str, run_id: str, code: int) -> dict[str, Any]:
    from ptx_bulk.reports import Summary
    from ptx_bulk.visible import storable

    files = tuple(storable(file) for file in state.get("files", ()))
    return Summary(run_id=run_id, command=command, files=files, exit_code=code).as_json()


def _ask(processes: list[AccountProcess]) -> bool:
    from ptx_bulk.cli.showing.console import yes

    for process in processes:
        for line in process.plan:
            echo(f"{process.account.name}: {line}", err=True)
    return yes(_("Go ahead with these {count} accounts?").format(count=len(processes)))


def _write_combined(path: Path, ended: Sequence[Ended], processes: Sequence[AccountProcess], *, sandbox: bool) -> None:
    from ptx_bulk.cli.accounts.telling import what_to_do
    from ptx_bulk.cli.showing.exit_codes import meaning
    from ptx_bulk.reports import AccountResult, write_combined

    lines = {process.account.name: process.channel.lines for process in processes}
    write_combined(
        path,
        [
            AccountResult(
                name=one.name,
                address=one.address,
                exit_code=one.code,
                meaning=meaning(one.code),
                to_do=what_to_do(one, sandbox=sandbox),
                summary=one.value,
                lines=Path(lines[one.name]) if lines[one.name] and Path(lines[one.name]).exists() else None,
            )
            for one in ended
        ],
    )
