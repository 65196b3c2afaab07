"""Where the process starts and ends: streams, language, signals."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from ptx_bulk.cli import completion
from ptx_bulk.cli.ending import close_stdout, early, last_word, run_command, speak
from ptx_bulk.cli.showing import output
from ptx_bulk.cli.showing.channel import open_channel
from ptx_bulk.system import signals


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code; stop signals are heeded already, but deferred."""
    argv = list(sys.argv[1:] if arguments is None else arguments)
    state: dict[str, Any] = {}
    signals.on_last_word(lambda: last_word(state, argv))
    _never_fail_on_letters()
    open_channel()
    output.tame_logging()
    speak(early(argv, "--lang"))
    # Help texts are translated where the commands are declared, so these come after the language is known.
    from ptx_bulk.cli.app import cli

    if arguments is None and completion.asked():
        signals.leave()  # nothing is begun that would need a regular end
        code = completion.answer(cli)
        _flush()
        sys.exit(code)
    state["cli"] = cli
    code = run_command(cli, arguments if arguments is None else argv, argv, state)
    _flush()
    if arguments is not None:  # called by a program that lives on
        signals.leave()
    sys.exit(code)


def _flush() -> None:
    """Hand everything over while it can still be helped: what Python flushes at its very end is nobody's any more."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        close_stdout()


def _never_fail_on_letters() -> None:
    # A Windows console of another code page, or LC_ALL=C, must not turn an accent into a crash; what is written for
    # machines goes past these streams' encodings (see `output`).
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
