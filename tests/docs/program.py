"""The command line as it declares itself, in English, asked of one child process.

Help texts are translated where they are declared, so the test's own process, whose language is anyone's, is not asked.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import click

from tests.conftest import ROOT


@dataclass(frozen=True)
class Option:
    """An option of the program: its names, the values it is a choice of, its placeholder, a default that is shown."""

    names: tuple[str, ...]
    choices: tuple[str, ...]
    metavar: str
    default: str


@dataclass(frozen=True)
class Program:
    """What the command line declares.

    Attributes:
        usage: each command with its arguments, `import FILE...`, in the order of the help.
        options: of each command; those of the program itself under ''.
        exit_codes: code and meaning.
        examples: the command lines that the helps end with, without `ptx-bulk`.
    """

    usage: dict[str, str]
    options: dict[str, list[Option]]
    exit_codes: list[list[str]]
    examples: list[str]


def declared() -> Program:
    """The program's declarations."""
    told = _child("declarations", None)
    options = {
        name: [Option(tuple(o["names"]), tuple(o["choices"]), o["metavar"], o["default"]) for o in of_command]
        for name, of_command in told["options"].items()
    }
    return Program(told["usage"], options, told["exit_codes"], told["examples"])


def mistakes(lines: list[list[str]]) -> list[str]:
    """For each command line what is wrong with its words, '' for nothing; none is run."""
    return _child("mistakes", lines)


def _child(task: str, given: object) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", "from tests.docs.program import answer; answer()"],
        input=json.dumps([task, given]),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return json.loads(done.stdout)


def answer() -> None:
    """The child's side: what is asked on standard input is answered on standard output."""
    from ptx_bulk import i18n

    i18n.use("en")
    task, given = json.load(sys.stdin)
    from ptx_bulk.cli.app import EXIT_CODES, cli

    whole = click.Context(cli, **cli.context_settings)
    contexts = {name: click.Context(command, whole, name) for name, command in cli.commands.items()}
    if task == "mistakes":
        told: object = [_mistake(cli, words) for words in given]
    else:
        told = {
            "usage": {name: _usage(context) for name, context in contexts.items()},
            "options": {name: _options(context) for name, context in {"": whole, **contexts}.items()},
            "exit_codes": EXIT_CODES,
            "examples": [line for command in cli.commands.values() for line in _examples(command)],
        }
    json.dump(told, sys.stdout)


def _usage(context: click.Context) -> str:
    pieces = [piece for piece in context.command.collect_usage_pieces(context) if piece != "[OPTIONS]"]
    return " ".join([str(context.command.name), *pieces])


def _examples(command: click.Command) -> list[str]:
    return re.findall(r"^  ptx-bulk (.*?)(?: [|<].*)?$", command.epilog or "", re.MULTILINE)


def _options(context: click.Context) -> list[dict[str, object]]:
    options = [param for param in context.command.get_params(context) if isinstance(param, click.Option)]
    return [
        {
            "names": option.opts,
            "choices": list(option.type.choices) if isinstance(option.type, click.Choice) else [],
            "metavar": option.metavar or "",
            "default": _default(option) if option.show_default else "",
        }
        for option in options
    ]


def _default(option: click.Option) -> str:
    return f"{option.default:g}" if isinstance(option.default, float) else str(option.default)


def _mistake(cli: click.Group, words: list[str]) -> str:
    try:
        with (
            contextlib.redirect_stdout(io.StringIO()),  # `--help` is carried out at once
            cli.make_context("ptx-bulk", list(words), obj={}) as context,
        ):
            # click 9 keeps the command's name in `args`, too
            name, command, rest = cli.resolve_command(
                context, [*getattr(context, "_protected_args", ()), *context.args]
            )
            assert command is not None
            with command.make_context(name, rest, parent=context):
                pass
    except click.exceptions.Exit:
        return ""
    except click.UsageError as error:
        return error.format_message()
    return ""
