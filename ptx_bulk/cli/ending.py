"""How a command runs and ends: errors as one sentence, exit codes, `--json` whatever happens."""

from __future__ import annotations

import contextlib
import gettext
import json
import logging
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from ptx_bulk import eventlog, i18n
from ptx_bulk.cli import watching
from ptx_bulk.cli.showing import output
from ptx_bulk.cli.showing.channel import channel
from ptx_bulk.errors import ConfigurationError, Interrupted, PtxError, QuestionOpen
from ptx_bulk.i18n import _
from ptx_bulk.system import signals
from ptx_bulk.visible import storable


def run_inside(cli: click.Group, arguments: list[str], job: str) -> tuple[int, dict[str, Any] | None]:
    """Run a command line that a job file holds: it tells and ends as it would by itself.

    Returns:
        The exit code and the object of `--json`, asked for or not; None where the command has none.
    """
    if language := early(arguments, "--lang"):
        speak(language)
    state: dict[str, Any] = {"cli": cli, "job": job, "command": arguments[0]}
    outer = signals.on_last_word(lambda: last_word(state, arguments))
    code = run_command(cli, arguments, arguments, state)
    signals.on_last_word(outer)
    return code, state.get("summary")


def run_command(cli: click.Group, arguments: Sequence[str] | None, argv: list[str], state: dict[str, Any]) -> int:
    """The exit code of a command that has told all that it had to tell; no stop changes anything afterwards."""
    from ptx_bulk.pipeline.steps.sending.interrupts import held_until_ended

    try:
        signals.allow()
        with held_until_ended():
            code = _carried_out(cli, arguments, argv, state)
            signals.finish()
    except KeyboardInterrupt:  # it came while another end was about to be told
        code = _ended(state, argv, _interrupted(state))
    if problem := watching.end(state, argv, state.get("command") or _command_in(state, argv), code):
        output.echo(problem, err=True)
    return code


def _carried_out(  # noqa: PLR0911 - one end for each kind of ending
    cli: click.Group, arguments: Sequence[str] | None, argv: list[str], state: dict[str, Any]
) -> int:
    try:
        watching.begin(state, argv)
        result = cli.main(args=arguments, prog_name="ptx-bulk", standalone_mode=False, obj=state)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.UsageError as error:
        if "job" in state:
            problem = _("{job}: {problem}").format(job=state["job"], problem=error.format_message())
            return _ended(state, argv, ConfigurationError(problem))
        output.echo_usage(error, argv)
        return _ended(state, argv, ConfigurationError(error.format_message()), told=True)
    except (click.Abort, KeyboardInterrupt):
        return _ended(state, argv, _interrupted(state))
    except PtxError as error:
        return _ended(state, argv, error)
    except output.ReaderGone:
        # The reader of a pipe has gone (`| head`): nothing is wrong, and nothing may be said to a closed pipe.
        close_stdout()
        return 0
    except Exception as error:
        sentence = _("Unexpected error ({kind}: {error}); run it again with -vv and report what is shown.")
        return _ended(state, argv, PtxError(sentence.format(kind=type(error).__name__, error=error)))
    return int(result or 0)


def _interrupted(state: dict[str, Any]) -> Interrupted:
    if not state.get("sending"):
        return Interrupted(_("Interrupted; nothing was sent."))
    command = f"ptx-bulk resume {state.get('run_id', '')}".rstrip()
    return Interrupted(
        _("Interrupted; everything that was sent is recorded: {command} goes on.").format(command=command)
    )


def _ended(state: dict[str, Any], argv: list[str], error: PtxError, *, told: bool = False) -> int:
    signals.finish()
    eventlog.note(
        "error" if error.exit_code else "notice",
        level=logging.ERROR if error.exit_code else logging.INFO,
        kind=type(error).__name__,
        text=str(error),
        exit_code=error.exit_code,
    )
    if not told:
        if _verbose(argv) and (cause := sys.exception()):
            output.echo_traceback(cause)
        _tell(error)
    wanted = "--json" in argv and not state.get("printed")
    link = channel()
    if wanted or link or "job" in state:
        state["summary"] = _object_of_nothing(state, argv, error)
        if link:
            link.tell(summary=state["summary"])
        if wanted:
            state["printed"] = True
            with contextlib.suppress(BrokenPipeError):
                output.write_json(state["summary"])
    return error.exit_code


def _tell(error: PtxError) -> None:
    if link := channel():
        link.tell(error=str(error), code=error.exit_code)
        return
    text = _("Error: {error}") if error.exit_code else "{error}"  # nothing to do is no error
    output.echo(text.format(error=error), err=True)


def _object_of_nothing(state: dict[str, Any], argv: list[str], error: PtxError) -> dict[str, Any]:
    """The object of a command that ended before anything came of it, for one account or for each of several."""
    nothing = _summary_of_nothing(state, argv, error)
    if not output.for_several(state):
        return nothing
    each = {name: {**nothing, "profile": name, "error": str(error)} for name in state.get("profiles", ())}
    return {"profiles": each, "exit_code": error.exit_code}


def _summary_of_nothing(state: dict[str, Any], argv: list[str], error: PtxError) -> dict[str, Any]:
    """The object of a command that ended before it had lines; needs no heavy import, which may have been broken off."""
    from ptx_bulk.reports.summary import Summary

    return Summary(
        run_id=state.get("run_id", ""),
        command=state.get("command") or _command_in(state, argv),
        files=tuple(storable(file) for file in state.get("files", ())),
        exit_code=error.exit_code,
        profile=state.get("profile") or "",
    ).as_json() | ({"question": error.question} if isinstance(error, QuestionOpen) else {})


def _command_in(state: dict[str, Any], argv: list[str]) -> str:
    """The command's name where it has not begun; '' when there is none."""
    return next((word for word in argv if "cli" in state and word in state["cli"].commands), "")


def last_word(state: dict[str, Any], argv: list[str]) -> None:
    """Tell the end of a command that does not end although it was asked to; its main thread may hold any lock."""
    error = _interrupted(state)
    wanted = "--json" in argv and not state.get("printed")
    lines = [(2, _("Error: {error}").format(error=error))]
    lines += [(1, json.dumps(_object_of_nothing(state, argv, error), ensure_ascii=False))] if wanted else []
    for descriptor, line in lines:
        with contextlib.suppress(OSError):
            os.write(descriptor, f"{line}\n".encode())


def close_stdout() -> None:
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def speak(wanted: str | None) -> None:
    """Choose the language of our own sentences and of those that click adds to them."""
    # click asks gettext's default domain, and gettext asks the environment for the language, on Windows, too.
    os.environ["LANGUAGE"] = i18n.use(wanted)
    gettext.bindtextdomain("click", i18n.LOCALE_DIR)
    gettext.textdomain("click")


def early(argv: list[str], option: str) -> str | None:
    for at, word in enumerate(argv):
        if word == option and at + 1 < len(argv):
            return argv[at + 1]
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
    return None


def _verbose(argv: list[str]) -> bool:
    return any(word == "-vv" for word in argv) or argv.count("-v") + argv.count("--verbose") >= 2
