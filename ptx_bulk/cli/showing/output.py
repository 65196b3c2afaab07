"""The only place that writes to the streams: text for people is made harmless, text for machines is UTF-8.

Whatever is said to people goes through `echo`, one line a call, so that no line break in a file name or in an answer
of the server can forge a line of ours. Machine output (`--json`, `-o -`) is bytes and asks no console for its letters.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import shlex
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

import click

from ptx_bulk.eventlog import LOGGER
from ptx_bulk.i18n import _
from ptx_bulk.visible import visible, visible_json

if TYPE_CHECKING:
    import pandas as pd


def echo(text: object = "", *, err: bool = False) -> None:
    """One line for people on standard output or standard error; a terminal that was closed is told nothing."""
    with contextlib.suppress(OSError) if err else contextlib.nullcontext():
        click.echo(visible(text), err=err)


def prompt(question: str, **options: Any) -> Any:
    """Ask on standard error; the colon behind the question is as the language in use writes it."""
    end = _("{question}: ").format(question="")
    return click.prompt(visible(question), prompt_suffix=end, err=True, **options)


def for_several(state: dict[str, Any]) -> bool:
    """Whether the command under way is for several accounts, or for all there are."""
    return len(state.get("profiles", ())) > 1 or bool(state.get("all_profiles"))


def account_words(state: dict[str, Any]) -> tuple[str, ...]:
    """The global options that choose the account, as they were given."""
    words = ["--sandbox"] if state.get("sandbox") else []
    for option, name in (("--base-url", "base_url"), ("--profile", "profile")):
        if state.get(name):
            words += [option, state[name]]
    return tuple(words)


_FLAGS = {"sandbox": "--sandbox", "quiet": "--quiet", "as_json": "--json", "all_profiles": "--all-profiles"}
_VALUES = {
    "base_url": "--base-url",
    "lang": "--lang",
    "log_file": "--log-file",
    "metrics": "--metrics",
    "accounts_at_once": "--accounts-at-once",
    "combined_report": "--combined-report",
}
_OF_ALL = frozenset({"as_json", "all_profiles", "accounts_at_once", "combined_report"})


def global_words(state: dict[str, Any], *, for_one: bool = False) -> list[str]:
    """The global options that were given, as words; `for_one`: without those about several accounts."""
    left_out = _OF_ALL if for_one else frozenset()
    words = [option for name, option in _FLAGS.items() if state.get(name) and name not in left_out]
    words += ["--verbose"] * (state.get("verbose") or 0)
    words += [f"{option}={state[name]}" for name, option in _VALUES.items() if state.get(name) and name not in left_out]
    return words if for_one else words + [f"--profile={name}" for name in state.get("profiles", ())]


def command_line(words: Sequence[str]) -> str:
    """The words as one command to paste, quoted as this system's shell needs it."""
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def echo_program(source: str) -> None:
    """A program of ours (shell completion) as it is: nothing foreign is in it."""
    click.echo(source)


class ReaderGone(Exception):
    """Whoever read our standard output has gone, as `| head` does."""


def write_json(value: dict[str, Any]) -> None:
    """One JSON object in a line of UTF-8 on standard output, whatever the console's encoding is."""
    text = visible_json(json.dumps(value, ensure_ascii=False))
    _write_bytes(text.encode() + b"\n")


def write_csv(parts: Iterable[pd.DataFrame], write: Callable[[BinaryIO, Iterable[pd.DataFrame]], None]) -> None:
    """Write frames of text columns to standard output: as they are for a program, made visible for a terminal."""
    if sys.stdout.isatty():
        parts = (part.apply(lambda column: column.map(visible)) for part in parts)
    sys.stdout.flush()
    write(sys.stdout.buffer, parts)
    sys.stdout.buffer.flush()


def echo_usage(error: click.UsageError, arguments: list[str]) -> None:
    """What click says of a wrong command line, on standard error.

    Its sentences may take several lines; a line break that the user's own words bring into them is shown as such.
    """
    told, problem = io.StringIO(), error.format_message()
    error.show(file=told)
    head = told.getvalue().removesuffix(f"{problem}\n")
    if any(len(word.splitlines()) > 1 for word in arguments):
        problem = visible(problem)
    for line in f"{head}{problem}".split("\n"):
        echo(line, err=True)


def echo_traceback(error: BaseException) -> None:
    """The traceback on standard error, a line a call: of each error the frames, then what it says in one line."""
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    for link in reversed(chain):
        echo("Traceback (most recent call last):", err=True)
        for frame in traceback.format_tb(link.__traceback__):
            for line in frame.splitlines():
                echo(line, err=True)
        echo(f"{type(link).__name__}: {link}", err=True)


class _Terminal:
    """Standard error that may be closed at any moment: what is shown there must not end a run."""

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr, name)

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.flush()


def terminal() -> IO[str]:
    """Standard error for what moves there (spinner, bar), which may be closed at any moment."""
    return cast("IO[str]", _Terminal())


def tame_logging() -> None:
    """What libraries log or warn of is said in the same harmless way."""
    LOGGER.propagate = False  # events are for a log file; people are told in sentences
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine("%(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.captureWarnings(capture=True)


class _OneLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """The record in one line, its traceback (which a library's `exception` adds) included."""
        return visible(super().format(record))


def _write_bytes(content: bytes) -> None:
    sys.stdout.flush()
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:  # a stream of text that a program has put in its place
        sys.stdout.write(content.decode())
        return
    binary.write(content)
    binary.flush()
