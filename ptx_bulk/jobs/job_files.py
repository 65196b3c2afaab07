"""A job file and its overrides, checked and turned into a command line."""

from __future__ import annotations

import datetime as dt
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ptx_bulk.configfile import (
    TomlFile,
    command_words,
    did_you_mean,
    is_secret,
    read_toml,
    secret_refused,
)
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _
from ptx_bulk.jobs.texts import Resolver, absolute, wrong_value

# Which key holds a command's arguments; a command that is not here takes none.
_ARGUMENTS = {
    **dict.fromkeys(("import", "remove", "sync", "diff", "check"), "files"),
    "find": "numbers",
    "apply": "plan",
    **dict.fromkeys(("resume", "undo", "show"), "run"),
}
_OPTIONAL_ARGUMENT = frozenset({"resume"})
_TOP_KEYS = frozenset({"command", "files", "numbers", "plan", "run", "profile", "profiles", "on_finish"})

_ACCOUNT_KEYS = ("profile", "profiles")


@dataclass(frozen=True)
class Job:
    """A job file, resolved.

    Attributes:
        path: the job file, absolute; its folder is where the hook runs.
        command: the command's name.
        arguments: what follows the command's name on the command line.
        on_finish: the words of the command to run at the end, None for none.
    """

    path: Path
    command: str
    arguments: list[str]
    on_finish: list[str] | None = None


@dataclass(frozen=True)
class _Entry:
    """A value with the place it was written at and the folder its relative paths start from."""

    value: object
    where: str
    base: Path


def load_job(
    path: Path,
    overrides: Sequence[str] = (),
    *,
    known_options: Mapping[str, frozenset[str]],
    flags: frozenset[str],
    now: dt.datetime,
    env: Mapping[str, str] | None = None,
) -> Job:
    """Read a job file and turn it into a command line.

    Args:
        path: the job file.
        overrides: `KEY=VALUE` each, KEY an option or a key of the job; they win over the file.
        known_options: for each command a job may hold, the names of its long options without `--`.
        flags: the names of those options, of any command, that take no value.
        now: local time, for `{date}` and `{datetime}`.
        env: the environment variables, for `${NAME}`; those of this process when None.

    Raises:
        ConfigurationError: the file cannot be read, or a key, option, reference or value in it is wrong;
            the text names line and key.
    """
    top, options = _entries(read_toml(path))
    for override in overrides:
        _override(override, top, options, flags)
    resolver = Resolver(now, os.environ if env is None else env)
    command = _command(path, top, resolver, known_options)
    arguments: list[str] = []
    for key, entry in options.items():
        if key not in known_options[command]:
            raise _unknown_option(key, entry.where, command, known_options[command])
        arguments += _option(key, entry, resolver, is_flag=key in flags)
    arguments += _accounts(top, options, resolver)
    arguments += _positionals(path, top, command, resolver)
    return Job(path.absolute(), command, arguments, _on_finish(top.get("on_finish"), resolver))


def _entries(file: TomlFile) -> tuple[dict[str, _Entry], dict[str, _Entry]]:
    """The job's own keys and its options, these with hyphens, in the order of the file."""
    base = file.path.absolute().parent
    top: dict[str, _Entry] = {}
    options: dict[str, _Entry] = {}
    for key, value in file.values.items():
        where = file.where(key)
        if is_secret(key):
            raise secret_refused(where, key)
        if key in _TOP_KEYS:
            top[key] = _Entry(value, where, base)
        elif key != "options":
            raise ConfigurationError(
                _("{where}: `{key}` is not a key of a job; a command's options stand below [options].").format(
                    where=where, key=key
                )
                + did_you_mean(key, {*_TOP_KEYS, "options"})
            )
        elif not isinstance(value, dict):
            raise wrong_value(where, key, _("a table, written [options]"))
        else:
            for name, wanted in value.items():
                options[name.replace("_", "-")] = _Entry(wanted, file.where(key, name), base)
    return top, options


def _override(override: str, top: dict[str, _Entry], options: dict[str, _Entry], flags: frozenset[str]) -> None:
    name, equals, text = override.partition("=")
    name = name.strip().removeprefix("options.").removeprefix("--")
    if not equals or not name:
        raise ConfigurationError(_("--set {text}: write it as KEY=VALUE, such as list=npai.").format(text=override))
    where = f"--set {name}"
    if is_secret(name):
        raise secret_refused(where, name)
    job_key, option = name.replace("-", "_"), name.replace("_", "-")
    entry = _Entry(_set_value(text, is_flag=option in flags), where, Path.cwd())
    if job_key in _TOP_KEYS:
        if job_key in _ACCOUNT_KEYS:  # one or several: what is set now is meant
            for key in _ACCOUNT_KEYS:
                top.pop(key, None)
        top[job_key] = entry
    else:
        options[option] = entry


