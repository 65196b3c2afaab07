"""Makes docs/reference.md from the program itself: `python docs/reference.py`.

With `--print` the page goes to standard output, and no file is written. The program is the one of this folder, whatever
is installed; helps are translated where they are declared, so the language is chosen before they are imported.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

sys.path.insert(0, str(Path(__file__).parents[1]))
from ptx_bulk import arguments, i18n

i18n.use("en")
from ptx_bulk.cli.app import EXIT_CODES, cli, first_sentence
from ptx_bulk.model import REJECTED_CODES, WARNING_CODES, Code
from ptx_bulk.reports.summary import Summary
from ptx_bulk.sentences import CODE_SENTENCES
from ptx_bulk.settings import Profile

PAGE = Path(__file__).with_name("reference.md")

_TOP = """\
# Reference

<!-- Made from the program by `python docs/reference.py`; change the program, not this page. -->

Every command, option, exit code, code, key of `--json` and setting of ptx-bulk. What they are good for stands in the
[manual](manual.md), how to run them on a server in [deploy](deploy.md).

[Commands](#commands) · [Shared options](#shared-options) · [Exit codes](#exit-codes) · [Codes](#codes) · [JSON](#json)
· [Settings](#settings)
"""

_EXIT_CODES = """Where several apply: 130, then 6, 5, 4. A command for several accounts ends
with the first of 130, 6, 5, 1, 8, 7, 3, 2, 4, 10, 9, 0 that one of them ended with."""

_CODES = """\
Codes are stable and never translated. A line that was applied carries `ADDED` or `REMOVED` first, then warnings:
`ADDED+ZERO_RESTORED`. `rejected` lines were never sent."""

_JSON = """\
With `--json` standard output holds one object and nothing else; all talk goes to standard error. It is printed
whatever happens, a refusal and an interrupt included. `runs`, `show`, `export`, `audit`, `purge`, `login` and `doctor`
print objects of their own, each with `command` and `exit_code`. A question that nobody was there to answer stands in
`question`."""

_JSON_EXAMPLE = """\
```sh
ptx-bulk --sandbox check npai.csv --list npai --json
```

```json
{"run_id": "RUN", "command": "check", "list": "npai", "exit_code": 0, "counts": {"valid": 8}, "codes": {},
 "verified": {"yes": 0, "no": 0}, "input": {"files": ["npai.csv"], "rows": 8, "blank": 0, "excluded": 0,
 "reading": [{"file": "npai.csv", "sheet": "", "header_row": 1, "phone_columns": ["Numéro"], "list": "npai",
 "list_column": null, "polarity": null, "country_column": null, "region": "FR", "international": false, "where": [],
 "encoding": "utf-8", "delimiter": ";", "rows": 8, "excluded": 0, "evidence": {"header_row": "heading",
 "phones": "heading_and_content", "list": "option", "country": "nothing"},
 "unused": [{"about": "list_column", "name": "Statut", "why": "option"}]}]},
 "remote": {"before": null, "after": null}, "origin": {"ours": 0, "theirs": 0},
 "reports": ["npai.RUN.results.csv"], "elapsed_s": 0.5}
```"""

_SETTINGS = """\
The command line wins over the environment, the environment over the profile. The key is looked for in the environment,
then asked of the profile's `api_key_command`, then of the keyring. It is never an option."""

VARIABLES = {
    "PTX_API_KEY": "the API key",
    "PRIMOTEXTO_API_KEY": "the API key, where `PTX_API_KEY` is not set",
    "PTX_BASE_URL": "address of the API; `http://` only for this machine",
    "PTX_HOME": "the state folder, see [What is stored where](deploy.md#what-is-stored-where)",
    "PTX_CONFIG": "the file with the profiles",
    "PTX_PROFILE": "the profile",
    "PTX_LANG": "`en` or `fr`",
    "PTX_ACTOR": "who gives the commands, for the journal; default: the login name",
    "PTX_LOG_FILE": "as `--log-file`",
    "PTX_METRICS": "as `--metrics`",
    "PTX_FAST_NUMBERS": "`0` has every number read the careful way, without the [shortcut](shortcut.md); for comparing",
}

_PROFILES = """\
A profile is a table of `config.toml`, see [Settings and profiles](deploy.md#settings-and-profiles)."""

_Row = tuple[str, ...]


def page() -> str:
    """The whole page."""
    parts = [_TOP, *_commands(), *_shared(), "## Exit codes", _exit_codes(), _EXIT_CODES, "## Codes", _CODES, _codes()]
    parts += ["## JSON", _JSON, _json_keys(), _JSON_EXAMPLE, "## Settings", _SETTINGS, _variables(), _PROFILES, _keys()]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _commands() -> list[str]:
    found = _contexts()
    rows = [(f"[`{usage(context)}`](#{name})", first_sentence(help_text(context))) for name, context in found.items()]
    parts = ["## Commands", _table(("command", "does"), rows)]
    for name, context in found.items():
        parts += [f"### `{name}`", help_text(context), f"Usage: `{usage(context)} [options]`"]
        parts += [_option_table(own) for own in [_own(name)] if own]
        parts += [_others(name), _epilog(context)]
    return [part for part in parts if part]


def _contexts() -> dict[str, click.Context]:
    whole = click.Context(cli, **cli.context_settings)
    return {name: click.Context(command, whole, name) for name, command in cli.commands.items()}


def usage(context: click.Context) -> str:
    """The command with its arguments."""
    pieces = [piece for piece in context.command.collect_usage_pieces(context) if piece != "[OPTIONS]"]
    return " ".join([str(context.command.name), *pieces])


def help_text(context: click.Context) -> str:
    """What the command does."""
    return re.sub(r"\s+", " ", context.command.help or "")


def _epilog(context: click.Context) -> str:
    title, *lines = (context.command.epilog or "").removeprefix("\b\n").splitlines() or [""]
    return title and f"{title}\n\n```text\n" + "\n".join(line.removeprefix("  ") for line in lines) + "\n```"


def options(context: click.Context) -> list[click.Option]:
    """The command's options, those of every command included."""
    return [param for param in context.command.get_params(context) if isinstance(param, click.Option)]


@functools.cache
def _groups() -> dict[_Row, list[_Row]]:
    """The rows of options, by the commands that have them alike; both in the order of the help."""
    having: dict[_Row, list[str]] = {}
    for name, context in _contexts().items():
        for option in options(context):
            having.setdefault(row(option), []).append(name)
    found: dict[_Row, list[_Row]] = {}
    for one, names in having.items():
        found.setdefault(tuple(names), []).append(one)
    return found


def _own(name: str) -> list[_Row]:
    return _groups().get((name,), [])


def _others(name: str) -> str:
    """What else the command takes: a line for each table below, with the names of its options."""
    shared = [names for names in _groups() if name in names and 1 < len(names) < len(cli.commands)]
    lines = [f"- [{_names(_groups()[names])}](#{_anchor(names)})" for names in shared]
    return "\n".join(["Shared options:", "", *lines, "- [those of every command](#every-command)"])


def _names(rows: list[_Row]) -> str:
    return " ".join(re.findall(r"`(--[a-z-]+)", " ".join(cell for cell, _meaning in rows)))


def _title(names: _Row) -> str:
    return " ".join(f"`{name}`" for name in names)


def _anchor(names: _Row) -> str:
    return "-".join(names)


def _shared() -> list[str]:
    parts = ["## Shared options", "The headings name the commands that have the options below."]
    every = tuple(cli.commands)
    parts += [
        "### Every command",
        "They stand before or after the command's name alike. `-V`, `--version` stands before it.",
        _option_table(_groups()[every]),
    ]
    for names, rows in _groups().items():
        if 1 < len(names) < len(every):
            parts += [f"### {_title(names)}", _option_table(rows)]
    return parts


def _option_table(rows: list[_Row]) -> str:
    return _table(("option", "meaning"), rows)


def row(option: click.Option) -> _Row:
    """The option with its placeholder, and what it means."""
    # Click's own options come in an order that its versions disagree on.
    *short, last = sorted(option.opts, key=lambda name: name.startswith("--"))
    cell = ", ".join([*(f"`{name}`" for name in short), f"`{last}{_value(option)}`"])
    return cell, _sentence(option.help or "", _remarks(option))


def _value(option: click.Option) -> str:
    if option.is_flag or option.count:
        return ""
    if isinstance(option.type, click.Choice) and not option.metavar:
        return " " + "|".join(map(str, option.type.choices))
    return " " + (option.metavar or "N")


def _sentence(said: str, remarks: list[str]) -> str:
    if not remarks:
        return said
    plain = said.removesuffix(".")
    return f"{plain[:-1]}; {'; '.join(remarks)})." if plain.endswith(")") else f"{plain} ({'; '.join(remarks)})."


def _remarks(option: click.Option) -> list[str]:
    """What the help adds in brackets: whether the option must be given, its bounds, its default."""
    said = ["required"] if option.required else []
    if isinstance(option.type, click.IntRange | click.FloatRange) and option.type.min is not None and not option.count:
        low, high = option.type.min, option.type.max
        said.append(f"{_number(low)} or more" if high is None else f"{_number(low)} to {_number(high)}")
    if option.show_default and option.default is not None:
        said.append(
            f"default `{_number(option.default)}`"
            if isinstance(option.default, float)
            else f"default `{option.default}`"
        )
    return said


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) and abs(value) >= 10_000 else f"{value:g}"


def _exit_codes() -> str:
    return _table(("code", "meaning"), EXIT_CODES)


def _codes() -> str:
    return _table(("code", "group", "meaning"), [(f"`{code}`", _group(code), CODE_SENTENCES[code]) for code in Code])


def _group(code: Code) -> str:
    if code in REJECTED_CODES:
        return "rejected"
    return "warning" if code in WARNING_CODES else _OTHER_GROUPS[code]


_OTHER_GROUPS: dict[Code, str] = {
    **dict.fromkeys((Code.DUPLICATE_IN_FILE, Code.ALREADY_LISTED, Code.NOT_LISTED, Code.NOT_OPTED_OUT), "unchanged"),
    **dict.fromkeys((Code.ADDED, Code.REMOVED, Code.APPLIED_AFTER_CHECK), "applied"),
    **dict.fromkeys((Code.REJECTED_BY_API, Code.RATE_LIMITED, Code.SERVER_ERROR), "failed or unknown"),
    **dict.fromkeys((Code.NETWORK, Code.OUTCOME_UNKNOWN, Code.VERIFY_MISMATCH), "failed or unknown"),
    **dict.fromkeys((Code.ACCESS_REFUSED, Code.INTERRUPTED, Code.TIME_LIMIT, Code.OVER_LIMIT), "not attempted"),
    **dict.fromkeys((Code.PLAN_STALE, Code.NOT_CONFIRMED, Code.PROTECTED), "not attempted"),
}


def _json_keys() -> str:
    meanings = _attributes(Summary)
    keys = _flat(Summary(run_id="", command="").as_json())
    return _table(("key", "meaning"), [(f"`{key}`", _in_json(meanings[key.rpartition(".")[2]])) for key in keys])


def _in_json(meaning: str) -> str:
    return meaning.replace("None", "`null`")


def _flat(values: dict[str, Any], before: str = "") -> Iterable[str]:
    for key, value in values.items():
        if isinstance(value, dict) and value and key not in ("verified", "origin"):
            yield from _flat(value, f"{key}.")
        else:
            yield before + key


def _variables() -> str:
    return _table(("variable", "meaning"), [(f"`{name}`", meaning) for name, meaning in VARIABLES.items()])


def _keys() -> str:
    meanings = _attributes(Profile)
    names = [field.name for field in dataclasses.fields(Profile) if field.name != "name"]
    return _table(
        ("key of a profile", "meaning"), [(f"`{name}`", _sentence(meanings[name], _bounds(name))) for name in names]
    )


def _bounds(name: str) -> list[str]:
    bounds = getattr(arguments, name.upper(), None)
    return [f"{_number(bounds.lowest)} to {_number(bounds.highest)}"] if isinstance(bounds, arguments.Bounds) else []


def _attributes(kind: type) -> dict[str, str]:
    """What the docstring of a class says of its attributes, in one line each."""
    (told,) = re.findall(r"^Attributes:\n(.*?)(?=^\S|\Z)", inspect.getdoc(kind) or "", re.MULTILINE | re.DOTALL)
    found = re.findall(r"^    (\w+): (.*?)(?=^    \w|\Z)", told, re.MULTILINE | re.DOTALL)
    return {name: re.sub(r"\s+", " ", meaning).strip() for name, meaning in found}


def _table(heading: _Row, rows: Iterable[_Row]) -> str:
    lines = [heading, ("---",) * len(heading), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def main() -> None:
    """Write the page, or print it."""
    if sys.argv[1:] == ["--print"]:
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr] # it is a file or a pipe
        print(page(), end="")
    else:
        PAGE.write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
