"""The profiles command: the accounts of config.toml, listed and tried."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from ptx_bulk.cli.help_sections import command, option
from ptx_bulk.cli.options import examples, global_options
from ptx_bulk.cli.showing.console import Console
from ptx_bulk.cli.showing.exit_codes import worst
from ptx_bulk.cli.showing.output import echo
from ptx_bulk.i18n import Quantity, _

if TYPE_CHECKING:
    from ptx_bulk.pipeline import ProfileState


@command(
    "profiles",
    help=_(
        "List the accounts of config.toml: name, address, list, and where the key comes from, never the key. With "
        "--test each is called with its own key."
    ),
    epilog=examples("ptx-bulk profiles\nptx-bulk profiles --test\nptx-bulk profiles --test --profile shop --json"),
)
@option("--test", is_flag=True, help=_("Call each account, side by side, and say whether it answers."))
@global_options
def profiles_command(test: bool) -> int:
    state = click.get_current_context().find_root().obj
    names = state.get("profiles", ())
    state.update(command="profiles", profiles=(), all_profiles=False, profile=None)  # what follows is one object
    from ptx_bulk import pipeline

    console = Console.current()
    found = pipeline.profiles(names, test=test).profiles
    code = worst(one.exit_code for one in found)
    told = {one.name: {name: value for name, value in asdict(one).items() if name != "name"} for one in found}
    if console.show_json({"command": "profiles", "exit_code": code, "profiles": told}):
        return code
    if not found:
        console.notice(_("There are no profiles: write a table for each account into config.toml."))
    for line in _lines(found):
        echo(line)
    for one in found:
        if one.problem:
            echo(_("Error: {error}").format(error=f"{one.name}: {one.problem}"), err=True)
    return code


def _lines(found: tuple[ProfileState, ...]) -> list[str]:
    rows = [[one.name, one.address or "-", one.list or "-", _key(one), _tested(one)] for one in found]
    if not rows:
        return []
    table = [
        [_("profile"), _("address"), _("list"), _("key from"), _("tested") if any(r[-1] for r in rows) else ""],
        *rows,
    ]
    widths = [max(len(row[at]) for row in table) for at in range(len(table[0]))]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]


def _key(one: ProfileState) -> str:
    return {"api_key_command": "api_key_command", "keyring": _("keyring"), "": _("nowhere")}[one.key]


def _tested(one: ProfileState) -> str:
    words = {
        "reachable": _("reachable"),
        "refused": _("refused"),
        "down": _("no answer"),
        "wrong": _("unusable"),
        "": "",
    }
    if one.credits is None:
        return words[one.tested]
    return _("{state}, {credits:,.0f} credits").format(state=words[one.tested], credits=Quantity(one.credits))


COMMANDS = (profiles_command,)
