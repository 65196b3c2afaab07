"""Profiles: the tables of `config.toml`, one for each account a customer works with."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from ptx_bulk.arguments import CANARY, CONCURRENCY, DIALECT_NAMES, MAX_RATE, TIMEOUT, Bounds, age, word
from ptx_bulk.configfile import (
    TomlFile,
    command_words,
    did_you_mean,
    is_secret,
    read_toml,
    secret_refused,
)
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import N_, _
from ptx_bulk.model import LIST_ALIASES

APP = "ptx-bulk"
_LEAST_KEPT_S = 7 * 86_400.0


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What one table of `config.toml` says; None where it says nothing.

    Attributes:
        name: the table's name, None when no profile was chosen.
        base_url: the API's address.
        api_key_command: the words of a command that prints the API key.
        concurrency: calls in flight.
        max_rate: calls a second.
        timeout: seconds to wait for an answer.
        region: two-letter code of the country whose national writings are meant.
        dialect: of every CSV that is written: `rfc4180` or `excel-fr`.
        keep: so long ended runs, snapshots and reports are kept, such as 400d; 7d or more; for good when left out.
        log_file: file that events are appended to (`--log-file`).
        metrics: file that the figures of the last run are written to (`--metrics`).
        canary: so many changes are sent and read back before the rest.
        max_removals: most removals from a list, as the option has it: `50` or `5%`.
        list: the list of numbers for which neither option nor column says one: `stop` or `npai`.
    """

    name: str | None = None
    base_url: str | None = None
    api_key_command: tuple[str, ...] | None = field(default=None, repr=False)
    concurrency: int | None = None
    max_rate: float | None = None
    timeout: float | None = None
    region: str | None = None
    dialect: str | None = None
    keep: float | None = None
    log_file: str | None = None
    metrics: str | None = None
    canary: int | None = None
    max_removals: str | None = None
    list: str | None = None

    def __post_init__(self) -> None:
        """Refuse values that no command could work by.

        Raises:
            ConfigurationError: it names the argument.
        """
        for name, bounds in _BOUNDS.items():
            value = getattr(self, name)
            if value is not None:
                bounds.check(name, value)
        if self.dialect is not None:
            word("dialect", self.dialect, DIALECT_NAMES)


def config_path(env: Mapping[str, str]) -> Path:
    """`config.toml` in the platform's folder for user configuration, unless `PTX_CONFIG` names a file.

    Raises:
        ConfigurationError: `PTX_CONFIG` begins with the home folder of a user who does not exist.
    """
    chosen = env.get("PTX_CONFIG", "").strip()
    if chosen:
        try:
            return Path(chosen).expanduser()
        except RuntimeError as error:
            raise ConfigurationError(
                _("PTX_CONFIG names the home folder of nobody ({path}); correct it.").format(path=chosen)
            ) from error
    return platformdirs.user_config_path(APP, appauthor=False) / "config.toml"


def read_profile(path: Path, name: str) -> Profile:
    """The profile of this name.

    Raises:
        ConfigurationError: no such file or profile, an unknown key, a wrong value, or a secret in the file;
            the text names line and key.
    """
    if _is_missing(path):
        raise _no_file(path, name)
    file = read_toml(path)
    for key, value in file.values.items():
        if not isinstance(value, dict):
            raise _stray(file, key)
    if name not in file.values:
        raise _no_profile(path, name, file.values)
    return _profile(file, name)


def check_names(path: Path, names: Sequence[str]) -> None:
    """Refuse names of which the file has no profile.

    Raises:
        ConfigurationError: one of them is missing, or the file cannot be read.
    """
    if _is_missing(path):
        raise _no_file(path, names[0])
    tables = read_toml(path).values
    for name in names:
        if name not in tables:
            raise _no_profile(path, name, tables)


