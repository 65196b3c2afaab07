"""What settings and jobs share: TOML files whose errors name line and key, and commands as text."""

from __future__ import annotations

import difflib
import os
import re
import shlex
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ptx_bulk.errors import ConfigurationError
from ptx_bulk.i18n import _

_LARGEST = 1 << 20
_DEEP = 50
# Characters parsed to find the lines of keys; a file that needs more tells its errors without line.
_LINE_EFFORT = 2_000_000
_STARTS = re.compile(r"\s*(#|\[|[A-Za-z0-9_\"'][^=]*=|$)")
_SECRET_NAMES = frozenset({"api_key", "apikey", "key", "password", "secret", "token"})


@dataclass(frozen=True)
class TomlFile:
    """A TOML file as read: its values, and where each key stands.

    Attributes:
        path: the file.
        text: its content, with single line feeds.
        values: the parsed document.
    """

    path: Path
    text: str
    values: dict[str, Any]

    @cached_property
    def _lines(self) -> dict[tuple[str, ...], int]:
        try:
            return _key_lines(self.text)
        except RecursionError:  # keys of hundreds of parts
            return {}

    def where(self, *keys: str) -> str:
        """`FILE, line N`, where this key is first written; `FILE` alone when it is not written."""
        line = self._lines.get(keys)
        if line is None:
            return str(self.path)
        return _("{file}, line {line}").format(file=self.path, line=line)


def read_toml(path: Path) -> TomlFile:
    """Read a TOML file, with or without a byte order mark.

    Raises:
        ConfigurationError: the file is missing, no file, larger than 1 MB, not text in UTF-8, or not TOML; the text
            names the line.
    """
    content = _content(path)
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(
            _("{file}, line {line}: the file is not UTF-8; save it as UTF-8 in your editor.").format(
                file=path, line=line
            )
        ) from error
    try:
        return TomlFile(path, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(_syntax_sentence(path, text, error)) from error
    except RecursionError as error:
        raise ConfigurationError(
            _("{file}, line {line}: lists or tables are nested too deeply; mend that line.").format(
                file=path, line=_deep_line(text)
            )
        ) from error
    except ValueError as error:  # a number of thousands of digits
        raise ConfigurationError(_("{file}: a number in it is too long; shorten it.").format(file=path)) from error


def _content(path: Path) -> bytes:
    """The bytes of a file that is one, and not a huge one."""
    try:
        if not path.is_file() and path.exists() and str(path) != os.devnull:
            raise ConfigurationError(
                _("{file}: this is a folder, a device or a pipe, not a file; name a file.").format(file=path)
            )
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:  # a name with a zero in it is a ValueError
        reason = getattr(error, "strerror", None) or error
        raise ConfigurationError(
            _("{file}: the file cannot be read ({reason}).").format(file=path, reason=reason)
        ) from error
    if len(content) > _LARGEST:
        raise ConfigurationError(
            _("{file}: the file is larger than {size} KB, as no settings or job are; name another file.").format(
                file=path, size=_LARGEST >> 10
            )
        )
    return content


def _deep_line(text: str) -> int:
    """The line at which brackets first stand deeper than any file needs."""
    depth = 0
    for number, line in enumerate(text.split("\n"), start=1):
        depth += sum(map(line.count, "[{")) - sum(map(line.count, "]}"))
        if depth > _DEEP or line.count(".") > _DEEP:
            return number
    return 1


def _syntax_sentence(path: Path, text: str, error: tomllib.TOMLDecodeError) -> str:
    if "\\" in text:
        sentence = _(
            "{file}: not valid TOML: {reason}; a text that holds a backslash, such as a Windows path, "
            "needs 'single quotes'."
        )
    else:
        sentence = _("{file}: not valid TOML: {reason}; mend that line.")
    return sentence.format(file=path, reason=error)


def _key_lines(text: str) -> dict[tuple[str, ...], int]:
    """The line of the first mention of each key: each statement of a valid file can be parsed by itself."""
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    statement, start, effort = "", 1, 0
    written = text.split("\n")
    for number, line in enumerate(written, start=1):
        statement += line + "\n"
        if number < len(written) and not _STARTS.match(written[number]):
            continue  # what follows starts nothing, so nothing ends here
        effort += len(statement)
        if effort > _LINE_EFFORT:
            break
        try:
            values = tomllib.loads(statement)
        except ValueError:
            continue  # a text or a list that goes on in the next line
        header = statement.lstrip().startswith("[")
        for keys in _paths(values):
            lines.setdefault(keys if header else table + keys, start)
            if header:
                table = keys
        statement, start = "", number + 1
    return lines


def _paths(value: object) -> Iterator[tuple[str, ...]]:
    """Every key path in a parsed statement, outer ones first; an array of tables counts as its one table."""
    inner = value[0] if isinstance(value, list) and value else value
    if isinstance(inner, Mapping):
        for key, below in inner.items():
            yield (key,)
            yield from ((key, *rest) for rest in _paths(below))


def is_secret(key: str) -> bool:
    """Whether a key of this name would hold a secret, however it is hyphenated."""
    return key.lower().replace("-", "_") in _SECRET_NAMES


def secret_refused(where: str, key: str) -> ConfigurationError:
    """The refusal of a secret written into a file."""
    return ConfigurationError(
        _(
            "{where}: `{key}` is refused, because a key in a file is soon copied, mailed or committed; "
            "remove it and set PTX_API_KEY, give the profile an `api_key_command`, or run `ptx-bulk login`."
        ).format(where=where, key=key)
    )


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` Did you mean ...?` with the nearest known word, else ` Known are ...` with all of them."""
    words = sorted(known)
    near = difflib.get_close_matches(word, words, n=1)
    if near:
        return " " + _("Did you mean `{word}`?").format(word=near[0])
    if words:
        return " " + _("Known are: {words}.").format(words=", ".join(words))
    return ""


def command_words(command: object, *, windows: bool = os.name == "nt") -> list[str] | None:
    """A command as written in a file, a list of words or one text, as words to run without a shell.

    In a text, quotes hold words together; on Windows a backslash is a plain character, as paths need it.

    Returns:
        None when it is neither, is empty, or leaves a quote open.
    """
    if isinstance(command, str):
        lexer = shlex.shlex(command, posix=True, punctuation_chars=False)
        lexer.whitespace_split = True
        lexer.commenters = ""
        lexer.escape = "" if windows else "\\"
        try:
            return list(lexer) or None
        except ValueError:
            return None
    if isinstance(command, list) and command and all(isinstance(word, str) for word in command):
        return [*command] if command[0] else None
    return None
