"""Commands around the set-up: login, doctor, completion."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ptx_bulk.cli.completion import PROGRAM, VARIABLE
from ptx_bulk.cli.help_sections import command, option
from ptx_bulk.cli.options import examples, global_options
from ptx_bulk.cli.requests_from_options import settings
from ptx_bulk.cli.showing.console import Console
from ptx_bulk.cli.showing.output import echo, echo_program, prompt
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _

if TYPE_CHECKING:
    from ptx_bulk.cli.doctor.checks import Check
    from ptx_bulk.settings import Secret

_SHELLS = ("bash", "zsh", "fish")


@command(
    "login",
    help=_(
        "Store the account's API key in the keyring of this machine. The key is asked for without being shown, or read "
        "from the first line of standard input; it is tried before it is stored."
    ),
    epilog=examples("ptx-bulk login\nptx-bulk login --profile shop < key.txt\nptx-bulk login --remove"),
)
@option("--no-check", is_flag=True, help=_("Store the key without trying it."))
@option("--remove", is_flag=True, help=_("Remove the stored key instead."))
@global_options
def login_command(no_check: bool, remove: bool) -> int:
    state = click.get_current_context().find_root().obj
    state.update(command="login")
    from ptx_bulk.pipeline import check_key
    from ptx_bulk.settings import delete_key, store_key

    if state.get("sandbox"):
        raise ConfigurationError(_("The sandbox needs no key; leave --sandbox out to store the key of an account."))
    console, chosen = Console.current(), settings()
    if remove:
        removed = delete_key(chosen)
        said = (
            _("The key was removed from the keyring.")
            if removed
            else _("No key is stored for this address and profile.")
        )
        stored = False
    else:
        key = _asked()
        if not no_check:
            check_key(chosen, key)
        store_key(chosen, key)
        said, stored = _("The key is stored in the keyring of this machine."), True
    if not console.show_json({"command": "login", "exit_code": 0, "stored": stored}):
        console.notice(said)
    if stored and chosen.environment_key is not None:
        console.notice(
            _("{variable} is set and wins over the stored key.").format(variable=chosen.environment_key.source)
        )
    return 0


def _asked() -> Secret:
    """The key, typed without being shown or from the first line of standard input."""
    from ptx_bulk.settings import Secret

    if sys.stdin is not None and sys.stdin.isatty():
        return Secret(prompt(_("API key"), hide_input=True), source=_("the keyboard"))
    line = sys.stdin.readline() if sys.stdin is not None else ""
    if not line.strip():
        raise ConfigurationError(
            _("There is no key on standard input; run ptx-bulk login in a terminal, or pipe the key in.")
        )
    return Secret(line.removeprefix("\ufeff"), source=_("standard input"))


@command(
    "doctor",
    help=_(
        "Test the set-up, one point after the other, and say what to do: versions, state folder, journal, settings, "
        "key, connection, clock. Nothing is changed."
    ),
    epilog=examples("ptx-bulk doctor\nptx-bulk doctor --profile shop\nptx-bulk doctor --json"),
)
@global_options
def doctor_command() -> int:
    state = click.get_current_context().find_root().obj
    state.update(command="doctor")
    from ptx_bulk.cli.doctor.looks import examine

    done: list[Check] = []
    for check in examine(
        base_url=state.get("base_url"), profile=state.get("profile"), sandbox=bool(state.get("sandbox"))
    ):
        done.append(check)
        if not state.get("as_json") and (check.exit_code or not state.get("quiet")):
            _show(check)
    code = _worst(done)
    shown = [{"name": c.name, "state": c.state.value, "detail": c.detail, "remedy": c.remedy} for c in done]
    Console.current().show_json({"command": "doctor", "exit_code": code, "checks": shown})
    return code


def _show(check: Check) -> None:
    words = {"ok": _("ok"), "warning": _("warning"), "failed": _("failed"), "skipped": _("skipped")}
    echo(f"{words[check.state.value]:<9} {check.title:<20} {check.detail}")
    if check.remedy:
        echo(f"{'':<30} -> {check.remedy}")


def _worst(checks: list[Check]) -> int:
    """6 before 5 before 2, as a run would end; 0 when nothing failed."""
    return max((check.exit_code for check in checks), default=0)


@command(
    "completion",
    help=_("Print what makes the shell complete commands and options with the Tab key."),
    epilog="\b\n" + _("To switch it on for good, once:") + "\n"
    "  bash  echo 'eval \"$(ptx-bulk completion bash)\"' >> ~/.bashrc\n"
    "  zsh   echo 'eval \"$(ptx-bulk completion zsh)\"' >> ~/.zshrc\n"
    "  fish  ptx-bulk completion fish > ~/.config/fish/completions/ptx-bulk.fish",
)
@click.argument("shell", type=click.Choice(_SHELLS))
@global_options
def completion_command(shell: str) -> int:
    from click.shell_completion import get_completion_class

    root = click.get_current_context().find_root()
    if kind := get_completion_class(shell):
        echo_program(kind(root.command, {}, PROGRAM, VARIABLE).source())
    return 0


COMMANDS = (login_command, doctor_command, completion_command)
