"""Makes docs/ptx-bulk.1, the manual page, from the program itself: `python docs/manpage.py`.

With `--print` the page goes to standard output, and no file is written. What it says is what reference.py says.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click
import reference

from ptx_bulk.cli.app import EXIT_CODES, cli
from ptx_bulk.cli.help_sections import GENERAL, SECTIONS

PAGE = Path(__file__).with_name("ptx-bulk.1")

_TOP = """\
.\\" Made from the program by `python docs/manpage.py`; change the program, not this page.
.TH PTX-BULK 1 "" "ptx-bulk" "User Commands"
.SH NAME
ptx-bulk \\- keep the STOP and NPAI lists of a Primotexto account in step with spreadsheets
.SH SYNOPSIS
.B ptx-bulk
[options] command [options] [arguments]
.SH DESCRIPTION"""


def page() -> str:
    """The whole page in the macros of man(7)."""
    whole = click.Context(cli, **cli.context_settings)
    lines = [_TOP, _text(cli.help or ""), ".SH COMMANDS"]
    for name, command in cli.commands.items():
        context = click.Context(command, whole, name)
        own = [option for option in reference.options(context) if not _is_general(option)]
        lines += [f'.SS "{_text(reference.usage(context))}"', _text(reference.help_text(context)), *_sections(own)]
    general = [option for option in reference.options(context) if _is_general(option)]
    lines += [".SH GLOBAL OPTIONS", *(_item(*map(_plain, reference.row(option))) for option in general)]
    lines += [".SH EXIT STATUS", *(_item(code, meaning) for code, meaning in EXIT_CODES)]
    lines += [".SH ENVIRONMENT", *(_item(name, _plain(meaning)) for name, meaning in reference.VARIABLES.items())]
    lines += [".SH EXAMPLES", *_examples()]
    return "\n".join(line for line in lines if line) + "\n"


def _sections(options: list[click.Option]) -> list[str]:
    """Options in the sections of the help."""
    lines: list[str] = []
    for section in SECTIONS:
        mine = [option for option in options if getattr(option, "section", GENERAL) == section]
        lines += [f".PP\n.I {section}"] if mine else []
        lines += [_item(*map(_plain, reference.row(option))) for option in mine]
    return lines


def _is_general(option: click.Option) -> bool:
    return getattr(option, "section", GENERAL) == GENERAL


def _examples() -> list[str]:
    lines = [line for command in cli.commands.values() for line in (command.epilog or "").splitlines()[2:]]
    return [".nf", *(_text(line.strip()) for line in lines), ".fi"]


def _item(term: str, meaning: str) -> str:
    return f".TP\n.B {_text(term)}\n{_text(meaning)}"


def _plain(markdown: str) -> str:
    """Markdown of the reference as text."""
    return re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", markdown).replace("`", "").replace("\\|", "|")


def _text(text: str) -> str:
    """A text as roff takes it: hyphens to be copied, no line that is a request."""
    escaped = re.sub(r"\s+", " ", text).strip().replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


if __name__ == "__main__":
    if "--print" in sys.argv[1:]:
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr] # it is a file or a pipe
        print(page(), end="")
    else:
        PAGE.write_text(page(), encoding="utf-8", newline="\n")