def profile_names(env: Mapping[str, str] | None = None) -> list[str]:
    """The names of the profiles in the configuration file; none where there is no file.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    path = config_path(os.environ if env is None else env)
    values = {} if _is_missing(path) else read_toml(path).values
    return [name for name, value in values.items() if isinstance(value, dict)]


def _is_missing(path: Path) -> bool:
    try:
        return not path.exists()
    except OSError:  # reading it will say why
        return False


def _no_file(path: Path, name: str) -> ConfigurationError:
    return ConfigurationError(
        _("Profile `{name}`: there is no {file}; write a table [{name}] into it, or leave the profile out.").format(
            name=name, file=path
        )
    )


def _no_profile(path: Path, name: str, tables: Iterable[str]) -> ConfigurationError:
    return ConfigurationError(
        _("{file}: there is no profile `{name}`.").format(file=path, name=name) + did_you_mean(name, tables)
    )


def _stray(file: TomlFile, key: str) -> ConfigurationError:
    if is_secret(key):
        return secret_refused(file.where(key), key)
    return ConfigurationError(
        _("{where}: `{key}` stands outside any profile; put it below a line such as [shop].").format(
            where=file.where(key), key=key
        )
    )


def _profile(file: TomlFile, name: str) -> Profile:
    values: dict[str, object] = {}
    for written, value in file.values[name].items():
        key, where = written.replace("-", "_"), file.where(name, written)
        if is_secret(key):
            raise secret_refused(where, written)
        if key not in _KEYS:
            raise ConfigurationError(
                _("{where}: `{key}` is not a setting of a profile.").format(where=where, key=written)
                + did_you_mean(key, _KEYS)
            )
        convert, wanted = _KEYS[key]
        values[key] = convert(value)
        if values[key] is None:
            raise ConfigurationError(
                _("{where}: `{key}` needs {wanted}.").format(where=where, key=written, wanted=_(wanted))
            )
    return Profile(name=name, **values)  # type: ignore[arg-type] # each value comes from its own converter


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _kept(value: object) -> float | None:
    """Seconds; an age so short that a run could not be taken back any more is refused."""
    seconds = age(_text(value) or "")
    return seconds if seconds is not None and seconds >= _LEAST_KEPT_S else None


def _path(value: object) -> str | None:
    text = _text(value)
    try:
        return str(Path(text).expanduser()) if text else None
    except RuntimeError:  # the home folder of nobody
        return None


def _command(value: object) -> tuple[str, ...] | None:
    words = command_words(value)
    return tuple(words) if words else None


def _within(bounds: Bounds) -> tuple[Callable[[object], object], str]:
    """How a number of these bounds is read, and what it has to be."""
    return lambda value: value if bounds.hold(value) else None, bounds.wanted


def _max_removals(value: object) -> str | None:
    from ptx_bulk.plan import MaxRemovals  # noqa: PLC0415 - pandas, for those who set a limit

    try:
        text = _text(value) if not isinstance(value, int) or isinstance(value, bool) else str(value)
        return text if text and MaxRemovals.parse(text) else None
    except ConfigurationError:
        return None


def _list(value: object) -> str | None:
    kind = LIST_ALIASES.get(value) if isinstance(value, str) else None
    return None if kind is None else kind.value


def _region(value: object) -> str | None:
    from ptx_bulk.numbers.regions.codes import check_region  # noqa: PLC0415 - phone metadata, for those who name one

    try:
        return check_region(_text(value) or "")
    except ConfigurationError:
        return None


_BOUNDS = {"concurrency": CONCURRENCY, "max_rate": MAX_RATE, "timeout": TIMEOUT, "canary": CANARY}

_KEYS: dict[str, tuple[Callable[[object], object], str]] = {
    "base_url": (_text, N_("an address in quotes, such as 'https://api.primotexto.com'")),
    "api_key_command": (_command, N_("a command, as a text or as a list of words")),
    **{name: _within(bounds) for name, bounds in _BOUNDS.items()},
    "region": (_region, N_("a country's two letters, such as 'FR'")),
    "dialect": (lambda value: value if value in DIALECT_NAMES else None, N_("'rfc4180' or 'excel-fr'")),
    "keep": (_kept, N_("an age in quotes of 7d or more, such as '400d' or '2y'")),
    "log_file": (_path, N_("the path of a file")),
    "metrics": (_path, N_("the path of a file")),
    "max_removals": (_max_removals, N_("a number such as 50, or a share in quotes such as '5%'")),
    "list": (_list, N_("'stop' or 'npai'")),
}
