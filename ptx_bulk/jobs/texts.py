"""The texts of a job: `{date}` and `${NAME}` replaced, relative paths made absolute."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ptx_bulk.configfile import did_you_mean
from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _

PATH_KEYS = frozenset(
    {
        "against",
        "bookmark",
        "combined-report",
        "dossier",
        "files",
        "log-file",
        "metrics",
        "output",
        "plan",
        "report",
        "save-plan",
    }
)
_VARIABLE = re.compile(r"\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})?")
_MOMENT = re.compile(r"(?<!\$)\{([A-Za-z_]+)(?::([^{}]*))?\}")
_LONGEST = 32_767  # what Windows takes as a command line
_LONGEST_PATTERN = 100
_PATTERN = re.compile(r"(?:[^%\0]|%[-#_^0]?[A-Za-z%])*")
_MOMENT_FORMATS = {"date": "%Y-%m-%d", "datetime": "%Y-%m-%dT%H%M%S"}  # Windows allows no colon in names


@dataclass(frozen=True)
class Resolver:
    """What the texts of a job refer to.

    Attributes:
        now: local time.
        env: the environment variables.
    """

    now: dt.datetime
    env: Mapping[str, str] = field(repr=False)  # it may hold the key

    def resolve(self, value: object, *, key: str, where: str, base: Path) -> str:
        """One value as text; that of a path key is made absolute, `-` (standard input or output) excepted.

        Args:
            value: as TOML has it.
            key: the key it belongs to.
            where: the place of the key, for errors.
            base: the folder that a relative path starts from.

        Raises:
            ConfigurationError: the value is no text, or refers to what does not exist.
        """
        if isinstance(value, dt.date | dt.time):
            return value.isoformat()
        if isinstance(value, bool | list | dict):
            raise wrong_value(where, key, _("a text in quotes or a number"))
        text = self._with_variables(self._with_moments(_plain(value, key, where), key, where), key, where)
        if len(text) > _LONGEST:
            raise _too_long(where, key)
        if not text.strip():
            raise wrong_value(where, key, _("a text that is not empty"))
        if key not in PATH_KEYS or text == "-":
            return text
        try:
            return absolute(text, base)
        except (RuntimeError, OSError) as error:  # `~name` of nobody, links in a circle
            raise wrong_value(where, key, _("a path that leads somewhere")) from error

    def _with_moments(self, text: str, key: str, where: str) -> str:
        def moment(match: re.Match[str]) -> str:
            name, wanted = match.groups()
            if name not in _MOMENT_FORMATS:
                if key not in PATH_KEYS:  # a column may well be called {Phone}
                    return match[0]
                raise ConfigurationError(
                    _("{where}: `{{{name}}}` in `{key}` is not known.").format(where=where, name=name, key=key)
                    + did_you_mean(name, _MOMENT_FORMATS)
                )
            pattern = wanted or _MOMENT_FORMATS[name]
            # C libraries take widths of a billion, and a pattern in a file is short.
            if len(pattern) > _LONGEST_PATTERN or not _PATTERN.fullmatch(pattern):
                raise _wrong_date(where, key)
            try:
                return self.now.strftime(pattern)
            except ValueError as error:
                raise _wrong_date(where, key) from error

        return _MOMENT.sub(moment, text)

    def _with_variables(self, text: str, key: str, where: str) -> str:
        length = 0

        def variable(match: re.Match[str]) -> str:
            nonlocal length
            name, default = match.groups()
            if name is None:
                raise wrong_value(where, key, _("references written ${NAME} or ${NAME:-default}"))
            value = self.env.get(name, "").strip() or default
            if value is None:
                raise ConfigurationError(
                    _("{where}: `{key}` needs the environment variable {name}, which is not set.").format(
                        where=where, key=key, name=name
                    )
                )
            length += len(value)
            if length > _LONGEST:  # before a value of 100 KB is put in place ten thousand times
                raise _too_long(where, key)
            return value

        return _VARIABLE.sub(variable, text)


def _plain(value: object, key: str, where: str) -> str:
    text = str(value)
    if "\0" in text:
        raise wrong_value(where, key, _("a text without zero characters"))
    return text


def _too_long(where: str, key: str) -> ConfigurationError:
    return wrong_value(where, key, _("a text of at most {count} characters").format(count=_LONGEST))


def _wrong_date(where: str, key: str) -> ConfigurationError:
    return wrong_value(where, key, _("a date format such as {date:%Y%m%d}"))


def absolute(text: str, base: Path) -> str:
    """A path that starts from `base` unless it is absolute; `..` is followed as the file system would."""
    return os.path.normpath(base.resolve() / Path(text).expanduser())


def wrong_value(where: str, key: str, wanted: str) -> ConfigurationError:
    """The refusal of a value, with what would be right."""
    return ConfigurationError(_("{where}: `{key}` needs {wanted}.").format(where=where, key=key, wanted=wanted))