def _set_value(text: str, *, is_flag: bool) -> object:
    """The value of `--set`: a list when written as one, true or false for a flag, else the text as it is."""
    if is_flag and text in ("true", "false"):
        return text == "true"
    if text.startswith("["):
        try:
            return tomllib.loads(f"value = {text}")["value"]
        except (ValueError, RecursionError):
            return text
    return text


def _command(
    path: Path, top: Mapping[str, _Entry], resolver: Resolver, known_options: Mapping[str, frozenset[str]]
) -> str:
    if "command" not in top:
        raise ConfigurationError(
            _('{file}: there is no `command`; add a line such as command = "import".').format(file=path)
        )
    command = _text("command", top["command"], resolver)
    if command not in known_options:
        raise ConfigurationError(
            _("{where}: `{command}` is not a command that a job can run.").format(
                where=top["command"].where, command=command
            )
            + did_you_mean(command, known_options)
        )
    return command


def _unknown_option(key: str, where: str, command: str, known: frozenset[str]) -> ConfigurationError:
    if is_secret(key):
        return secret_refused(where, key)
    return ConfigurationError(
        _("{where}: `{key}` is not an option of `{command}`.").format(where=where, key=key, command=command)
        + did_you_mean(key, known)
    )


def _option(key: str, entry: _Entry, resolver: Resolver, *, is_flag: bool) -> list[str]:
    """One option as arguments, each in one word with its value, so that no value is taken for an option."""
    if not is_flag:
        return [f"--{key}={text}" for text in _texts(key, entry, resolver)]
    if not isinstance(entry.value, bool):
        raise wrong_value(entry.where, key, _("true or false"))
    return [f"--{key}"] if entry.value else []


def _accounts(top: Mapping[str, _Entry], options: Mapping[str, _Entry], resolver: Resolver) -> list[str]:
    """Which accounts the job is for: one `profile`, several `profiles`, or "all" of them."""
    given = [key for key in ("profile", "profiles") if key in top]
    if len(given) > 1:
        raise ConfigurationError(
            _("{where}: `profile` and `profiles` both say for which accounts the job is; leave one out.").format(
                where=top["profiles"].where
            )
        )
    if given == ["profile"]:
        return [f"--profile={_text('profile', top['profile'], resolver)}"]
    names = _texts("profiles", top["profiles"], resolver) if given else []
    if given and not names:
        raise wrong_value(top["profiles"].where, "profiles", _('names of profiles, or "all"'))
    if names == ["all"]:
        return [] if "all-profiles" in options else ["--all-profiles"]
    return [f"--profile={name}" for name in names]


def _positionals(path: Path, top: Mapping[str, _Entry], command: str, resolver: Resolver) -> list[str]:
    wanted = _ARGUMENTS.get(command)
    for key in ("files", "numbers", "plan", "run"):
        if key in top and key != wanted:
            raise ConfigurationError(
                _("{where}: `{command}` takes no `{key}`.").format(where=top[key].where, command=command, key=key)
            )
    if wanted is None or (wanted not in top and command in _OPTIONAL_ARGUMENT):
        return []
    texts = _texts(wanted, top[wanted], resolver) if wanted in top else []
    if not texts:
        raise ConfigurationError(_("{file}: `{command}` needs `{key}`.").format(file=path, command=command, key=wanted))
    return ["--", *texts]


def _on_finish(entry: _Entry | None, resolver: Resolver) -> list[str] | None:
    """The hook's words; a program named with a folder has its path made absolute."""
    if entry is None:
        return None
    words = command_words(entry.value)
    if words is None:
        raise wrong_value(entry.where, "on_finish", _("a command, as a text or a list of words"))
    program, *rest = _texts("on_finish", _Entry(words, entry.where, entry.base), resolver)
    if Path(program).name != program:
        program = absolute(program, entry.base)
    return [program, *rest]


def _text(key: str, entry: _Entry, resolver: Resolver) -> str:
    return resolver.resolve(entry.value, key=key, where=entry.where, base=entry.base)


def _texts(key: str, entry: _Entry, resolver: Resolver) -> list[str]:
    values = entry.value if isinstance(entry.value, list) else [entry.value]
    return [resolver.resolve(value, key=key, where=entry.where, base=entry.base) for value in values]
